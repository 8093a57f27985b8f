"""The first trials of a study: of its kind of data, within its space, and only where a search learns from them."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks import bench_portfolio
from tests.search.samples import IMAGES, TEXTS, narrowed
from tuner.data import ImageInput
from tuner.search.portfolio import TABLE, portfolio
from tuner.search.space import make_space
from tuner.spec import StudySpec


def members(architecture="cnn", data_input=IMAGES, **fields):
    spec = StudySpec(**{"trials": 100, **fields})
    space = make_space(spec, architecture, data_input, {})
    return portfolio(spec, space, architecture, data_input), space


@pytest.mark.parametrize(("architecture", "data_input"), [("cnn", IMAGES), ("auto", TEXTS)])
def test_every_member_is_a_whole_configuration_of_the_default_space(architecture, data_input):
    found, space = members(architecture, data_input)
    assert len(found) >= 3
    for member in found:
        values = space.choose(lambda parameter, member=member: member[parameter.key])
        assert all(one.holds(values[one.name]) for one in space.parameters if one.when(values))


def test_the_table_is_what_the_measurements_choose(tmp_path):
    curves = bench_portfolio.read_curves(bench_portfolio.RESULTS)
    bench_portfolio.write({kind: bench_portfolio.chosen(kind, curves) for kind in bench_portfolio.DATA}, tmp_path / "t")
    assert json.loads((tmp_path / "t").read_text()) == json.loads(TABLE.read_text())


def test_a_choice_without_a_data_set_reads_none_of_its_curves():
    curves = bench_portfolio.read_curves(bench_portfolio.RESULTS)
    kept = {key: curve for key, curve in curves.items() if not key[0].startswith("imdb")}
    assert bench_portfolio.chosen("texts", curves, "imdb") == bench_portfolio.chosen("texts", kept, "imdb")


@pytest.mark.parametrize("searcher", ["random", "grid", "nsga2"])
def test_a_searcher_that_learns_from_no_other_trials_stays_pure(searcher):
    assert members(searcher=searcher)[0] == ()


def test_an_own_network_has_none():
    assert members("own")[0] == ()


@pytest.mark.parametrize(("trials", "count"), [(1, 1), (2, 1), (4, 2)])
def test_at_most_half_of_the_trials_are_of_the_portfolio(trials, count):
    assert len(members(trials=trials)[0]) == count


def test_a_narrowed_space_holds_them_all_and_none_comes_twice():
    space = narrowed(filters_1="4..8", learning_rate="1e-4..2e-4", first_dense_nodes=16, kernel_size=5)
    found, _ = members(space=space)
    assert all(member["filters_1"] == 8 for member in found)
    assert all(member["learning_rate"] <= 2e-4 for member in found if "learning_rate" in member)
    assert not any({"kernel_size", "first_dense_nodes"} & member.keys() for member in found), "they are fixed"
    assert len({json.dumps(member, sort_keys=True) for member in found}) == len(found)


def test_what_the_user_excludes_is_not_tried():
    found, _ = members("auto", TEXTS, space=narrowed(architecture=["lstm", "gru"]))
    assert {member["architecture"] for member in found} <= {"lstm", "gru"}


@pytest.mark.parametrize("architecture", ["ngram", "lstm", "gru", "conv1d"])
def test_a_study_of_one_kind_of_network_tries_members_of_that_kind(architecture):
    found, space = members(architecture, TEXTS)
    names = {parameter.key for parameter in space.parameters}
    assert all(member.keys() <= names for member in found)


def test_a_study_of_recurrent_networks_over_images_has_none():
    assert members("lstm", IMAGES)[0] == ()


def test_a_belief_takes_the_place_of_a_value():
    found, _ = members(space=narrowed(dropout={"prior": 0.05}))
    assert {member["dropout"] for member in found} == {0.05}


def flips(found):
    return {member["augment_flip"] for member in found if member["augmentation"]}


@pytest.mark.parametrize("data_input", [ImageInput(8, 8, 1, 1 / 16, 0.0), IMAGES, ImageInput(64, 64, 3, 1 / 255, 0.0)])
def test_images_start_without_mirroring_since_it_changes_digits_and_signs(data_input):
    """A mirrored digit or traffic sign means something else, and nothing tells the portfolio what the images show."""
    found, _ = members(data_input=data_input)
    assert flips(found) == {False}
    assert all(member.get("augment_flip", False) is False for member in json.loads(TABLE.read_text())["images"])


def test_images_are_mirrored_from_the_start_for_who_believes_in_it():
    found, _ = members(space=narrowed(augment_flip={"prior": True}))
    assert flips(found) == {True}


def test_a_believed_optimizer_comes_without_the_learning_rate_of_another():
    found, _ = members(space=narrowed(optimizer={"prior": "rmsprop"}))
    assert {member["optimizer"] for member in found} == {"rmsprop"}
    assert not any(key.startswith("learning_rate") and key != "learning_rate_schedule" for one in found for key in one)
