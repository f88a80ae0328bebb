"""Which older programs a schema fits."""

from alembic import op

from vault.migrations.columns import key, words

revision = "schema_fit"
down_revision = "0001"
additive = True


def upgrade() -> None:
    op.create_table("schema_fit", words("revision"), key("schema_fit", "revision"))
