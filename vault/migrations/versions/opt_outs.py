"""Responders' phones that sent STOP."""

from alembic import op

from vault.migrations.columns import key, moment, words

revision = "opt_outs"
down_revision = "responder_handles"
additive = True


def upgrade() -> None:
    op.create_table("opt_out", words("address_key"), moment("at"), key("opt_out", "address_key"))
