"""The floor under a deadline: once a second a look at which rows are due, a durable commit, a POST for each.

Run as ``python -m tests.load.floor_due DATABASE_URL PROVIDER_ADDRESS``; it looks once its table is there.
"""

import sys
import time

from sqlalchemy import text

from notify.channels.twilio import Account, TwilioProvider
from vault.clock import clock_for
from vault.database import Database

EVERY_S = 1
SCHEMA = "CREATE TABLE deadline (word TEXT PRIMARY KEY, due_at BIGINT NOT NULL, state INTEGER NOT NULL)"
INDEX = "CREATE INDEX ix_deadline ON deadline (state, due_at)"
_TAKE = text("UPDATE deadline SET state = 1 WHERE state = 0 AND due_at <= :now RETURNING word")


def main(url: str, provider_address: str) -> None:
    """Until it is ended from outside."""
    database = Database(url)
    clock = clock_for(database)
    provider = TwilioProvider(
        Account("ACfloor", "token", lambda _attempt: provider_address, provider_address)
    )
    while True:
        began = time.monotonic()
        with database.writing() as session:
            words = list(session.scalars(_TAKE, {"now": clock.now(session)}))
        for word in words:
            provider.send_text("+15550199", "+15550110", word, word, None)
        time.sleep(max(0.0, began + EVERY_S - time.monotonic()))


if __name__ == "__main__":
    main(*sys.argv[1:3])
