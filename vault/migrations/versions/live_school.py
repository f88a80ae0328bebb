"""Schools that passed every check and are read by somebody."""

from alembic import op

from vault.migrations.columns import key, moment, words

revision = "live_school"
down_revision = "people"
additive = True


def upgrade() -> None:
    op.create_table("live_school", words("school"), moment("at"), key("live_school", "school"))
