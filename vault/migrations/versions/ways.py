"""Ways to reach a person: when each is tried, its quiet hours, and the digits they answer a call with."""

from alembic import op

from vault.migrations.columns import number, words

revision = "ways"
down_revision = "handovers"
additive = True


def upgrade() -> None:
    op.add_column("responder", words("pin_key", optional=True))
    op.add_column("contact_method", number("after_s", optional=True))
    op.add_column("contact_method", words("quiet", optional=True))
