"""What the command line shows of a network's health."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from tests.store.samples import CNN, complete, finding, health, start, vital_signs
from tuner.console.show import summary
from tuner.events import LayerHealth
from tuner.health.health_text import METRICS
from tuner.spec_parts import HealthWeights
from tuner.study.result import view


def lines(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines()]


class TestShow:
    def test_in_mode_health_each_trial_has_its_score_and_its_health(self, tuner, healthy):
        out = tuner("show", "h").out
        assert ["trial", "status", "total_score", "health", "accuracy", "epochs"] in [one[:6] for one in lines(out)]
        assert ["1", "completed", "0.9275", "0.88", "0.9500", "10"] in [one[:6] for one in lines(out)]
        assert "best      trial 1: total_score 0.9275, val_accuracy 0.9500, health 0.88" in out

    def test_what_lacked_data_is_marked_and_the_mark_is_explained(self, tuner, healthy):
        out = tuner("show", "h").out
        assert ["2", "pruned", "0.5840", "~0.78"] in [one[:4] for one in lines(out)]
        assert "~ too few epochs for some metrics: each counts as 0.5" in out

    def test_a_trial_in_training_has_the_health_of_its_last_epoch(self, tuner, healthy):
        assert ["5", "running", "-", "~0.78"] in [one[:4] for one in lines(tuner("show", "h").out)]

    def test_in_mode_pareto_both_objectives_and_the_score(self, tuner, pareto):
        out = tuner("show", "p").out
        assert ["*1", "completed", "0.9500", "0.8750", "0.9275"] in [one[:5] for one in lines(out)]
        assert "~0.7800" in out

    def test_the_best_trial_has_its_metrics_with_weights_signs_and_layers(self, tuner, healthy):
        out = tuner("show", "h").out
        assert "Health of trial 1: 0.88, total_score 0.9275 (70 % accuracy, 30 % health)" in out
        found = {one[0]: one[1:4] for one in lines(out) if one and one[0] in METRICS}
        assert list(found) == list(METRICS)
        assert found["neuron_utilization"] == ["25", "%", "0.80"]
        assert "gradient norm 0.25, train/validation gap +0.0200" in out
        assert ["block1_conv", "1.00", "16", "0", "%", "-", "1.0e-02", "3.0e-03"] in lines(out)

    def test_a_metric_without_data_says_so_in_words(self, tuner, healthy, store, results):
        unsure = health("training_stability")
        store.append(
            "h", complete(1, objective=0.9275, health_metrics=unsure, vital_signs=vital_signs(gradient_norm=None))
        )
        out = tuner("show", "h").out
        assert "training_stability      20 %  ~0.50  too few epochs: counts as 0.5" in out
        assert "gradient norm not finite" in out

    @pytest.mark.parametrize("columns", [20, 46, 66, 80, 200])
    @pytest.mark.parametrize("study", ["healthy", "pareto"])
    def test_it_fits_the_terminal(self, tuner, request, monkeypatch, columns, study):
        name = request.getfixturevalue(study)
        monkeypatch.setenv("COLUMNS", str(columns))
        out = tuner("show", name).out
        prose = ("~ ", "Health of", "gradient norm", "Best trial", "Training problems")
        shown = [one for one in out[out.index("\n\n") :].splitlines() if not one.startswith(prose)]
        assert max(map(len, shown)) <= columns
        if columns >= 40 and study == "healthy":
            assert any(one[:2] == ["1", "completed"] and "0.88" in one for one in map(str.split, shown))

    def test_a_layer_with_a_long_name_leaves_room_for_its_numbers(self, tuner, healthy, store, monkeypatch):
        signs = vital_signs(LayerHealth(layer_id="layer_" * 30, units=8, dead=0.25, gradient=0.1, update=None))
        store.append("h", complete(1, objective=0.9275, health_metrics=health(), vital_signs=signs))
        monkeypatch.setenv("COLUMNS", "80")
        (line,) = [one for one in tuner("show", "h").out.splitlines() if "layer_layer" in one]
        assert len(line) <= 80
        assert line.split()[-3:] == ["1.0e-01", "not", "finite"]

    def test_json_has_all_of_it(self, tuner, healthy):
        document = json.loads(tuner("show", "h", "--json").out)
        assert document["best"]["health_metrics"]["neuron_utilization"] == 0.8
        assert document["best"]["vital_signs"]["layers"][0]["layer_id"] == "block1_conv"
        assert document["trials"][1]["health_metrics"]["insufficient"] == ["training_stability", "accuracy_consistency"]
        assert document["trials"][2]["findings"][0]["name"] == "dying_units"
        assert document["spec"]["health_weights"] == HealthWeights().shares

    def test_in_mode_simple_nothing_is_said_of_health(self, tuner, finished):
        out = tuner("show", "a").out
        assert "ealth" not in out
        assert "total_score" not in out


class TestBest:
    def test_the_health_of_the_winner(self, tuner, healthy):
        out = tuner("best", "h").out
        assert "Health of trial 1: 0.88" in out
        told = json.loads(tuner("best", "h", "--json").out)
        assert told["health_metrics"]["overall_health"] == pytest.approx(0.875)
        assert told["health_weights"] == HealthWeights().shares

    def test_findings_are_lines_that_cannot_steer_the_terminal(self, tuner, healthy, store):
        store.append("h", start(1, architecture=CNN))
        found = [finding(evidence="40 %\x1b[31m of [bold]x\ny")]
        store.append("h", complete(1, objective=0.9275, health_metrics=health(), findings=found))
        assert "  dying_units after epoch 2: 40 % [31m of [bold]x y" in tuner("best", "h").out

    def test_in_mode_simple_nothing_is_said_of_health(self, tuner, finished):
        assert "ealth" not in tuner("best", "a").out


class TestSummary:
    @pytest.mark.parametrize(("study", "told"), [("healthy", True), ("finished", False)])
    def test_the_end_of_a_study_names_the_command_that_explains(self, store, request, study, told):
        name = request.getfixturevalue(study)
        out = Console(file=io.StringIO(), width=200)
        out.print(summary(view(store, name)))
        assert (f"tuner explain {name}" in out.file.getvalue()) is told
        assert ("health" in out.file.getvalue()) is told
