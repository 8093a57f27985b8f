"""Ctrl-C as a user does it, with a real process and a real signal; the study goes on on another machine.

The machines are two results folders and two Rays, with one database and one object store.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import s3
from tests.study.conftest import SMALL_CNN
from tuner.settings import Settings
from tuner.store import Store
from tuner.study import resume

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.tensorflow]

TUNER = Path(sys.executable).parent / "tuner"
EPOCHS = 25
STUDY = {
    "dataset": "digits",
    "run_name": "s",
    "trials": 2,
    "max_epochs_per_trial": EPOCHS,
    "early_stopping_patience": "null",
    "scheduler": "none",
    "concurrent_workers": 1,
    "plot_generation": "none",
    **{f"space.{name}": value for name, value in SMALL_CNN.items()},
}


def begun(machine: Path, database: str, **asked: object) -> subprocess.Popen[str]:
    """`tuner run` on a machine with a results folder and a Ray of its own."""
    of_its_own = s3.ENVIRONMENT | {"TUNER_RESULTS_DIR": str(machine), "TUNER_DATABASE_URL": database}
    return subprocess.Popen(
        [TUNER, "run", *(f"{name}={value}" for name, value in asked.items())],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"} | of_its_own,
        start_new_session=True,
    )


def test_ctrl_c_keeps_what_finished_and_another_machine_ends_with_the_trials_asked_for(
    cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = f"sqlite:///{tmp_path}/shared/tuner.db"
    one, other = tmp_path / "one", tmp_path / "other"
    with s3.serving() as store:
        said: list[str] = []
        with begun(one, database, **STUDY, storage_path=store.address("studies")) as first:
            assert first.stdout is not None
            for line in first.stdout:
                said.append(line)
                if "trial 2 epoch 3/" in line:
                    first.send_signal(signal.SIGINT)
        assert first.returncode == 130, "".join(said)
        assert "tuner resume s" in "".join(said[-6:])
        assert "Traceback" not in "".join(said)
        assert "studies/s/checkpoints/trial-00002.npz" in store.objects
        assert "studies/s/best_model/model.keras" in store.objects

        with Store.open(database) as rows:
            kept, interrupted = rows.trials("s")
            assert (rows.study("s").status, kept.status, interrupted.status) == ("cancelled", "completed", "cancelled")
        assert interrupted.epochs_trained < EPOCHS

        for name, value in s3.ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        resume("s", settings=Settings(results_dir=other, data_dir=None, database_url=database))
        with Store.open(database) as rows:
            study, trials = rows.study("s"), rows.trials("s")
            epochs = [epoch.epoch for epoch in rows.epochs("s", 2)]
            starts = [e for _, e in rows.read("s") if e.type == "trial_start" and e.trial_number == 2]
        assert study.status == "completed"
        assert study.folder == str(other / "s")
        assert trials[0] == kept, "what ended is not trained again"
        assert [(trial.status, trial.epochs_trained) for trial in trials] == [("completed", EPOCHS)] * 2
        assert trials[1].hyperparameters == interrupted.hyperparameters, "what was interrupted runs again"
        assert epochs == list(range(1, EPOCHS + 1))
        assert starts[-1].resumed_from_epoch >= 3
        assert (other / "s/best_model/model.keras").is_file()
        published = store.objects["studies/s/best_model/metadata.json"]
        assert published == (other / "s/best_model/metadata.json").read_bytes()
        assert not [key for key in store.objects if "checkpoints/" in key and not key.endswith("/")]
