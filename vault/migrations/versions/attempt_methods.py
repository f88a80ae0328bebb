"""What was tried by one way of a person is found without reading all attempts."""

from alembic import op

revision = "attempt_methods"
down_revision = "opt_outs"
additive = True


def upgrade() -> None:
    op.create_index("ix_attempt_method_id", "attempt", ["method_id"])
