"""Writes a running study for other tools: TensorBoard, MLflow, Weights & Biases (`loggers=[...]`).

A logger reads the study's log by number, as every reader does, in a thread of its own: no trial waits for it, and
whatever it raises is one line in the study's log file. The number of its last event is kept in the study's folder;
after `tuner resume` it continues there. Only trials that a worker has started become runs.

    follower.py      the thread of a logger, and the context manager of the driver
    packages.py      which package each logger needs, and the commands that open what it wrote
    study_logger.py  what a logger is, and what it knows of the events before
    values.py        names and values, the same in all tools
    tensorboard.py, event_file.py, hparams.py · mlflow.py, mlflow_model.py · wandb.py
"""

from tuner.study.loggers.follower import logged
from tuner.study.loggers.packages import check_loggers, opening_commands

__all__ = ["check_loggers", "logged", "opening_commands"]
