"""Names of a trial's files in the study's folder of states."""

from __future__ import annotations


def state_file(trial_number: int) -> str:
    """Return the name of the file with the state of a trial's training."""
    return f"trial-{trial_number:05d}.npz"


def job_file(trial_number: int) -> str:
    """Return the name of the file with the identifier of a trial's job on RunPod."""
    return f"trial-{trial_number:05d}.job"
