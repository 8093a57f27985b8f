"""A study's row holds the baseline of its data. It is not known of earlier studies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("tuner_studies", sa.Column("baseline", sa.JSON))
