"""Trials record which method suggested them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("tuner_trials", sa.Column("suggested_by", sa.String(32)))
