"""A second factor for members."""

from alembic import op

from vault.migrations.columns import moment, sealed

revision = "second_factor"
down_revision = "pace"
additive = True


def upgrade() -> None:
    op.add_column("member", sealed("sealed_totp", optional=True))
    op.add_column("member", moment("totp_step", optional=True))
