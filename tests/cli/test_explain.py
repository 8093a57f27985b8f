"""`tuner explain` says in words which training problems a trial has, and how to fix them."""

from __future__ import annotations

import json
import random

import pytest

from tests.cli.conftest import HYPERPARAMETERS
from tests.store.samples import complete, epoch, finding, health, spec, start, vital_signs
from tuner.events import Architecture, Layer, Metrics, StudyStatus

CLASSES = Layer(
    layer_id="classes", layer_type="Dense", input_shape=[64], output_shape=[10], parameters=650, units=10
)  # fmt: skip
NETWORK = Architecture(type="cnn", total_parameters=650, layers=[CLASSES])


@pytest.fixture
def many(store, results):
    """The name of a study of 24 trials whose learning rate decides their health."""
    store.create_study(spec("m", mode="health", objective="total_score", trials=24), folder=str(results / "m"))
    store.append("m", StudyStatus(status="running"))
    chance = random.Random(0)
    for number in range(1, 25):
        values = {"learning_rate": chance.random(), "activation": chance.choice(["relu", "tanh"]), "optimizer": "adam"}
        metrics = health(neuron_utilization=1 - float(values["learning_rate"]))
        found = [finding()] if metrics.neuron_utilization < 0.5 else []
        store.append("m", start(number, trial_id=f"m-{number}", hyperparameters=values))
        store.append("m", complete(number, trial_id=f"m-{number}", hyperparameters=values, health_metrics=metrics,
                                   findings=found, objective=chance.random()))  # fmt: skip
    return "m"


class TestTrial:
    def test_its_problems_and_how_to_fix_them(self, tuner, healthy):
        code, out, err = tuner("explain", "h", "3")
        assert (code, err) == (0, "")
        lines = [line.strip() for line in out.splitlines()]
        assert lines[0] == "Trial 3, completed: health 0.67"
        assert lines[1] == "ended: it cannot become good: dying_units"
        assert "dying_units after epoch 2: 41 % of block1_conv's units are dead" in lines
        assert "try: lower the learning rate (now learning_rate=0.00123)" in lines
        assert "More epochs would not have helped." in out
        assert "Study:" not in out

    def test_a_low_metric_without_a_finding_is_document_too(self, tuner, healthy):
        out = tuner("explain", "h", "3").out
        assert "convergence_quality: it is 0.40" in out
        assert "neuron_utilization" not in out, "its finding says so"

    def test_a_running_trial_is_diagnosed_by_its_last_epoch(self, tuner, healthy):
        out = tuner("explain", "h", "5").out
        assert "Trial 5, running: health ~0.78" in out
        assert "oscillating_loss after epoch 1" in out
        assert "Not known, too few epochs: training_stability, accuracy_consistency." in out

    def test_nothing_wrong_is_said_so(self, tuner, healthy):
        assert "No problems found." in tuner("explain", "h", "1").out

    def test_a_trial_that_never_trained_has_no_diagnosis(self, tuner, healthy):
        out = tuner("explain", "h", "4").out
        assert "ended: loss is not finite" in out
        assert "No diagnosis: too few epochs." in out
        assert "not measured in study" not in out, "the study's others were"

    @pytest.mark.parametrize("number", ["0", "9"])
    def test_an_unknown_number_is_one_line_with_those_there_are(self, tuner, healthy, number):
        assert tuner("explain", "h", number) == (
            2,
            "",
            f"error: study 'h' has no trial {number} - its trials are 1 to 5\n",
        )

    def test_what_is_no_number_is_one_line(self, tuner, healthy):
        code, out, err = tuner("explain", "h", "three")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "TRIAL" in err

    def test_what_a_finding_says_cannot_steer_the_terminal(self, tuner, healthy, store):
        store.append("h", complete(1, health_metrics=health(), findings=[finding(evidence="a\x1b[31m\nb [bold]c")]))
        assert "dying_units after epoch 2: a [31m b [bold]c" in tuner("explain", "h", "1").out


class TestStudy:
    def test_the_best_trial_and_then_all_of_them(self, tuner, healthy):
        out = tuner("explain", "h").out
        assert out.startswith("Trial 1, completed: health 0.88")
        assert "Study: mean health 0.78 of 3 trials" in out
        assert ["dying_units", "1", "3"] in [line.split() for line in out.splitlines()]

    def test_too_few_trials_are_stated(self, tuner, healthy):
        out = tuner("explain", "h").out
        assert "Which hyperparameters influence health is not known: needs at least 10 trials, has 4." in out
        assert "nan" not in out.lower()

    def test_influence_on_health_and_its_direction(self, tuner, many):
        out = tuner("explain", many).out
        assert "Study m has no best trial yet." in out
        assert "Influence on health, from 24 trials (fanova)" in out
        (line,) = [line for line in out.splitlines() if line.strip().startswith("learning_rate")]
        assert "the lower, the better (rank correlation -1.00)" in line
        (line,) = [line for line in out.splitlines() if line.strip().startswith("activation")]
        assert line.rstrip().endswith("no clear direction")

    def test_json(self, tuner, many, healthy):
        document = json.loads(tuner("explain", many, "--json").out)
        assert document["trial"] is None
        diagnosis = document["all_trials"]
        assert diagnosis["trials_watched"] == 24
        assert diagnosis["directions"] == {
            "learning_rate": {"rank_correlation": pytest.approx(-1.0), "best_choice": None, "mean": None}
        }
        assert next(iter(diagnosis["drivers"]["importance"])) == "learning_rate"
        assert set(diagnosis["findings"]) == {"dying_units"}
        document = json.loads(tuner("explain", healthy, "3", "--json").out)
        assert document["trial"]["advice"][0]["remedies"][0] == "lower the learning rate (now learning_rate=0.00123)"
        assert document["trial"]["layers"] == {"block1_conv": 1.0, "dense1": 1.0, "classes": 1.0}
        assert document["all_trials"] is None
        assert document["measured"] is True

    @pytest.mark.parametrize("columns", ["20", "40", "80"])
    def test_its_tables_fit_the_terminal(self, tuner, many, columns, monkeypatch):
        monkeypatch.setenv("COLUMNS", columns)
        out = tuner("explain", many).out
        table = out[out.index("Influence on health") :].splitlines()[1:]
        assert max(map(len, table)) <= int(columns)

    def test_without_a_trial_there_is_nothing_to_explain(self, tuner, store, results):
        store.create_study(spec("e"), folder=str(results / "e"))
        assert tuner("explain", "e") == (2, "", "error: no trial of study 'e' has begun yet - see `tuner show e`\n")
        assert tuner("explain", "x").err.startswith("error: unknown study 'x'")


