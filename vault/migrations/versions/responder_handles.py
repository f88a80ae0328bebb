"""Responders are found by the hash of their login."""

import hashlib

import sqlalchemy as sa
from alembic import op

from vault.migrations.columns import words

revision = "responder_handles"
down_revision = "calendar_feeds"
additive = True


def upgrade() -> None:
    op.add_column("responder", words("handle", optional=True))
    logins = sa.text("SELECT responder.id, member.login FROM responder JOIN member ON member.id = member_id")
    keep = sa.text("UPDATE responder SET handle = :handle WHERE id = :id")
    for row in op.get_bind().execute(logins).all():
        op.get_bind().execute(keep, {"id": row.id, "handle": _hash(row.login)})


def _hash(login: str) -> str:
    return hashlib.sha256(b"tipline/1/login" + login.encode()).hexdigest()
