"""Every table of the first release."""

from alembic import op

from vault.migrations.columns import belongs_to, counter, flag, key, moment, number, sealed, unique, words
from vault.migrations.initial_pager import create_pager

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_install_and_people()
    _create_reports()
    _create_text_line()
    _create_audit()
    create_pager()


def _create_install_and_people() -> None:
    """The install, its team directory, its members."""
    op.create_table("install", counter("id"), words("install_id"), key("install", "id"))
    op.create_table(
        "clock_anchor", words("boot_id"), moment("wall_ms"), moment("boot_ms"), key("clock_anchor", "boot_id")
    )
    op.create_table(
        "directory_entry",
        number("seq"),
        sealed("payload"),
        words("signer"),
        sealed("signature"),
        key("directory_entry", "seq"),
    )
    op.create_table(
        "team_key_copy",
        words("team_id"),
        number("generation"),
        words("holder"),
        sealed("sealed"),
        key("team_key_copy", "team_id", "generation", "holder"),
    )
    op.create_table(
        "member",
        words("id"),
        words("login"),
        words("name"),
        words("locale"),
        sealed("wrapped_seed"),
        flag("active"),
        key("member", "id"),
        unique("uq_member_login", "login"),
    )
    op.create_table(
        "staff_session",
        words("id"),
        words("member_id"),
        sealed("wrapped_seed"),
        moment("created_at"),
        moment("seen_at"),
        key("staff_session", "id"),
        belongs_to("staff_session", "member_id", "member.id", ondelete=None),
    )
    op.create_index("ix_staff_session_member_id", "staff_session", ["member_id"])


def _create_reports() -> None:
    """Reports, their messages and the keys of these."""
    op.create_table(
        "report",
        words("id"),
        words("school"),
        words("reference"),
        words("channel"),
        words("urgency"),
        words("status"),
        flag("drill"),
        moment("arrived_minute"),
        moment("read_deadline", optional=True),
        moment("retain_until"),
        words("lookup_id", optional=True),
        sealed("reporter_public", optional=True),
        words("pseudonym"),
        key("report", "id"),
        unique("uq_report_lookup_id", "lookup_id"),
        unique("uq_report_reference", "reference"),
    )
    op.create_index("ix_report_unread", "report", ["status", "read_deadline"])
    op.create_table(
        "recipient_team",
        words("report_id"),
        words("team_id"),
        key("recipient_team", "report_id", "team_id"),
        belongs_to("recipient_team", "report_id", "report.id"),
    )
    op.create_index("ix_recipient_team_team_id", "recipient_team", ["team_id"])
    op.create_table(
        "message",
        words("id"),
        words("report_id"),
        number("seq"),
        words("author"),
        moment("minute"),
        sealed("sealed_body"),
        sealed("sealed_assessment", optional=True),
        key("message", "id"),
        unique("uq_message_place", "report_id", "seq"),
        belongs_to("message", "report_id", "report.id"),
    )
    op.create_table(
        "wrap",
        words("message_id"),
        words("recipient"),
        sealed("sealed"),
        key("wrap", "message_id", "recipient"),
        belongs_to("wrap", "message_id", "message.id"),
    )


def _create_text_line() -> None:
    """Texters, and what the carrier already told us."""
    op.create_table(
        "texter",
        words("number_key"),
        words("school"),
        words("report_id"),
        sealed("sealed_number"),
        flag("stopped"),
        key("texter", "number_key", "school"),
        belongs_to("texter", "report_id", "report.id"),
    )
    op.create_index("ix_texter_report_id", "texter", ["report_id"])
    op.create_table(
        "text_context",
        words("number_key"),
        moment("hour"),
        sealed("sealed"),
        key("text_context", "number_key", "hour"),
    )
    op.create_table(
        "carrier_receipt", words("sid_key"), moment("at_minute"), key("carrier_receipt", "sid_key")
    )


def _create_audit() -> None:
    """The audit chain."""
    op.create_table(
        "audit_event",
        counter("id"),
        moment("at"),
        words("actor"),
        words("verb"),
        words("pseudonym"),
        words("facts"),
        sealed("link", optional=True),
        sealed("signature", optional=True),
        key("audit_event", "id"),
    )
