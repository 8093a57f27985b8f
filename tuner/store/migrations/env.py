"""What alembic runs for the revisions: on the connection, in the transaction, of whoever upgrades the database."""

from __future__ import annotations

from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], version_table=given["version_table"])
context.run_migrations()
