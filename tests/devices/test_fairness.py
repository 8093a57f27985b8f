"""How studies share a cluster, as numbers."""

import math

import pytest

from tuner.devices.fairness import TURN_S, WAITED_S, ResourceDemand, max_concurrent, should_yield

CPU, GPU = {"CPU": 1.0}, {"CPU": 1.0, "GPU": 1.0}
EIGHT = {"CPU": 8.0}


def claim(held=0, waiting=0, waited_s=WAITED_S, bundle=CPU):
    return ResourceDemand((bundle,) * held, (bundle,) * waiting, waited_s if waiting else 0.0)


def settled(total, *wants, started_with=None):
    """How many places each of several studies has in the end, where each wants so many.

    Whoever gives way ends one trial after the other, and a free place goes to who has least of those that wait.
    """
    held = list(started_with or [0] * len(wants))
    for _ in range(100):
        before = list(held)
        claims = [claim(have, want - have) for have, want in zip(held, wants, strict=True)]
        for number, mine in enumerate(claims):
            others = [other for at, other in enumerate(claims) if at != number]
            if should_yield(mine, others, {"CPU": total}):
                held[number] -= 1
        while sum(held) < total and any(have < want for have, want in zip(held, wants, strict=True)):
            held[min((have, number) for number, have in enumerate(held) if have < wants[number])[1]] += 1
        if held == before:
            return held
    return pytest.fail(f"never settled: {held}")


def test_who_is_alone_gives_nothing_away():
    assert not should_yield(claim(8, 8), [], EIGHT)


def test_two_studies_have_half_of_the_cluster_each_whoever_came_first():
    assert settled(8, 20, 20, started_with=[8, 0]) == [4, 4]


def test_an_odd_place_stays_where_it_is():
    assert settled(3, 20, 20, started_with=[2, 1]) == [2, 1]
    assert settled(3, 20, 20, started_with=[3, 0]) == [2, 1]


def test_what_one_does_not_want_the_others_have():
    assert settled(8, 20, 2, started_with=[8, 0]) == [6, 2]


def test_any_number_of_studies_get_their_part():
    assert sorted(settled(16, *[20] * 5, started_with=[16, 0, 0, 0, 0])) == [3, 3, 3, 3, 4]


def test_nobody_gives_way_to_who_has_more_or_as_much():
    assert not should_yield(claim(4), [claim(4, 9)], EIGHT)
    assert not should_yield(claim(2), [claim(6, 9)], EIGHT)


def test_a_trial_that_is_just_being_placed_takes_nothing_from_anybody():
    assert not should_yield(claim(8), [claim(0, 1, waited_s=0.0)], EIGHT)


def test_with_more_studies_than_places_they_take_turns():
    alone, waits = claim(1), claim(0, 1, waited_s=TURN_S)
    assert should_yield(alone, [waits], {"CPU": 1.0})
    assert not should_yield(alone, [claim(0, 1, waited_s=TURN_S - 1)], {"CPU": 1.0})
    assert not should_yield(ResourceDemand(waiting=(CPU,)), [claim(1, 1, waited_s=TURN_S)], {"CPU": 1.0})


def test_a_study_whose_trials_are_large_gets_its_turn_though_it_will_have_more():
    large = ResourceDemand((), ({"CPU": 8.0},), TURN_S)
    assert should_yield(claim(8), [large], EIGHT)


def test_who_waits_for_what_nobody_here_holds_is_not_helped_by_anybody_here():
    total = {"CPU": 8.0, "GPU": 2.0}
    waits_for_gpus = claim(0, 4, TURN_S, bundle=GPU)
    has_the_gpus = claim(2, bundle=GPU)
    assert not should_yield(claim(6), [waits_for_gpus, has_the_gpus], total)
    assert not should_yield(claim(8), [waits_for_gpus], EIGHT), "the cluster is to grow by them"
    assert not should_yield(claim(4), [ResourceDemand((), ({"memory": 1.0},), TURN_S)], EIGHT)


def test_the_larger_one_of_the_parts_of_cpus_and_gpus_counts():
    total = {"CPU": 8.0, "GPU": 2.0}
    both_gpus, some_cpus = claim(2, bundle=GPU), claim(3, 9)
    assert should_yield(both_gpus, [some_cpus], total), "4 of 8 CPUs are no more than one of two GPUs"
    assert not should_yield(both_gpus, [claim(6, 9)], total)


def test_in_company_few_trials_wait_since_they_take_over_what_would_be_given_away():
    assert max_concurrent(claim(8), []) == math.inf
    assert max_concurrent(claim(0), [claim(8)]) == 1
    assert max_concurrent(claim(3), [claim(8)]) == 4
    assert max_concurrent(claim(16), [claim(0, 1)]) == 20
    assert max_concurrent(claim(16), [ResourceDemand()]) == math.inf
