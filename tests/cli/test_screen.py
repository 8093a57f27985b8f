"""What a running study looks like, on terminals of all sizes and as plain lines."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.cli.conftest import events_of_a_study, last_events
from tests.store.samples import BASELINE, at, complete, start
from tuner.console.bars import share_bar
from tuner.console.formatting import clean, duration, estimate
from tuner.console.plain_display import HEARTBEAT_S, PlainDisplay, heartbeat
from tuner.console.screen import study_screen
from tuner.console.snapshot import Snapshot
from tuner.console.terminal import StderrAboveScreen
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.event_text import event_line
from tuner.study.progress import progress
from tuner.study.result import best_so_far

LIVE = {5: {"trial_number": 5, "epoch": 3, "epochs": 10, "batch": 40, "batches": 150, "loss": 0.1234, "accuracy": 0.5}}
SPEC = StudySpec(run_name="a", dataset="digits", trials=8)


def snapshot(store: Store, status: str = "running", name: str = "a", **fields: Any) -> Snapshot:
    study, trials, epochs = store.study(name), store.trials(name), store.epochs(name)
    return Snapshot(
        SPEC if name == "a" else study.spec, 61.0, status, busy=False,
        progress=progress(study, trials, epochs, LIVE, at(98)), trials=trials,
        best=best_so_far(study, trials), **fields,
    )  # fmt: skip


def drawn(shown: Snapshot, width: int = 80, height: int = 24, note: str = "", **options: Any) -> list[str]:
    stream = io.StringIO()
    out = Console(file=stream, width=width, height=height, force_terminal=False, color_system=None, **options)
    out.print(study_screen(shown, width, height, note))
    return [event_line.rstrip() for event_line in stream.getvalue().splitlines()]


class TestScreen:
    def test_all_of_it(self, store: Store, running: str) -> None:
        lines = drawn(snapshot(store), 100, 24)
        assert lines[0] == "a  digits  val_accuracy"
        assert lines[1].startswith("running  1 min 01 s  about ")
        assert lines[2].endswith("4/8 trials  2 completed, 1 pruned, 1 failed, 1 running")
        assert lines[3] == "best: trial 2  val_accuracy 0.8750"
        assert "trial 5  epoch 3/10" in lines[5]
        assert lines[5].endswith("batch 40/150  loss 0.1234  accuracy 0.5000")
        assert "ValueError: [bold]no [31m way" in lines[7]
        assert [event_line.split()[1] for event_line in lines[7:]] == ["4", "3", "2", "1"]

    @pytest.mark.parametrize("width", [1, 20, 40, 80, 200])
    def test_it_fits_any_terminal(self, store: Store, running: str, width: int) -> None:
        shown = snapshot(store)
        for height in (1, 2, 4, 5, 7, 10, 24, 50):
            lines = drawn(shown, width, height)
            assert len(lines) <= height
            assert max(map(len, lines)) <= width

    def test_a_small_terminal_shows_what_matters(self, store: Store, running: str) -> None:
        text = "\n".join(drawn(snapshot(store), 40, 10))
        for part in ("running", "4/8 trials", "best: trial 2", "trial 5", "3/10", "trial 4", "failed"):
            assert part in text

    def test_many_running_trials_leave_room_for_those_that_ended(self, store: Store, running: str) -> None:
        for number in range(6, 40):
            store.append("a", start(number, trial_id=f"a-{number}", hyperparameters={"epochs": 3}))
        lines = drawn(snapshot(store), 80, 12)
        assert len(lines) == 12
        assert sum("epoch 1/3" in one or "epoch 3/10" in one for one in lines) == 5
        assert "and 30 more running" in lines
        assert lines[-1].startswith("trial 3")

    def test_rejected_trials_do_not_crowd_out_the_others(self, store: Store, running: str) -> None:
        for number in range(6, 20):
            store.append("a", complete(number, trial_id=f"a-{number}", status="rejected", reason="too large"))
        lines = drawn(snapshot(store), 100, 24)
        assert "14 rejected" in lines[2]
        assert [event_line.split()[1] for event_line in lines[7:]] == ["4", "3", "2", "1"]

    def test_before_the_study_begins(self) -> None:
        starting = Snapshot(SPEC, 12.3, "starting Ray")
        lines = drawn(starting, note="mnist.npz:  40%|###   \x1b[A")
        assert lines == ["a  digits  val_accuracy", "/ starting Ray ...  12 s", "mnist.npz:  40%|###    [A"]
        assert len(drawn(starting, 5, 1)) == 1

    def test_an_old_terminal_gets_ascii(self) -> None:
        out = Console(file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"), width=10)
        assert out.options.ascii_only
        with out.capture() as capture:
            out.print(share_bar(0.5))
        assert capture.get() == "=====....."

    def test_the_other_objective_shows_the_accuracy_too(self, store: Store, running: str) -> None:
        shown = snapshot(store)
        by_loss = Snapshot(
            SPEC.model_copy(update={"objective": "val_loss"}), 1.0, "running", progress=shown.progress,
            trials=shown.trials, best=shown.best.model_copy(update={"objective": 0.125}),
        )  # fmt: skip
        assert "best: trial 2  val_loss 0.1250  val_accuracy 0.8750" in drawn(by_loss)

    @pytest.mark.parametrize(("objective", "reached"), [("val_accuracy", "0.8500"), ("val_macro_f1", "0.4000")])
    def test_the_baseline_stands_beside_the_best_by_the_same_score(
        self, store: Store, running: str, objective: str, reached: str
    ) -> None:
        shown = snapshot(store, baseline=BASELINE.model_copy(update={"val_macro_f1": 0.4}))
        lines = drawn(replace(shown, spec=SPEC.model_copy(update={"objective": objective})), 120)
        assert any(line.endswith(f"baseline {reached} (logistic regression over 8 x 8 pixels)") for line in lines)

    def test_where_the_time_decides_the_number_of_trials_the_bar_shows_the_time(
        self, store: Store, running: str
    ) -> None:
        known = snapshot(store)
        assert known.progress is not None
        timed = replace(
            known,
            spec=StudySpec(run_name="a", dataset="digits", time_budget_s=100),
            progress=known.progress.model_copy(update={"total_trials": 1_000, "eta": 25.0}),
        )
        line = next(line for line in drawn(timed) if " trials " in line)
        assert "  4 trials  " in line
        bar = line.split("  ")[0]
        assert bar.count("━") == round(0.75 * len(bar))
        assert "; 4 trials finished; " in heartbeat(timed)


class TestHealth:
    def test_each_trial_has_accuracy_health_and_score(self, store: Store, healthy: str) -> None:
        lines = drawn(snapshot(store, name=healthy), 79, 23)
        assert lines[3] == "best: trial 1  total_score 0.9275  val_accuracy 0.9500  health 0.88"
        assert lines[5].endswith("accuracy 0.5000  health ~0.78  score 0.7940")
        ended = {" ".join(event_line.split()[:2]): event_line.split()[2:9] for event_line in lines[7:11]}
        assert ended["trial 2"] == ["pruned", "accuracy", "0.5000", "health", "~0.78", "score", "0.5840"]
        assert ended["trial 4"] == ["diverged", "accuracy", "-", "health", "-", "score", "-"]

    def test_the_six_metrics_of_the_trial_in_training_with_what_lacks_data(self, store: Store, healthy: str) -> None:
        lines = drawn(snapshot(store, name=healthy), 79, 23)
        at = next(row for row, one in enumerate(lines) if one.startswith("health of trial 5, running: ~0.78"))
        assert "(~ too few epochs: counts as 0.5)" in lines[at]
        words = " ".join(lines[at + 1 : at + 4]).replace("━", "").replace("─", "").split()
        assert dict(zip(words[::2], words[1::2], strict=True)) == {
            "neuron_utilization": "0.90", "training_stability": "~0.50", "parameter_efficiency": "0.90",
            "gradient_health": "0.90", "convergence_quality": "0.90", "accuracy_consistency": "~0.50",
        }  # fmt: skip

    def test_without_a_running_trial_the_best_one_is_highlighted(self, store: Store, healthy: str) -> None:
        store.append(healthy, complete(5, status="cancelled", trial_id="h-5"))
        assert any(one.startswith("health of trial 1, best: 0.88") for one in drawn(snapshot(store, name=healthy)))

    def test_the_latest_findings_are_lines(self, store: Store, healthy: str) -> None:
        lines = drawn(snapshot(store, name=healthy), 79, 23)
        assert lines[-2:] == [
            "trial 5: oscillating_loss after epoch 1: the loss rose in 3 of 4 epochs",
            "trial 3: dying_units after epoch 2: 41 % of block1_conv's units are dead",
        ]

    @pytest.mark.parametrize("width", [1, 20, 39, 60, 80, 200])
    @pytest.mark.parametrize("study", ["healthy", "pareto"])
    def test_it_fits_any_terminal(self, store: Store, request: Any, width: int, study: str) -> None:
        shown = snapshot(store, name=request.getfixturevalue(study))
        for height in (1, 4, 9, 17, 18, 21, 22, 24, 50):
            lines = drawn(shown, width, height)
            assert len(lines) <= height
            assert max(map(len, lines)) <= width

    def test_a_usual_terminal_cuts_no_number_off(self, store: Store, healthy: str) -> None:
        for width in (60, 79):
            numbers = [one for one in drawn(snapshot(store, name=healthy), width, 23)[5:11] if "score" in one]
            assert len(numbers) == 5
            assert all("…" not in one[: one.index("score") + 12] for one in numbers)

    def test_many_running_trials_leave_room_for_health(self, store: Store, healthy: str) -> None:
        for number in range(6, 40):
            store.append(healthy, start(number, trial_id=f"h-{number}", hyperparameters={"epochs": 3}))
        lines = drawn(snapshot(store, name=healthy), 79, 23)
        assert len(lines) == 23
        assert any("neuron_utilization" in one for one in lines)
        assert any(one.startswith("trial 4  diverged") for one in lines)

    def test_a_small_terminal_shows_what_matters(self, store: Store, healthy: str) -> None:
        text = "\n".join(drawn(snapshot(store, name=healthy), 39, 9))
        for part in ("running", "4/8 trials", "best: trial 1", "total_score 0.9275", "trial 5", "3/10", "trial 4"):
            assert part in text
        assert "neuron_utilization" not in text

    def test_a_study_with_health_stop_shows_its_findings(self, store: Store, healthy: str) -> None:
        shown = snapshot(store, name=healthy)
        stopping = replace(shown, spec=SPEC.model_copy(update={"health_stop": True}))
        text = "\n".join(drawn(stopping, 79, 23))
        assert "trial 3: dying_units" in text
        assert "health" not in text.replace("health_stop", "")


class TestStderrAboveScreen:
    def test_whole_lines_go_above_and_a_rewritten_line_is_the_note(self) -> None:
        shown: list[str] = []
        stderr = StderrAboveScreen(io.StringIO(), shown.append)
        stderr.write("a warn")
        stderr.write("ing\x1b[0m\n")
        for share in ("10%", "20%"):
            stderr.write(f"\rmnist {share}")
        assert (shown, stderr.note) == (["a warning [0m"], "mnist 20%")
        stderr.write("\n")
        assert (shown, stderr.note) == (["a warning [0m"], "")
        stderr.write("other\n")
        assert shown[1:] == ["other"]


class TestLines:
    def test_every_event_is_one_clean_line(self, tmp_path: Path) -> None:
        stream = io.StringIO()
        display = PlainDisplay(stream)
        events = [*events_of_a_study(tmp_path), *last_events(tmp_path)]
        for event in events:
            display.show_event(event)
        lines = stream.getvalue().splitlines()
        assert [one[9:] for one in lines] == [clean(event_line(event)) for event in events]
        assert all(ord(sign) >= 32 for one in lines for sign in one)

    def test_a_new_activity_is_printed_once_and_then_a_heartbeat(self, store: Store, running: str) -> None:
        stream, now = io.StringIO(), [0.0]
        display = PlainDisplay(stream, lambda: now[0])
        for second in range(31):
            now[0] = float(second)
            display.show_snapshot(Snapshot(SPEC, float(second), "starting Ray"))
        display.show_event(complete(1))
        now[0] += HEARTBEAT_S - 1
        display.show_snapshot(snapshot(store))
        now[0] += 1
        display.show_snapshot(snapshot(store))
        said = [one[9:] for one in stream.getvalue().splitlines()]
        assert said[:2] == ["starting Ray ...", "starting Ray ... 30 s"]
        assert len(said) == 4
        assert said[3].startswith("trial 5 epoch 3/10, batch 40/150; 4/8 trials finished; about ")

    def test_a_closed_pipe_does_not_end_the_study(self) -> None:
        class Gone(io.StringIO):
            def write(self, text: str) -> int:
                raise BrokenPipeError

        PlainDisplay(Gone()).show_event(complete(1))

    def test_a_reader_that_ends_is_told_once_with_the_next_event_and_nothing_is_written_to_it_any_more(
        self, store: Store
    ) -> None:
        told: list[str] = []
        reading, writing = os.pipe()
        with os.fdopen(writing, "w") as stream:
            display = PlainDisplay(stream, on_closed=lambda: told.append("closed"))
            display.show_snapshot(Snapshot(SPEC, 0.0, "loading Ray"))
            os.close(reading)  # as `| head -1` does
            display.show_snapshot(Snapshot(SPEC, 0.0, "starting Ray"))
            assert told == [], "the study's log is not open yet"
            for number in (1, 2):
                display.show_event(complete(number))
            assert told == ["closed"]
            print("the summary", file=stream, flush=True)

    def test_many_running_trials_are_counted(self, store: Store, running: str) -> None:
        for number in range(6, 12):
            store.append("a", start(number, trial_id=f"a-{number}", hyperparameters={"epochs": 3}))
        assert "; 4 more running; " in heartbeat(snapshot(store))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0.04, "0.0 s"), (9.97, "10 s"), (59.6, "1 min 00 s"), (3599.9, "1 h 00 min"), (7620, "2 h 07 min")],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(1, "5 s"), (42, "40 s"), (100, "2 min"), (7200, "2.0 h")])
def test_estimates_are_round(seconds: float, text: str) -> None:
    assert estimate(seconds) == text
