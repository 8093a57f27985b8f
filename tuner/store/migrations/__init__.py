"""How the tables came to be what they are: one file per revision in `versions`, run by alembic.

A change of `tuner.store.tables` needs a new file here and its revision in `tuner.store.upgrade.REVISIONS`; a test fails
as long as old and new databases differ. A revision is never changed once it was released, and imports nothing from
`tuner.store.tables`, which will have gone on. SQLite changes tables by `op.batch_alter_table`.
"""
