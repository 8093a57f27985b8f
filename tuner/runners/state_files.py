"""Names of the files that a trial leaves in the study's folder of states."""

from __future__ import annotations


def state_file(trial_number: int) -> str:
    """The file that holds the state of a trial's training."""
    return f"trial-{trial_number:05d}.npz"


def job_file(trial_number: int) -> str:
    """The file that names the job that a trial runs as on RunPod."""
    return f"trial-{trial_number:05d}.job"
