"""Two companies may give the same id to two texts: what a carrier keeps is known by id and sender."""

from alembic import op

revision = "copy_senders"
down_revision = "attempt_methods"
# An older program finds its own rows as before.
additive = True


def upgrade() -> None:
    with op.batch_alter_table("carrier_copy") as table:
        table.drop_constraint("pk_carrier_copy", type_="primary")
        table.create_primary_key("pk_carrier_copy", ["sid", "sender"])
