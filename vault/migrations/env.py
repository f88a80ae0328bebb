"""Alembic loads this by path. The connection and its transaction belong to ``vault.migrate``."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
