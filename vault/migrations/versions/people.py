"""Invitations, and proposals to let somebody into a team."""

from alembic import op

from vault.migrations.columns import key, moment, number, sealed, words

revision = "people"
down_revision = "second_factor"
additive = True


def upgrade() -> None:
    op.create_table(
        "team_proposal",
        words("team_id"),
        number("seq"),
        words("newcomer"),
        words("proposer"),
        sealed("payload"),
        sealed("signature"),
        sealed("sealed_copies"),
        moment("created_at"),
        key("team_proposal", "team_id"),
    )
    op.create_table(
        "invitation",
        words("id"),
        words("member_id"),
        words("login"),
        words("name"),
        words("teams"),
        moment("created_at"),
        moment("expires_at"),
        sealed("sign_public", optional=True),
        sealed("kem_public", optional=True),
        sealed("wrapped_seed", optional=True),
        key("invitation", "id"),
    )
