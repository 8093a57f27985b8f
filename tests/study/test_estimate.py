"""What a study would search and cost, without its data."""

from __future__ import annotations

import pytest

from tests.store.samples import DATA
from tuner.errors import FixInputError
from tuner.models import estimate as cost_of
from tuner.spec import parse_study_spec
from tuner.study.estimate import STUDY_S, EarlierStudy, Estimator, KnownData

TWO_CPUS = {"CPU": 2.0, "GPU": 0.0}
FIXED = {"space": {"conv_layers": 1, "block": "plain", "block_layers": 1, "filters_1": 16, "kernel_size": 3}}


def estimator(cluster=TWO_CPUS, known=None, earlier=(), **fields):
    spec = parse_study_spec({"dataset": "digits", **fields})
    return Estimator(spec, known or KnownData.of(spec.dataset), cluster, earlier)


def took(seconds_per_trial, seconds, trials=4, **fields):
    return EarlierStudy(parse_study_spec({"dataset": "digits", **fields}), trials, seconds_per_trial, seconds)


class TestKnownData:
    def test_the_catalogue_knows_the_images_of_one_size(self):
        assert KnownData.of("digits") == KnownData("image", 1_797, 10, (8, 8, 1))
        assert KnownData.of("cifar100") == KnownData("image", 60_000, 100, (32, 32, 3))
        assert KnownData.of("gtsrb") == KnownData("image", 39_270, 43, None)
        assert KnownData.of("imdb") == KnownData("text", 50_000, 2, None)

    def test_of_a_data_set_that_was_read_its_report_knows_more(self):
        report = DATA.report.model_copy(update={"shape": (8, 8, 1)})
        assert KnownData.of("/a/path", report) == KnownData("image", 12, 2, (8, 8, 1))
        assert KnownData.of("/a/path", DATA.report).shape is None, "an older tuner read it"

    def test_images_have_the_size_that_the_study_asks_for(self):
        known = KnownData("image", 10, 2, (256, 128, 3))
        size = lambda **fields: known.network_input(parse_study_spec(fields))  # noqa: E731
        assert (size().height, size().width, size().channels) == (128, 64, 3)
        assert (size(image_size="16x32").height, size(image_size="16x32").width) == (16, 32)

    def test_the_samples_are_split_as_the_study_asks(self):
        train, validation = KnownData("image", 1_000, 2, None).split(parse_study_spec({"sample_percentage": 0.5}))
        assert (train, validation) == (320, 80), "a fifth is for the test, and half of the rest is used"


