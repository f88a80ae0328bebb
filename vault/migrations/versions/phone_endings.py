"""By what the last two digits of a phone are found again, for its owner alone."""

from alembic import op

from vault.migrations.columns import words

revision = "phone_endings"
down_revision = "drills"
additive = True


def upgrade() -> None:
    op.add_column("contact_method", words("ending_key", optional=True))
