"""A trial's row holds how long it waited and what ended it early, with the seconds saved; a study's its search space.

Of earlier trials only the saved seconds are known, of earlier studies the space is not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_trials = sa.table(
    "tuner_trials",
    *(sa.column(name) for name in ("study_id", "status", "epochs_trained", "duration_seconds", "saved_s")),
    sa.column("hyperparameters", sa.JSON()),
)
_tallies = sa.table("tuner_tallies", *(sa.column(name) for name in ("study_id", "status", "saved_s")))


def upgrade() -> None:
    op.add_column("tuner_studies", sa.Column("space", sa.JSON))
    op.add_column("tuner_trials", sa.Column("queued_s", sa.Double))
    op.add_column("tuner_trials", sa.Column("stopped_by", sa.JSON))
    op.add_column("tuner_trials", sa.Column("saved_s", sa.Double))
    op.add_column("tuner_tallies", sa.Column("saved_s", sa.Double, nullable=False, server_default="0"))
    epochs = _trials.c.hyperparameters["epochs"].as_float()
    pruned = (_trials.c.status == "pruned") & (_trials.c.epochs_trained > 0) & (_trials.c.duration_seconds > 0)
    known = pruned & (epochs > _trials.c.epochs_trained)
    saved = (epochs - _trials.c.epochs_trained) * _trials.c.duration_seconds / _trials.c.epochs_trained
    op.get_bind().execute(sa.update(_trials).where(known).values(saved_s=saved))
    same = (_trials.c.study_id == _tallies.c.study_id) & (_trials.c.status == _tallies.c.status)
    together = sa.select(sa.func.coalesce(sa.func.sum(_trials.c.saved_s), 0.0)).where(same).scalar_subquery()
    op.get_bind().execute(sa.update(_tallies).where(_tallies.c.status == "pruned").values(saved_s=together))
