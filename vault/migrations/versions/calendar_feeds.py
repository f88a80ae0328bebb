"""Calendar addresses that were handed out."""

from alembic import op

from vault.migrations.columns import key, moment, unique, words

revision = "calendar_feeds"
down_revision = "ways"
additive = True


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        words("id"),
        words("token_key"),
        words("team_id", optional=True),
        words("responder_id", optional=True),
        moment("created_at"),
        key("calendar_feed", "id"),
        unique("uq_calendar_feed_token_key", "token_key"),
    )
