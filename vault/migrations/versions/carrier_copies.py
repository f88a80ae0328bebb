"""What the carrier still keeps of our texts; the number an attempt leaves from; when its end was asked."""

from alembic import op

from vault.migrations.columns import flag, key, moment, number, words

revision = "carrier_copies"
down_revision = "audit_chain"
additive = True


def upgrade() -> None:
    op.create_table(
        "carrier_copy",
        words("sid"),
        words("sender"),
        flag("whole"),
        moment("due_at"),
        number("tries"),
        moment("created_at"),
        key("carrier_copy", "sid"),
    )
    op.create_index("ix_carrier_copy_due_at", "carrier_copy", ["due_at"])
    op.add_column("attempt", words("sender", optional=True))
    op.add_column("attempt", moment("asked_at", optional=True))
