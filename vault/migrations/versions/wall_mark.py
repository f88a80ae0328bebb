"""What stands for or against the wall of a thread, keyed by the public process."""

from alembic import op

from vault.migrations.columns import sealed

revision = "wall_mark"
down_revision = "two_answers"
additive = True


def upgrade() -> None:
    op.add_column("report", sealed("wall_mark", optional=True))
