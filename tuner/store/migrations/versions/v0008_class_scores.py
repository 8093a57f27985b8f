"""An epoch's row holds the scores that count every class alike. They are not known of earlier epochs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for name in ("val_balanced_accuracy", "val_macro_f1"):
        op.add_column("tuner_epochs", sa.Column(name, sa.Double))