class TestModeSimple:
    @pytest.fixture
    def simple(self, store, results):
        """A study in mode simple whose one trial learned the training samples by heart, with a jagged loss."""
        store.create_study(spec("s"), folder=str(results / "s"))
        store.append("s", start(1, hyperparameters=HYPERPARAMETERS, architecture=NETWORK))
        for number, loss in enumerate([2.0, 1.0, 2.0, 1.0, 2.0, 0.9], 1):
            validation = Metrics(loss=1.0 + number / 2, accuracy=0.7)
            document = {"train": Metrics(loss=loss, accuracy=0.99), "validation": validation}
            store.append("s", epoch(number, **document))
        store.append("s", complete(1, hyperparameters=HYPERPARAMETERS, best_epoch=6, epochs_trained=6))
        return "s"

    def test_it_says_that_health_was_not_measured_and_how_to_measure_it(self, tuner, simple):
        out = tuner("explain", simple, "1").out
        assert "Health was not measured in study s; mode=health measures it" in out
        assert "Which hyperparameters influenced val_accuracy most: tuner importance s" in tuner("explain", simple).out
        assert json.loads(tuner("explain", simple, "--json").out)["measured"] is False

    def test_a_gain_after_no_more_gain_takes_its_advice_back(self, tuner, store, results):
        store.create_study(spec("late"), folder=str(results / "late"))
        store.append("late", start(1, hyperparameters=HYPERPARAMETERS, architecture=NETWORK))
        accuracies = [0.7, 0.69, 0.68, 0.67, 0.66, 0.65, 0.64, 0.9]
        for number, accuracy in enumerate(accuracies, 1):
            shown = Metrics(loss=0.5 + number / 10, accuracy=accuracy)
            store.append("late", epoch(number, train=Metrics(loss=1 / number, accuracy=accuracy), validation=shown))
        best = len(accuracies)
        store.append("late", complete(1, hyperparameters=HYPERPARAMETERS, best_epoch=best, epochs_trained=best))
        assert "no_more_gain" not in tuner("explain", "late", "1").out

    def test_what_the_curves_tell_is_read_all_the_same(self, tuner, simple):
        out = tuner("explain", simple, "1").out
        assert "oscillating_loss after epoch 4: the training loss goes up and down" in out
        assert "overfitting after epoch" in out
        document = json.loads(tuner("explain", simple, "1", "--json").out)["trial"]
        assert set(document["metrics"]) == {
            "training_stability", "accuracy_consistency", "parameter_efficiency", "convergence_quality",
        }  # fmt: skip
        assert (document["vital_signs"], document["layers"]) == (None, {})

    def test_a_network_whose_classes_are_not_known_is_not_judged_by_chance(self, tuner, store, simple):
        nameless = Architecture(type="own", total_parameters=650, layers=[])
        store.append("s", start(1, hyperparameters=HYPERPARAMETERS, architecture=nameless, resumed_from_epoch=6))
        document = json.loads(tuner("explain", "s", "1", "--json").out)["trial"]
        assert set(document["metrics"]) == {"accuracy_consistency", "parameter_efficiency"}
        assert document["findings"] == []

    def test_where_the_curves_are_well_no_more_than_that_is_claimed(self, tuner, store, simple):
        store.append("s", start(2, trial_id="s-2", hyperparameters=HYPERPARAMETERS, architecture=NETWORK))
        for number in range(1, 9):
            metrics = Metrics(loss=0.05 + 2.0 / 4**number, accuracy=0.9)
            store.append("s", epoch(number, 2, train=metrics, validation=metrics))
        assert "No problems found in its learning curves." in tuner("explain", "s", "2").out

    def test_too_few_epochs_are_stated(self, tuner, finished):
        out = tuner("explain", finished, "1").out
        assert "Not known, too few epochs: accuracy_consistency, training_stability, convergence_quality." in out

    def test_a_study_with_health_stop_alone_has_findings_without_a_health(self, tuner, store, results):
        store.create_study(spec("t", health_stop=True), folder=str(results / "t"))
        store.append("t", start(1))
        store.append("t", complete(1, vital_signs=vital_signs(), findings=[finding()]))
        out = tuner("explain", "t").out
        assert "was not measured in study" not in out
        assert "Study: 1 trial\n" in out
        assert ["dying_units", "1", "1"] in [line.split() for line in out.splitlines()]
        assert "Health itself was not measured; mode=health measures it" in out
        assert "dying_units after epoch 2" in tuner("explain", "t", "1").out
