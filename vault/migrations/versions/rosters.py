"""Layers of a team's roster, overrides and absences, and the schools' days off."""

from alembic import op

from vault.migrations.columns import key, moment, words

revision = "rosters"
down_revision = "number_requests"
additive = True


def upgrade() -> None:
    op.create_table("roster_plan", words("team_id"), words("layers"), key("roster_plan", "team_id"))
    op.create_table(
        "duty",
        words("id"),
        words("team_id", optional=True),
        words("responder_id"),
        words("kind"),
        words("instead_of", optional=True),
        moment("begins_at"),
        moment("ends_at"),
        moment("created_at"),
        key("duty", "id"),
    )
    op.create_index("ix_duty_ends_at", "duty", ["ends_at"])
    op.create_table("day_off", words("school"), words("day"), key("day_off", "school", "day"))
