# `make demo` and `make test` install everything themselves; they need Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DASHBOARD := $(BIN)/python serve_app/dashboard/hatch_build.py
# Settings of the study: make demo ARGS="dataset=mnist trials=20"
ARGS ?= dataset=digits time_budget_s=45 seed=7

# Without compiled modules each worker process needs 10 s more to import TensorFlow.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-slow coverage dashboard dashboard-tests types servers screenshots kills faults lint bench bench-dashboard lock clean

demo: .venv/ready
	@$(DASHBOARD) --optional
	$(BIN)/tuner run $(ARGS)

# A file stays in one worker; tests/conftest.py puts the long files first.
TWO_WORKERS := -n 2 --dist loadfile --no-loadscope-reorder
test: .venv/ready servers
	@$(MAKE) --no-print-directory -j2 lint dashboard-tests
	$(BIN)/pytest $(TWO_WORKERS) -m "not slow" --durations=25

# What starts and ends whole clusters: nodes that come and go, drivers and servers that are killed, RunPod, many GPUs.
test-slow: .venv/ready servers
	@$(DASHBOARD) --optional
	$(BIN)/pytest $(TWO_WORKERS) -m slow --durations=25

# Not part of `make test`, since it slows the tests down.
coverage: .venv/ready servers
	@$(DASHBOARD) --optional
	$(BIN)/pytest $(TWO_WORKERS) --cov --cov-report=term

# Builds serve_app/static if the sources have changed. Needs the npm registry once.
dashboard: .venv/ready
	@$(DASHBOARD)

# TypeScript's and Biome's checks, Vitest, and a build. Skipped with one line if the npm registry cannot be reached.
dashboard-tests: .venv/ready
	@$(DASHBOARD) --optional test

# The types of the dashboard, from the API and the feed. Run it after each change of their schemas.
types: .venv/ready
	@mkdir -p build
	$(BIN)/python -m serve_app.feed.document
	$(BIN)/python -m serve_app.openapi_document > build/openapi.json
	@$(DASHBOARD) run types $(CURDIR)/build/openapi.json

# PostgreSQL, Redis and Chromium for the tests, from the distribution's packages. Their tests are skipped if this fails.
servers:
	@if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null; then \
		echo "installing PostgreSQL for the tests ..."; .ci/install postgresql || echo "not installed: its tests are skipped"; \
	fi
	@if ! command -v redis-server >/dev/null; then \
		echo "installing Redis for the tests ..."; .ci/install redis-server || echo "not installed: its tests are skipped"; \
	fi
	@if ! command -v chromium >/dev/null; then \
		echo "installing Chromium for the tests ..."; .ci/install chromium || echo "not installed: its tests are skipped"; \
	fi

# kill -9 at 20 seeded moments of real studies: takes half an hour, more on a busy machine.
KILLS ?= 20
kills: .venv/ready
	TUNER_KILLS=$(KILLS) $(BIN)/pytest -s tests/study/test_kills.py

# Each kind of process of a server killed, its database away, its disk full, at 50 seeded moments: takes half an hour, more on a busy machine.
FAULTS ?= 50
faults: .venv/ready
	TUNER_FAULTS=$(FAULTS) $(BIN)/pytest -s tests/serve_app/faults

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Each benchmark prints a table and writes it to tests/benchmarks/results/. Not those of `bench-dashboard` and of the
# portfolio, whose curves decide which trials come first.
bench: .venv/ready
	for file in $(filter-out %/bench_dashboard.py %/bench_portfolio.py,$(wildcard tests/benchmarks/bench_*.py)); do \
		$(BIN)/python $$file || exit 1; done

# The dashboard's times in a browser, to be run alone on the machine.
bench-dashboard: .venv/ready servers dashboard
	$(BIN)/python tests/benchmarks/bench_dashboard.py

# Every page at three widths in both themes, into build/screenshots: make screenshots RESULTS=./results
screenshots: .venv/ready servers dashboard
	$(BIN)/python tests/serve_app/dashboard/screenshots.py $(if $(RESULTS),--results $(RESULTS))

.venv/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "tuner needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv .venv
	@echo "installing the locked packages (about 700 MB, a minute or two) ..."
	@$(PIP) install --quiet $$(grep '^uv==' requirements.lock)
# uv needs a fifth of the time. pip is the fallback where uv cannot reach the packages (a proxy, a mirror).
	@$(BIN)/uv pip install --quiet --compile-bytecode --python .venv --requirement requirements.lock 2>/dev/null \
		|| $(PIP) install --quiet --requirement requirements.lock
# Without its hook, which would build the dashboard in silence: `demo` and `test` build it.
	@HATCH_BUILD_NO_HOOKS=true $(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Locks the newest versions within the ranges of pyproject.toml, without the address of any registry.
lock: .venv/ready
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra postgres --extra aws --extra gcp --extra onnx \
		--extra plots --extra mlflow --extra wandb --universal --upgrade --quiet --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --output-file requirements.lock

clean:
	rm -rf serve_app/static serve_app/dashboard/node_modules
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
