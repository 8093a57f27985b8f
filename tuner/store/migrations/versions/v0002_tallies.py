"""Adds an index from which a study's trials are counted, without reading their rows.

A trial's row holds documents of thousands of bytes: to count 10,000 of them took 40 ms.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SCORES = ("accuracy", "total_score")
_trials = sa.table("tuner_trials", sa.column("performance", sa.JSON()), *(sa.column(name) for name in _SCORES))


def upgrade() -> None:
    with op.batch_alter_table("tuner_trials") as trials:
        for name in _SCORES:
            trials.add_column(sa.Column(name, sa.Double))
    told = {name: _trials.c.performance[name].as_float() for name in _SCORES}
    op.get_bind().execute(sa.update(_trials).where(_trials.c.performance.is_not(None)).values(told))
    op.create_index("tuner_trials_tally", "tuner_trials", ["study_id", "status", "duration_seconds", *_SCORES])
