"""Ctrl-C and resume as a user does them: real processes, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.study.conftest import SMALL_CNN
from tuner.store import Store

pytestmark = [pytest.mark.ray, pytest.mark.tensorflow]

TUNER = Path(sys.executable).parent / "tuner"
STUDY = {
    "dataset": "digits",
    "run_name": "s",
    "trials": 2,
    "max_epochs_per_trial": 40,
    "early_stopping_patience": "null",
    "scheduler": "none",
    "concurrent_workers": 1,
    "plot_generation": "none",
    **{f"space.{name}": value for name, value in SMALL_CNN.items()},
}


def begin(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    # Its own Ray, whatever the test run has started; its own process group, so that nothing else gets the signal.
    environment = {k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"} | {"TUNER_RESULTS_DIR": str(folder)}
    return subprocess.Popen(
        [TUNER, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        start_new_session=True,
    )


def test_ctrl_c_keeps_what_finished_and_resume_ends_with_the_trials_asked_for(tmp_path):
    said = []
    with begin(tmp_path, "run", *(f"{name}={value}" for name, value in STUDY.items())) as study:
        for line in study.stdout:
            said.append(line)
            if "trial 2 epoch 3/" in line:
                study.send_signal(signal.SIGINT)
    assert study.returncode == 130, "".join(said)
    assert "tuner resume s" in "".join(said[-4:])
    assert "Traceback" not in "".join(said)

    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        first, second = store.trials("s")
        assert (store.study("s").status, first.status, second.status) == ("cancelled", "completed", "cancelled")
        assert second.epochs_trained < 40

        with begin(tmp_path, "resume", "s") as again:
            said = again.communicate()[0]
        assert again.returncode == 0, said

        assert store.study("s").status == "completed"
        assert store.trials("s")[0] == first, "what ended is not trained again"
        assert [(t.trial_number, t.status, t.epochs_trained) for t in store.trials("s")] == [
            (1, "completed", 40),
            (2, "completed", 40),
        ]
        assert store.trials("s")[1].hyperparameters == second.hyperparameters, "what was interrupted runs again"
        assert [e.epoch for e in store.epochs("s", 2)] == list(range(1, 41))
    assert (tmp_path / "s" / "best_model" / "model.keras").is_file()
