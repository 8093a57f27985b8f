"""What every test has: a quiet TensorFlow, and property tests that do not race a clock."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Read when TensorFlow is imported, which only tests marked `tensorflow` do: errors alone are worth a line.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# A machine that is busy with training is slow, not wrong.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run side by side (`pytest -n 2 --dist loadgroup`), one process starts Ray and one TensorFlow."""
    for item in items:
        for mark in ("ray", "tensorflow"):
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.xdist_group(mark))
                break
