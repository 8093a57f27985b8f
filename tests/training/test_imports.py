"""What is slow to import is imported only by those who need it."""

import subprocess
import sys

import pytest

SLOW = ("tensorflow", "keras", "ray", "optuna", "sklearn", "pandas", "matplotlib", "sqlalchemy")


@pytest.mark.parametrize(
    "module", ["tuner", "tuner.spec", "tuner.search.space", "tuner.models", "tuner.training", "tuner.events"]
)
def test_a_light_module_stays_light(module):
    code = f"import sys, {module}; print(*[name for name in {SLOW!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_search_knows_ray_and_not_tensorflow():
    code = "import sys, tuner.search.searcher, tuner.search.schedulers; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"ray", "optuna"} <= loaded
    assert not {"tensorflow", "keras"} & loaded
