"""The pager's tables of the first release; part of revision 0001."""

from alembic import op

from vault.migrations.columns import belongs_to, flag, key, moment, number, sealed, unique, words


def create_pager() -> None:
    _create_responders()
    _create_pages()
    _create_outbox()


def _create_responders() -> None:
    """Whom the pager reaches, and when."""
    op.create_table(
        "responder",
        words("id"),
        words("member_id"),
        words("name"),
        words("locale"),
        flag("active"),
        key("responder", "id"),
        unique("uq_responder_member_id", "member_id"),
    )
    op.create_table(
        "contact_method",
        words("id"),
        words("responder_id"),
        words("channel"),
        sealed("sealed_address"),
        words("address_key"),
        number("rank"),
        moment("verified_at", optional=True),
        key("contact_method", "id"),
        belongs_to("contact_method", "responder_id", "responder.id"),
    )
    op.create_index("ix_contact_method_address_key", "contact_method", ["address_key"])
    op.create_index("ix_contact_method_responder_id", "contact_method", ["responder_id"])
    op.create_table(
        "rotation",
        words("team_id"),
        words("school"),
        words("responders"),
        words("zone"),
        number("handoff_weekday"),
        words("handoff_time"),
        words("starts_on"),
        key("rotation", "team_id"),
    )
    op.create_table("digest", words("school"), words("day"), key("digest", "school", "day"))


def _create_pages() -> None:
    """Pages and their codes."""
    op.create_table(
        "page",
        words("id"),
        words("school"),
        words("kind"),
        words("subject"),
        words("reference"),
        words("urgency"),
        number("rank"),
        words("teams"),
        words("snapshot"),
        words("state"),
        number("step"),
        moment("opened_at"),
        moment("next_at", optional=True),
        words("acknowledged_by", optional=True),
        moment("acknowledged_at", optional=True),
        moment("seen_at", optional=True),
        words("seen_by", optional=True),
        key("page", "id"),
    )
    op.create_index("ix_page_deadline", "page", ["state", "next_at"])
    op.create_index("ix_page_subject", "page", ["subject"])
    op.create_table(
        "page_code",
        words("id"),
        words("page_id"),
        words("responder_id"),
        words("address_key"),
        words("code"),
        moment("created_at"),
        moment("sent_at", optional=True),
        key("page_code", "id"),
        unique("uq_page_code_phone", "page_id", "address_key"),
        belongs_to("page_code", "page_id", "page.id"),
    )
    op.create_index("ix_page_code_lookup", "page_code", ["address_key", "code"])
    op.create_index("ix_page_code_page_id", "page_code", ["page_id"])


def _create_outbox() -> None:
    """Letters and delivery attempts."""
    op.create_table(
        "letter",
        words("id"),
        words("sender"),
        sealed("sealed_to"),
        sealed("sealed_body"),
        key("letter", "id"),
    )
    op.create_table(
        "attempt",
        words("id"),
        words("page_id", optional=True),
        words("letter_id", optional=True),
        words("responder_id", optional=True),
        words("method_id", optional=True),
        words("school"),
        words("kind"),
        words("channel"),
        number("rank"),
        number("step"),
        words("state"),
        moment("due_at"),
        moment("hinted_until"),
        words("token", optional=True),
        moment("lease_until", optional=True),
        number("tries"),
        words("provider_id", optional=True),
        words("error_code", optional=True),
        moment("created_at"),
        moment("sent_at", optional=True),
        key("attempt", "id"),
        belongs_to("attempt", "letter_id", "letter.id", ondelete=None),
        belongs_to("attempt", "page_id", "page.id"),
    )
    op.create_index("ix_attempt_due", "attempt", ["state", "due_at"])
    op.create_index("ix_attempt_page_id", "attempt", ["page_id"])
    op.create_index("ix_attempt_provider_id", "attempt", ["provider_id"])
