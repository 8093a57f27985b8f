"""A small Gaussian process: kernel fitted by maximum a posteriori, posterior, and leave-one-out predictions.

The kernel is Matern 5/2 over a distance in which each group of feature columns (one hyperparameter) has its own weight
(automatic relevance determination). Targets are expected to have mean 0 and variance about 1. Constant targets,
duplicates and a single observation are allowed. All matrices are float64; n is the number of observations.

Formulas: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006): 2.25-2.30 posterior and marginal
likelihood, 5.9 its gradient, 5.12 leave-one-out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are first used, which no study's first trials wait for

from tuner.search.encoding import Array, Indices

JITTER = 1e-6
"""Added to the kernel's diagonal, so that equal configurations do not make the matrix singular."""

LENGTH_SHIFT = -0.5
LENGTH_SPREAD = 1.0
"""Mean and standard deviation of the logarithm of a length scale, the former for a space of one hyperparameter."""

NOISE_PRIOR = (math.log(0.005), 1.5)
"""Mean and standard deviation of the logarithm of the noise variance, in units of the targets' variance. Little noise
is expected: a model that explains its first surprises as noise learns nothing from them."""

MOST_FIT_STEPS = 40


@dataclass(frozen=True)
class Kernel:
    """Weights of squared distance per group of columns (1 / length scale squared), signal and noise variance."""

    weights: Array
    signal: float
    noise: float

    def between(self, left: Array, right: Array, groups: Indices) -> Array:
        """Covariances of shape (len(left), len(right)) without noise; features of shape (n, columns)."""
        scale = np.sqrt(self.weights)[groups]
        return self.signal * _matern(scipy.spatial.distance.cdist(left * scale, right * scale, "sqeuclidean"))


def fit_kernel(features: Array, groups: Indices, targets: Array, noise_factors: Array) -> Kernel:
    """The most probable kernel for `features` of shape (n, columns) and `targets` of shape (n,).

    Length scales have a log-normal prior whose median grows with the square root of the number of hyperparameters, so
    that a model of many of them begins as smooth as a model of few (Hvarfner, Hellsten and Nardi, Vanilla Bayesian
    Optimization Performs Great in High Dimensions, 2024).

    Args:
        groups: Shape (columns,), integers from 0: the hyperparameter of each column.
        noise_factors: Shape (n,): how many times the common noise variance each target has.
    """
    count = int(groups.max()) + 1 if len(groups) else 0
    columns = [features[:, groups == group] for group in range(count)]
    flat = np.stack([scipy.spatial.distance.cdist(one, one, "sqeuclidean").ravel() for one in columns])
    shape = (len(targets), len(targets))
    log_length = 0.5 * math.log(max(1, count)) + LENGTH_SHIFT
    means = np.array([-2 * log_length] * count + [0.0, NOISE_PRIOR[0]])
    spreads = np.array([2 * LENGTH_SPREAD] * count + [1.0, NOISE_PRIOR[1]])
    noise_diagonal = np.diag(noise_factors)

    def negative_log_posterior(logs: Array) -> tuple[float, Array]:
        values = np.exp(logs)
        weights, signal, noise = values[:-2], values[-2], values[-1]
        squared = (weights @ flat).reshape(shape)
        root = np.sqrt(5 * squared)
        decay = np.exp(-root)
        matern = (1 + root + 5 / 3 * squared) * decay
        try:
            factor = scipy.linalg.cholesky(
                signal * matern + noise * noise_diagonal + JITTER * np.eye(len(targets)), lower=True
            )
        except np.linalg.LinAlgError:
            return 1e25, np.zeros_like(logs)
        solved = scipy.linalg.cho_solve((factor, True), targets)
        inverse, _ = scipy.linalg.lapack.dpotri(factor, lower=1)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        # d(-log likelihood)/d(theta) = 1/2 tr((K^-1 - a a^T) dK/d(theta)), a = K^-1 y.
        pull = 0.5 * (inverse - np.outer(solved, solved))
        slope = pull * (-5 / 6 * signal * (1 + root) * decay)
        of_variances = [signal * np.sum(pull * matern), noise * np.sum(np.diag(pull) * noise_factors)]
        gradient = np.concatenate([weights * (flat @ slope.ravel()), of_variances])
        score = 0.5 * float(targets @ solved) + float(np.log(np.diag(factor)).sum())
        off = (logs - means) / spreads
        return score + 0.5 * float(off @ off), gradient + off / spreads

    bounds = [(mean - 3 * spread, mean + 3 * spread) for mean, spread in zip(means, spreads, strict=True)]
    options = {"maxiter": MOST_FIT_STEPS}
    found = scipy.optimize.minimize(
        negative_log_posterior, means, jac=True, method="L-BFGS-B", bounds=bounds, options=options
    )
    values = np.exp(found.x)
    return Kernel(values[:-2], float(values[-2]), float(values[-1]))