class TestStudy:
    def test_the_smallest_and_the_largest_network_of_the_space(self):
        found = estimator().study()
        assert 0 < found.smallest_parameters < 1_000
        assert found.largest_parameters > 1_000_000
        one = estimator(**FIXED, max_parameters=100_000).study()
        assert one.largest_parameters == 100_000, "larger ones are rejected"

    def test_as_many_workers_as_fit_but_no_more_than_trials(self):
        assert estimator().study().workers == 2
        assert estimator(trials=1).study().workers == 1
        assert estimator(concurrent_workers=7).study().workers == 2, "2 CPUs train no more at once"
        assert estimator(concurrent_workers=1).study().workers == 1
        assert estimator(None, concurrent_workers=7).study().workers == 7
        assert estimator({"CPU": 8.0, "GPU": 1.0}).study().workers == 8, "small networks share a GPU"

    def test_the_whole_takes_as_long_as_its_rounds_of_trials(self):
        found = estimator(trials=5).study()
        assert found.total_seconds == pytest.approx(3 * found.seconds_per_trial + STUDY_S)
        assert estimator(time_budget_s=2, trials=5).study().total_seconds == 2 + STUDY_S

    def test_earlier_studies_of_the_same_data_correct_it(self):
        calculated = estimator().study().seconds_per_trial
        # Trials took three times as long as calculated; the study took 7 s more than its two rounds of them.
        one = took(3 * calculated, 2 * 3 * calculated + 7)
        found = estimator(earlier=[one], trials=8).study()
        assert found.seconds_per_trial == pytest.approx(3 * calculated)
        assert found.total_seconds == pytest.approx(4 * 3 * calculated + 7)
        longer = estimator(earlier=[one], max_epochs_per_trial=30).study().seconds_per_trial
        assert longer == pytest.approx(3 * estimator(max_epochs_per_trial=30).study().seconds_per_trial)

    def test_of_several_earlier_studies_the_median_counts_and_one_that_fits_the_data_no_more_does_not(self):
        calculated = estimator().study().seconds_per_trial
        several = [took(factor * calculated, 1_000) for factor in (2, 9, 4)]
        other = took(99, 999, architecture="ngram")
        found = estimator(earlier=[*several, other]).study()
        assert found.seconds_per_trial == pytest.approx(4 * calculated)

    def test_more_epochs_cost_more(self):
        few, many = (estimator(max_epochs_per_trial=epochs).study().seconds_per_trial for epochs in (3, 30))
        assert many > few

    def test_what_is_not_known_is_none(self):
        of_several_sizes = estimator(known=KnownData("image", 39_270, 43, None)).study()
        assert (of_several_sizes.smallest_parameters, of_several_sizes.seconds_per_trial) == (None, None)
        without_cluster = estimator(None).study()
        assert (without_cluster.workers, without_cluster.total_seconds) == (None, None)
        own = estimator(model="module:function").study()
        assert (own.networks, own.workers, own.largest_parameters, own.total_seconds) == (20, 2, None, None)

    def test_thousands_of_choices_take_no_longer(self):
        wide = {name: list(range(1, 1_001)) for name in ("filters_1", "filters_2", "filters_3", "first_dense_nodes")}
        found = estimator(space=wide).study()
        assert found.smallest_parameters < found.largest_parameters

    def test_a_spec_that_does_not_fit_the_data_is_refused(self):
        with pytest.raises(FixInputError, match="reads texts"):
            estimator(architecture="ngram")
        with pytest.raises(FixInputError, match=r"space\.units: no such parameter"):
            estimator(space={"units": 3})


class TestNetwork:
    def test_its_layers_and_cost_are_those_of_its_hyperparameters(self):
        given = {"conv_layers": 1, "filters_1": 20, "dense_layers": 1, "first_dense_nodes": 30}
        found = estimator().network(given)
        assert given.items() <= found.hyperparameters.items()
        spec = parse_study_spec({"dataset": "digits"})
        cost = cost_of("cnn", found.hyperparameters, KnownData.of("digits").network_input(spec), 10)
        assert (found.parameters, found.memory_bytes, found.flops) == (cost.parameters, cost.memory_bytes, cost.flops)
        assert sum(layer.parameters for layer in found.layers) == found.parameters
        assert found.layers[-1].output_shape == [10]
        assert found.seconds_per_epoch > 0

    def test_a_missing_one_of_a_series_is_as_the_one_before_it(self):
        found = estimator().network({"conv_layers": 3, "filters_1": 20})
        assert [found.hyperparameters[f"filters_{block}"] for block in (1, 2, 3)] == [20, 20, 20]
        assert "filters_4" not in found.hyperparameters

    def test_it_may_be_out_of_the_space_but_not_out_of_what_a_study_may_search(self):
        assert estimator(**FIXED).network({"kernel_size": 7}) is not None
        with pytest.raises(FixInputError, match=r"conv_layers=99 is out of range"):
            estimator().network({"conv_layers": 99})
        with pytest.raises(FixInputError, match=r"hyperparameters\.conv_layer: no such parameter here") as refused:
            estimator().network({"conv_layer": 2})
        assert refused.value.remedy == "did you mean 'conv_layers'?"

    def test_there_is_none_of_an_own_model(self):
        assert estimator(model="module:function").network({}) is None
