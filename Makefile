# Two commands do all the set-up on a bare machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# What a user asks for: make demo ARGS="dataset=mnist trials=20"
ARGS ?= dataset=digits trials=8 max_epochs_per_trial=6 seed=7

# Every worker is a process of its own: without compiled modules each takes 10 s more to import TensorFlow.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test coverage servers kills lint bench lock clean

demo: .venv/ready
	$(BIN)/tuner run $(ARGS)

test: .venv/ready servers lint
	$(BIN)/pytest -n 2 --dist loadfile --durations=25

# Apart from the tests, which it slows down.
coverage: .venv/ready servers
	$(BIN)/pytest -n 2 --dist loadfile --cov --cov-report=term

# Real servers that tests start, from the distribution's packages. Who may not install them sees their tests skipped.
servers:
	@if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null; then \
		echo "installing PostgreSQL for the tests ..."; .ci/install postgresql || echo "not installed: its tests are skipped"; \
	fi
	@if ! command -v redis-server >/dev/null; then \
		echo "installing Redis for the tests ..."; .ci/install redis-server || echo "not installed: its tests are skipped"; \
	fi

# kill -9 at 20 seeded moments of real studies: half an hour, or more on a busy machine.
KILLS ?= 20
kills: .venv/ready
	TUNER_KILLS=$(KILLS) $(BIN)/pytest -s tests/study/test_kills.py

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Measurements, not tests: each prints a table and writes it to tests/benchmarks/results/.
bench: .venv/ready
	for file in tests/benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

.venv/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "tuner needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv .venv
	@echo "installing the locked packages (about 700 MB, a minute or two) ..."
	@$(PIP) install --quiet $$(grep '^uv==' requirements.lock)
# uv installs in a fifth of the time; pip does where uv does not find its way to the packages (a proxy, a mirror).
	@$(BIN)/uv pip install --quiet --compile-bytecode --python .venv --requirement requirements.lock 2>/dev/null \
		|| $(PIP) install --quiet --requirement requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Newest versions within the ranges of pyproject.toml, without any address of where they came from.
lock: .venv/ready
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra postgres --extra aws --extra gcp --universal --upgrade --quiet \
		--no-annotate --no-header --no-emit-index-url --no-emit-find-links --output-file requirements.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
