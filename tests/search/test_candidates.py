"""Candidates: allowed, distinct, near what they are made from."""

from __future__ import annotations

import numpy as np

from tests.search.samples import space
from tuner.search.candidates import CandidatePool, crossed, first_untried, mutants, neighbours, spread
from tuner.search.encoding import Encoding, identity
from tuner.search.parameter import Parameter
from tuner.search.space import Space

SMALL = Encoding(
    Space(
        (
            Parameter("kind", "", choices=("a", "b")),
            Parameter("size", "", 1, 3, integer=True),
            Parameter("more", "", choices=(1, 2, 3), when=lambda hp: hp["kind"] == "b"),
        )
    )
)
NETWORK = Encoding(space())
RNG = np.random.default_rng(0)


def test_a_pool_holds_nothing_twice_and_nothing_taken():
    first = CandidatePool(SMALL, frozenset(), {})
    first.add(RNG.random((200, 3)))
    assert len(first) == len({identity(one.values) for one in first.configurations}) == 3 + 9
    rest = CandidatePool(SMALL, frozenset(identity(one.values) for one in first.configurations[:10]), {})
    rest.add(RNG.random((200, 3)))
    assert len(rest) == len(rest.coordinates) == 2


def test_every_quarter_of_the_space_has_a_first_point():
    points = spread(2, seed=3, count=4)
    assert {(int(2 * x), int(2 * y)) for x, y in points} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert (spread(2, seed=3, count=2) == points[:2]).all()
    assert (spread(2, seed=4, count=4) != points).any()


def test_mutants_differ_from_their_parent_in_a_thing_or_two_and_stay_in_the_cube():
    parents = NETWORK.coordinates([one.values for one in NETWORK.decode(RNG.random((5, len(NETWORK.axes))))])
    children = mutants(NETWORK, parents, 40, RNG)
    assert children.shape == (200, len(NETWORK.axes))
    assert ((children >= 0) & (children <= 1)).all()
    kept = np.isclose(children, np.repeat(parents, 40, axis=0))
    exists = ~np.isnan(np.repeat(parents, 40, axis=0))
    changed = (exists & ~kept).sum(axis=1)
    assert (changed > 0).mean() > 0.9
    assert 1 < changed.mean() < 3


def test_neighbours_of_a_finite_space_are_all_that_differ_in_one_value():
    (parent,) = SMALL.decode(np.array([[0.9, 0.5, 0.5]]))
    points = neighbours(SMALL, SMALL.coordinates([parent.values]), RNG)
    pool = CandidatePool(SMALL, frozenset({identity(parent.values)}), {})
    pool.add(points)
    assert [one.values for one in pool.configurations] == [
        {"kind": "a", "size": 2},
        {"kind": "b", "size": 1, "more": 2},
        {"kind": "b", "size": 3, "more": 2},
        {"kind": "b", "size": 2, "more": 1},
        {"kind": "b", "size": 2, "more": 3},
    ]


def test_crossing_takes_each_coordinate_from_a_parent_and_fills_what_both_lack():
    parents = np.array([[0.1, 0.2, np.nan], [0.8, 0.9, np.nan]])
    children = crossed(parents, 100, RNG)
    assert set(children[:, 0]) == {0.1, 0.8}
    assert set(children[:, 1]) == {0.2, 0.9}
    assert np.isfinite(children[:, 2]).all()


def test_the_last_untaken_configuration_is_found():
    pool = CandidatePool(SMALL, frozenset(), {})
    pool.add(RNG.random((200, 3)))
    for left_out in pool.configurations:
        taken = frozenset(identity(one.values) for one in pool.configurations if one is not left_out)
        assert first_untried(SMALL, CandidatePool(SMALL, taken, {})) == left_out
    everything = frozenset(identity(one.values) for one in pool.configurations)
    assert first_untried(SMALL, CandidatePool(SMALL, everything, {})) is None


def test_given_values_hold_in_the_walk_too():
    taken = frozenset(identity(one.values) for one in SMALL.decode(np.array([[0.0, 0.0, 0.0], [0.0, 0.5, 0.0]])))
    found = first_untried(SMALL, CandidatePool(SMALL, taken, {"kind": "a"}))
    assert found is not None
    assert found.values == {"kind": "a", "size": 3}
