"""A study's row holds the report on its data and their fingerprint. They are not known of earlier studies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("tuner_studies", sa.Column("data", sa.JSON))
