"""A study's row holds the performance of its best trial, which may still train and then has none in its own row.

The best scores of all trials of a status are no longer kept: they could be of different trials.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_trials = sa.table(
    "tuner_trials", sa.column("study_id"), sa.column("trial_number"), sa.column("performance", sa.JSON())
)
_studies = sa.table(
    "tuner_studies", sa.column("id"), sa.column("best_trial_number"), sa.column("best_performance", sa.JSON())
)


def upgrade() -> None:
    op.drop_index("tuner_trials_tally", "tuner_trials")
    for table in ("tuner_trials", "tuner_tallies"):
        for name in ("accuracy", "total_score"):
            op.drop_column(table, name)
    op.create_index("tuner_trials_status", "tuner_trials", ["study_id", "status"])
    op.add_column("tuner_studies", sa.Column("best_performance", sa.JSON))
    of_best = (_trials.c.study_id == _studies.c.id) & (_trials.c.trial_number == _studies.c.best_trial_number)
    performance = sa.select(_trials.c.performance).where(of_best).scalar_subquery()
    op.get_bind().execute(sa.update(_studies).values(best_performance=performance))
