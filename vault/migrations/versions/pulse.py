"""When each process last did its work."""

from alembic import op

from vault.migrations.columns import key, moment, words

revision = "pulse"
down_revision = "schema_fit"
additive = True


def upgrade() -> None:
    op.create_table("pulse", words("process"), moment("at"), words("state"), key("pulse", "process"))
