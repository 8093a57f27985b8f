"""Names of the files that a trial leaves in the study's folder of states."""

from __future__ import annotations

from pathlib import Path


def state_file(folder: Path, trial_number: int) -> Path:
    """The file that holds the state of a trial's training."""
    return folder / f"trial-{trial_number:05d}.npz"


def job_file(folder: Path, trial_number: int) -> Path:
    """The file that names the job that a trial runs as on RunPod."""
    return folder / f"trial-{trial_number:05d}.job"
