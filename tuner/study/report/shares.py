"""Shares as percentages, and how certain a share of samples is."""

from __future__ import annotations

import math

NO_BREAK = "\N{NO-BREAK SPACE}"
Z95 = 1.959964
"""The normal distribution has 95 % of its probability within this many standard deviations."""
MANY_SAMPLES = 5_000
"""Samples from which on a hundredth of a percent means something."""


def percent(share: float, samples: int | None = None) -> str:
    """A share in [0, 1] such as `96.8 %`; with two digits if it is a share of many samples. Only 1 is `100 %`."""
    digits = 2 if samples is not None and samples >= MANY_SAMPLES else 1
    value = round(share * 100, digits)
    if share < 1 and value >= 100:
        value = 100 - 10**-digits
    return f"{value:.0f}{NO_BREAK}%" if share in (0.0, 1.0) else f"{value:.{digits}f}{NO_BREAK}%"


def whole_percent(share: float) -> str:
    """A share rounded to whole percents, such as `77 %`."""
    return f"{share * 100:.0f}{NO_BREAK}%"


def points(difference: float) -> str:
    """The size of a difference of two shares, such as `0.3 percentage points`."""
    size = f"{abs(difference) * 100:.1f}"
    return f"{size} percentage point{'' if size == '1.0' else 's'}"


def interval(share: float, samples: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share of that many samples (Wilson, 1927): both ends in [0, 1]."""
    if samples <= 0:
        return 0.0, 1.0
    square = Z95**2 / samples
    middle = (share + square / 2) / (1 + square)
    half = Z95 * math.sqrt(share * (1 - share) / samples + square / (4 * samples)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def by_chance(one: float, samples: int, other: float, other_samples: int) -> bool:
    """Whether two shares of independent samples differ by less than chance explains in 19 of 20 cases."""
    if not samples or not other_samples:
        return True
    variance = one * (1 - one) / samples + other * (1 - other) / other_samples
    return abs(one - other) <= Z95 * math.sqrt(variance)
