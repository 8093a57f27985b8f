"""What every test has: a quiet TensorFlow, and property tests that do not race a clock."""

from __future__ import annotations

import os

from hypothesis import settings

# Read when TensorFlow is imported, which only tests marked `tensorflow` do: errors alone are worth a line.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# A machine that is busy with training is slow, not wrong.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
