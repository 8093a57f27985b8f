"""Fits the Gaussian process of a study: chooses its trials and when to refit its kernel.

To keep a suggestion fast, the kernel is fitted to at most MOST_FITTED trials, and again only when their number has
grown by a tenth; the posterior, and TPE, hold at most MOST_OBSERVED: the best trials and a random draw of the others.
The kernel depends only on the trials that had ended when it was due, so that a resumed study fits the same one.
"""

from __future__ import annotations

import numpy as np

from tuner.search.encoding import Encoding, Indices
from tuner.search.gaussian_process import GaussianProcess, Kernel, fit_kernel
from tuner.search.history import TrialHistory, half_ranked

MOST_FITTED = 100
MOST_OBSERVED = 250
REFIT_GROWTH = 1.1


class Surrogate:
    """Computes posteriors of a study's history. It keeps the last kernel."""

    def __init__(self, encoding: Encoding, seed: int) -> None:
        self._encoding = encoding
        self._seed = seed
        self._fitted: tuple[bytes, Kernel] | None = None

    def posterior(self, history: TrialHistory) -> GaussianProcess:
        """The posterior of the objective, in units of `half_ranked`."""
        rows = self.learned_from(history)
        return GaussianProcess(
            self._kernel(history),
            self._encoding.features(history.observed[rows]),
            self._encoding.groups,
            half_ranked(history.values)[rows],
            history.noise_factors[rows],
        )

    def learned_from(self, history: TrialHistory) -> Indices:
        """Indices of the trials that the posterior holds: at most MOST_OBSERVED, among them the best."""
        return self._chosen(history, len(history), MOST_OBSERVED)

    def _kernel(self, history: TrialHistory) -> Kernel:
        count = _last_due(len(history))
        content = history.observed[:count].tobytes() + history.values[:count].tobytes()
        if self._fitted is None or self._fitted[0] != content:
            rows = self._chosen(history, count, MOST_FITTED)
            features = self._encoding.features(history.observed[rows])
            targets = half_ranked(history.values[:count])[rows]
            self._fitted = content, fit_kernel(features, self._encoding.groups, targets, history.noise_factors[rows])
        return self._fitted[1]

    def _chosen(self, history: TrialHistory, count: int, most: int) -> Indices:
        """Indices of at most `most` of the first `count` trials: one half the best, the other drawn from the rest."""
        if count <= most:
            return np.arange(count)
        order = np.argsort(-history.values[:count], kind="stable")
        drawn = np.random.default_rng((self._seed, count)).choice(order[most // 2 :], most - most // 2, replace=False)
        return np.sort(np.concatenate([order[: most // 2], drawn]))


def _last_due(count: int) -> int:
    """The largest number of trials up to `count` at which a kernel is due: 1, 2, ..., then each time a tenth more."""
    due = 1
    while (following := max(due + 1, int(due * REFIT_GROWTH))) <= count:
        due = following
    return due