class GaussianProcess:
    """The posterior of one kernel given observations."""

    def __init__(self, kernel: Kernel, features: Array, groups: Indices, targets: Array, noise_factors: Array) -> None:
        """Shapes as of `fit_kernel`."""
        self.kernel, self._groups, self._features = kernel, groups, features
        self._targets, self._noise_factors = targets, noise_factors
        covariance = kernel.between(features, features, groups)
        covariance[np.diag_indices_from(covariance)] += kernel.noise * noise_factors + JITTER
        self._factor = scipy.linalg.cholesky(covariance, lower=True)
        self._solved = scipy.linalg.cho_solve((self._factor, True), targets)

    def predict(self, features: Array) -> tuple[Array, Array]:
        """Mean and standard deviation, each of shape (n,), of the function without noise."""
        mean, explained = self._explained(features)
        variance = self.kernel.signal - np.einsum("ij,ij->j", explained, explained)
        return mean, np.sqrt(np.maximum(variance, 1e-12))

    def leave_one_out(self) -> Array:
        """Shape (n,): each target as predicted from the others."""
        inverse, _ = scipy.linalg.lapack.dpotri(self._factor, lower=1)
        mean: Array = self._targets - self._solved / np.diag(inverse)
        return mean

    def trust(self) -> float:
        """Correlation of the targets with their leave-one-out predictions, in [0, 1]; 0 for constant ones."""
        predicted = self.leave_one_out()
        if predicted.std() < 1e-9 or self._targets.std() < 1e-9:
            return 0.0
        return float(np.clip(np.corrcoef(predicted, self._targets)[0, 1], 0.0, 1.0))

    def imagining(
        self, features: Array, rng: np.random.Generator, at_least: Array | float = -math.inf
    ) -> GaussianProcess:
        """This posterior as if values drawn from it, or `at_least` if larger, had been observed at `features`.

        So running trials count: the uncertainty around them vanishes, and with it the reason to try similar ones. One
        draw of all values together (Snoek, Larochelle and Adams, Practical Bayesian Optimization of Machine Learning
        Algorithms, 2012, average over many) differs from suggestion to suggestion, as in parallel Thompson sampling
        (Kandasamy et al., 2018), and spreads the workers; with the mean all of them would trust the same model.
        """
        if not len(features):
            return self
        mean, explained = self._explained(features)
        covariance = self.kernel.between(features, features, self._groups) - explained.T @ explained
        scales, directions = np.linalg.eigh(covariance)
        drawn = mean + directions @ (np.sqrt(np.maximum(scales, 0.0)) * rng.standard_normal(len(mean)))
        return GaussianProcess(
            self.kernel,
            np.vstack([self._features, features]),
            self._groups,
            np.concatenate([self._targets, np.maximum(drawn, at_least)]),
            np.concatenate([self._noise_factors, np.ones(len(features))]),
        )

    def _explained(self, features: Array) -> tuple[Array, Array]:
        """Mean of shape (n,), and a matrix (observations, n) whose squared columns sum to the explained variance."""
        across = self.kernel.between(features, self._features, self._groups)
        return across @ self._solved, scipy.linalg.solve_triangular(self._factor, across.T, lower=True)


def _matern(squared: Array) -> Array:
    root = np.sqrt(5 * squared)
    matern: Array = (1 + root + 5 / 3 * squared) * np.exp(-root)
    return matern
