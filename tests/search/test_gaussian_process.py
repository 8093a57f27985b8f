"""The Gaussian process: it interpolates, tells noise from signal, finds what matters, and never gives NaN."""

from __future__ import annotations

import numpy as np
import pytest

from tuner.search.gaussian_process import GaussianProcess, Kernel, fit_kernel


def fitted(features, targets, groups=None, factors=None) -> GaussianProcess:
    groups = np.arange(features.shape[1]) if groups is None else groups
    factors = np.ones(len(targets)) if factors is None else factors
    return GaussianProcess(fit_kernel(features, groups, targets, factors), features, groups, targets, factors)


def standard(values):
    return (values - values.mean()) / values.std()


def test_it_interpolates_a_smooth_function():
    x = np.random.default_rng(0).random((40, 2))
    gp = fitted(x, standard(np.sin(4 * x[:, 0]) + x[:, 1] ** 2))
    mean, deviation = gp.predict(x)
    assert np.abs(mean - standard(np.sin(4 * x[:, 0]) + x[:, 1] ** 2)).max() < 0.1
    assert deviation.max() < 0.2
    assert np.corrcoef(gp.leave_one_out(), np.sin(4 * x[:, 0]) + x[:, 1] ** 2)[0, 1] > 0.95


def test_it_is_unsure_far_from_what_it_saw():
    x = 0.2 * np.random.default_rng(0).random((20, 1))
    _, deviation = fitted(x, standard(np.sin(30 * x[:, 0]))).predict(np.array([[0.1], [1.0]]))
    assert deviation[1] > 3 * deviation[0]


def test_it_tells_noise_from_signal():
    rng = np.random.default_rng(1)
    x = rng.random((80, 2))
    calm, noisy = np.sin(5 * x[:, 0]), np.sin(5 * x[:, 0]) + rng.normal(0, 1, 80)
    assert fitted(x, standard(noisy)).kernel.noise > 0.2 > 0.05 > fitted(x, standard(calm)).kernel.noise


def test_it_finds_which_parameters_matter():
    x = np.random.default_rng(2).random((60, 5))
    weights = fitted(x, standard(np.sin(6 * x[:, 3]))).kernel.weights
    assert weights[3] > 5 * np.delete(weights, 3).max()


def test_columns_of_a_group_share_a_weight():
    x = np.random.default_rng(3).random((20, 4))
    assert fitted(x, standard(x[:, 0]), groups=np.array([0, 0, 1, 1])).kernel.weights.shape == (2,)


def test_noisier_targets_count_less():
    x = np.array([[0.5], [0.5]])
    kernel = Kernel(np.array([1.0]), 1.0, 0.1)
    gp = GaussianProcess(kernel, x, np.array([0]), np.array([1.0, -1.0]), np.array([1.0, 100.0]))
    assert gp.predict(x)[0][0] > 0.7


def drawing(seed=0):
    return np.random.default_rng(seed)


def test_imagining_takes_the_doubt_where_trials_run():
    rng = np.random.default_rng(4)
    x, new = rng.random((15, 2)), rng.random((3, 2))
    gp = fitted(x, standard(np.sin(9 * x[:, 0])))
    before, after = gp.predict(new), gp.imagining(new, drawing()).predict(new)
    assert (after[1] < before[1]).all()
    assert gp.imagining(np.zeros((0, 2)), drawing()) is gp


def test_what_is_imagined_is_as_uncertain_as_the_posterior():
    x = np.random.default_rng(4).random((15, 2))
    gp, new = fitted(x, standard(np.sin(9 * x[:, 0]))), np.array([[0.3, 2.0], [0.7, -1.0]])
    means = np.array([gp.imagining(new, drawing(seed)).predict(new)[0] for seed in range(300)])
    expected, doubt = gp.predict(new)
    assert means.mean(axis=0) == pytest.approx(expected, abs=0.3 * doubt.max())
    assert means.std(axis=0) == pytest.approx(doubt, rel=0.2)


def test_a_trial_is_believed_to_be_at_least_as_good_as_it_is_already():
    x = np.random.default_rng(4).random((15, 2))
    gp, new = fitted(x, standard(np.sin(9 * x[:, 0]))), np.array([[0.1, 0.5], [0.9, 0.5]])
    expected, _ = gp.predict(new)
    free = gp.imagining(new, drawing()).predict(new)[0]
    held = gp.imagining(new, drawing(), np.array([expected[0] + 2, -np.inf])).predict(new)[0]
    assert held[0] > expected[0] + 1
    assert held[1] == pytest.approx(free[1], abs=0.2)


def test_the_gradient_of_the_fit_is_right():
    # If it were not, L-BFGS would stop at once, with every weight where the prior put it.
    x = np.random.default_rng(5).random((30, 3))
    weights = fitted(x, standard(np.sin(7 * x[:, 1]))).kernel.weights
    assert weights[1] > 3 * weights[0]
    assert weights[1] > 3 * weights[2]


@pytest.mark.parametrize(
    ("features", "targets"),
    [
        (np.random.default_rng(0).random((12, 3)), np.zeros(12)),
        (np.full((12, 3), 0.5), np.zeros(12)),
        (np.full((12, 3), 0.5), standard(np.arange(12.0))),
        (np.repeat(np.random.default_rng(0).random((3, 3)), 40, axis=0), standard(np.arange(120.0))),
        (np.array([[0.1, 0.2, 0.3]]), np.array([0.0])),
        (np.random.default_rng(0).random((12, 3)), np.array([0.0] * 11 + [1e6])),
    ],
    ids=["constant", "one place", "one place, different targets", "duplicates", "a single one", "an outlier"],
)
def test_nothing_is_ever_nan(features, targets):
    gp = fitted(features, targets)
    probes = np.vstack([features, np.random.default_rng(9).random((50, 3))])
    for numbers in (*gp.predict(probes), gp.leave_one_out(), *gp.imagining(probes[-2:], drawing()).predict(probes)):
        assert np.isfinite(numbers).all()
