"""Studies and trials hold what people change: notes, tags, stars, workers, cancelled trials. Earlier ones have none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for column in (sa.Column("note", sa.Text), sa.Column("tags", sa.JSON), sa.Column("workers", sa.Integer)):
        op.add_column("tuner_studies", column)
    for column in (
        sa.Column("note", sa.Text),
        sa.Column("starred", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("tuner_trials", column)
