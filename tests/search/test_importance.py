"""Importance, of studies whose truth is known: the objective is a function of the hyperparameters."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.search.samples import RandomSuggester, space
from tuner.events import Scalar
from tuner.search.importance import MIN_TRIALS, MOST_TRIALS, UnknownImportanceError, importance, judged, usable
from tuner.store import TrialRow

Hyperparameters = dict[str, Scalar]


def trial(number: int, objective: float | None, status: str = "completed", **hyperparameters: Scalar) -> TrialRow:
    return TrialRow.model_validate(
        {
            "trial_id": f"a-{number:05d}",
            "trial_number": number,
            "status": status,
            "hyperparameters": hyperparameters,
            "objective": objective,
            "epochs_trained": 1,
        }
        | dict.fromkeys(["started_at", "completed_at", "duration_seconds", "architecture"])
        | dict.fromkeys(["performance", "cause", "reason", "error", "best_epoch"])
        | {"values": {} if objective is None else {"val_accuracy": objective}}
    )


def study(
    number: int, draw: Callable[[random.Random], Hyperparameters], truth: Callable[..., float], seed: int = 0
) -> list[TrialRow]:
    """Trials that were drawn at random."""
    chance = random.Random(seed)
    drawn = [draw(chance) for _ in range(number)]
    return [trial(index, truth(**values), **values) for index, values in enumerate(drawn, start=1)]


def two(chance: random.Random) -> Hyperparameters:
    return {"x": chance.random(), "y": chance.random()}


def reason(trials: list[TrialRow]) -> str:
    with pytest.raises(UnknownImportanceError) as caught:
        importance(trials, "val_accuracy")
    return caught.value.message


class TestWhatMatters:
    @pytest.mark.parametrize("seed", range(3))
    def test_what_matters_ten_times_more_is_far_more_important(self, seed: int) -> None:
        found = importance(study(30, two, lambda x, y: 10 * x + y, seed), "val_accuracy")
        assert list(found) == ["x", "y"]
        assert found["x"] > 10 * found["y"]

    @pytest.mark.parametrize("number", [MIN_TRIALS, MOST_TRIALS, MOST_TRIALS + 1, 3 * MOST_TRIALS + 7])
    def test_large_studies_are_judged_by_trials_that_are_evenly_spread(self, number: int) -> None:
        numbers = [one.trial_number for one in judged(study(number, two, lambda x, y: x))]
        assert len(numbers) == min(number, MOST_TRIALS)
        apart = {after - before for before, after in pairwise(numbers)}
        assert max(apart) - min(apart) <= 1
        assert numbers[0] == 1

    @pytest.mark.parametrize("objective", ["val_accuracy", "val_loss"])
    def test_shares_are_in_0_to_1_sum_to_1_and_fall(self, objective: str) -> None:
        found = importance(study(30, two, lambda x, y: x + y), objective)  # type: ignore[arg-type]
        assert sum(found.values()) == pytest.approx(1)
        assert all(0 <= share <= 1 and type(share) is float for share in found.values())
        assert list(found.values()) == sorted(found.values(), reverse=True)

    def test_a_parameter_in_the_middle_of_whose_range_the_best_is_counts_too(self) -> None:
        found = importance(study(30, two, lambda x, y: -10 * abs(x - 0.5) + y), "val_accuracy")
        assert found["x"] > 0.8

    def test_the_scale_of_a_number_does_not_matter(self) -> None:
        plain = study(30, two, lambda x, y: 10 * x + y)
        stretched = [
            one.model_copy(update={"hyperparameters": {k: math.exp(50 * v) for k, v in one.hyperparameters.items()}})
            for one in plain
        ]
        assert importance(stretched, "val_accuracy") == pytest.approx(importance(plain, "val_accuracy"))

    def test_values_of_all_types_are_judged(self) -> None:
        def draw(chance: random.Random) -> Hyperparameters:
            return {
                "word": chance.choice(["relu", "swish", "tanh"]),
                "whole": chance.randint(1, 4),
                "switch": chance.random() < 0.5,
                "mixed": chance.choice([1, True, "1", 2.5]),
            }

        for name, truth in {
            "word": lambda **hp: len(hp["word"]) + (hp["word"] == "relu") * 3.0,
            "whole": lambda **hp: float(hp["whole"]),
            "switch": lambda **hp: float(hp["switch"]),
            "mixed": lambda **hp: float(type(hp["mixed"]) is bool),
        }.items():
            found = importance(study(40, draw, truth), "val_accuracy")
            assert len(found) == 4
            assert found[name] > 0.7, name


class TestConditions:
    def test_a_conditional_parameter_is_judged_among_the_trials_that_have_it(self) -> None:
        def draw(chance: random.Random) -> Hyperparameters:
            optimizer = chance.choice(["sgd", "adam"])
            momentum = {"momentum": chance.random()} if optimizer == "sgd" else {}
            return {"optimizer": optimizer, "y": chance.random(), **momentum}

        found = importance(study(40, draw, lambda y, optimizer, momentum=0.5: 10 * momentum + y), "val_accuracy")
        assert found["momentum"] > 0.5

    def test_it_counts_by_the_share_of_the_trials_that_have_it(self) -> None:
        def draw(part: float) -> Callable[[random.Random], Hyperparameters]:
            def drawn(chance: random.Random) -> Hyperparameters:
                there = chance.random() < part
                return {"there": there, "y": chance.random()} | ({"c": chance.random()} if there else {})

            return drawn

        def truth(y: float, there: bool, c: float = 0.5) -> float:
            return 2 * y + 2 * c

        rare, usual = (importance(study(80, draw(part), truth), "val_accuracy")["c"] for part in (0.2, 0.9))
        assert rare < 0.25
        assert usual > 2 * rare

    def test_whether_it_is_there_is_the_importance_of_what_decides_so(self) -> None:
        def draw(chance: random.Random) -> Hyperparameters:
            layers = chance.randint(1, 2)
            return {"layers": layers} | ({"filters_2": chance.random()} if layers == 2 else {})

        found = importance(study(30, draw, lambda layers, filters_2=0.0: layers + filters_2 / 100), "val_accuracy")
        assert found["layers"] > 0.95

    def test_the_learning_rates_of_all_optimizers_are_one_parameter_each_ranked_among_its_own(self) -> None:
        bounds = {"sgd": (1e-3, 3e-1), "rmsprop": (1e-4, 5e-3), "adam": (1e-4, 1e-2)}

        def draw(chance: random.Random) -> Hyperparameters:
            optimizer = chance.choice(list(bounds))
            low, high = bounds[optimizer]
            return {"optimizer": optimizer, "learning_rate": low * (high / low) ** chance.random()}

        def truth(optimizer: str, learning_rate: float) -> float:
            low, high = bounds[optimizer]
            return math.log(learning_rate / low) / math.log(high / low)

        found = importance(study(40, draw, truth), "val_accuracy")
        assert found["learning_rate"] > 0.9

    def test_one_that_hardly_any_trial_has_counts_nothing_and_is_named(self) -> None:
        trials = study(20, two, lambda x, y: x)
        trials[3] = trials[3].model_copy(update={"hyperparameters": trials[3].hyperparameters | {"c": 1}})
        trials[9] = trials[9].model_copy(update={"hyperparameters": trials[9].hyperparameters | {"c": 2}})
        assert importance(trials, "val_accuracy")["c"] == 0

    @pytest.mark.parametrize("architecture", ["cnn", "lstm"])
    def test_every_parameter_of_a_real_space_that_varied_is_named(self, architecture: str) -> None:
        real, suggester = space(architecture), RandomSuggester(1)
        trials = [
            trial(number, math.log(float(values["learning_rate"])), **values)
            for number, values in enumerate((real.suggest(suggester) for _ in range(25)), start=1)
        ]
        varied: dict[str, set[Scalar]] = {}
        for one in trials:
            for name, value in one.hyperparameters.items():
                varied.setdefault(name, set()).add(value)
        found = importance(trials, "val_accuracy")
        assert set(found) == {name for name, values in varied.items() if len(values) > 1}
        assert "epochs" not in found, "it is fixed"


class TestTrials:
    def test_the_order_of_trials_and_parameters_does_not_matter_nor_does_chance(self) -> None:
        trials = study(25, two, lambda x, y: x - y)
        turned = [
            one.model_copy(update={"hyperparameters": dict(reversed(one.hyperparameters.items()))})
            for one in reversed(trials)
        ]
        random.seed(1)
        first = importance(trials, "val_accuracy")
        random.seed(2)
        assert list(importance(turned, "val_accuracy").items()) == list(first.items())

    def test_pruned_ones_count_diverged_ones_are_the_worst_and_the_others_say_nothing(self) -> None:
        trials = study(30, two, lambda x, y: 1.0 + y / 10)
        for index, one in enumerate(trials):
            if float(one.hyperparameters["x"]) > 0.6:  # a value from before it diverged is no merit
                trials[index] = one.model_copy(update={"status": "diverged", "objective": 2.0 if index % 2 else None})
            elif index % 2:
                trials[index] = one.model_copy(update={"status": "pruned"})
        noise = [
            trial(100 + index, 50.0, status, x=0.0, y=0.0)
            for index, status in enumerate(["failed", "rejected", "cancelled", "running"])
        ]
        found = importance(trials, "val_accuracy")
        assert found["x"] > 0.8
        assert importance(trials + noise, "val_accuracy") == found
        assert len(usable(trials + noise)) == 30

    def test_one_exploded_loss_does_not_decide(self) -> None:
        trials = study(30, two, lambda x, y: 10 * x + y)
        worst = min(trials, key=lambda one: one.hyperparameters["x"])
        trials.append(trial(31, 1e30, x=worst.hyperparameters["x"], y=0.123))
        assert importance(trials, "val_loss")["x"] > 0.8


class TestNotKnown:
    @pytest.mark.parametrize("number", [0, 1, MIN_TRIALS - 1])
    def test_too_few_trials(self, number: int) -> None:
        assert reason(study(number, two, lambda x, y: x)) == f"needs at least 10 trials, has {number}"

    def test_enough_trials(self) -> None:
        assert set(importance(study(MIN_TRIALS, two, lambda x, y: x), "val_accuracy")) == {"x", "y"}

    def test_a_constant_objective(self) -> None:
        assert reason(study(20, two, lambda x, y: 0.5)) == "all 20 trials have the same objective"

    def test_all_diverged(self) -> None:
        trials = [one.model_copy(update={"status": "diverged"}) for one in study(20, two, lambda x, y: x)]
        assert reason(trials) == "all 20 trials have the same objective"

    def test_nothing_that_varied(self) -> None:
        trials = [trial(number, number / 20, x=1, word="a") for number in range(20)]
        assert reason(trials) == "no parameter varied over the 20 trials"

    def test_one_good_trial_among_diverged_ones_is_a_difference(self) -> None:
        trials = [one.model_copy(update={"status": "diverged"}) for one in study(19, two, lambda x, y: x)]
        found = importance([*trials, trial(20, 0.5, x=2.0, y=0.5)], "val_accuracy")
        assert sum(found.values()) == pytest.approx(1)

    def test_a_parameter_that_explains_nothing_gets_no_share_by_division_through_zero(self) -> None:
        trials = [trial(number, float(number), x=0.0, c=1.0) for number in range(20)]
        trials = [*trials[:9], trials[9].model_copy(update={"hyperparameters": {"x": 0.0}}), *trials[10:]]
        trials[0] = trials[0].model_copy(update={"hyperparameters": {"x": 0.0, "c": 2.0}})
        shares = importance(trials, "val_accuracy")
        assert shares == {"c": 1.0}


def test_what_is_slow_to_import_waits_until_a_forest_is_grown() -> None:
    code = (
        "import sys, tuner.search.importance;"
        "sys.exit(str([m for m in ('optuna', 'sklearn', 'ray', 'tensorflow') if m in sys.modules] or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
