"""The floor under a page: wake, two durable commits, one POST by the real client, and nothing else.

Run as ``python -m tests.load.floor DATABASE_URL SOCKET PROVIDER_ADDRESS``; words to send come from a table.
"""

import sys
from pathlib import Path

from sqlalchemy import text

from notify.channels.twilio import Account, TwilioProvider
from notify.wake import DatagramListener
from vault.database import Database

SCHEMA = "CREATE TABLE IF NOT EXISTS errand (word TEXT PRIMARY KEY, state INTEGER NOT NULL)"


def main(url: str, socket: str, provider_address: str) -> None:
    """Until it is ended from outside."""
    database = Database(url)
    with database.writing() as session:
        session.execute(text(SCHEMA))
    account = Account("ACfloor", "token", lambda _attempt: provider_address, provider_address)
    provider = TwilioProvider(account)
    listener = DatagramListener(Path(socket))
    while True:
        listener.wait(1)
        for word in _take(database):
            provider.send_text("+15550199", "+15550110", word, word, None)


def _take(database: Database) -> list[str]:
    with database.writing() as session:
        words = list(session.scalars(text("UPDATE errand SET state = 1 WHERE state = 0 RETURNING word")))
    for word in words:
        with database.writing() as session:
            session.execute(text("UPDATE errand SET state = 2 WHERE word = :word"), {"word": word})
    return words


if __name__ == "__main__":
    main(*sys.argv[1:4])
