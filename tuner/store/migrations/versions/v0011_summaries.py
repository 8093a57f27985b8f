"""An epoch's row holds a summary of the training, for figures. Of earlier epochs none was kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("tuner_epochs", sa.Column("summary", sa.JSON))
