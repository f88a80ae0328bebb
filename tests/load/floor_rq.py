"""The floor under a page with a queue: wake, a commit, one hop, a second commit, one POST; nothing else.

Run as ``python -m tests.load.floor_rq relay|worker DATABASE_URL REDIS_URL PROVIDER_ADDRESS``.
"""

import sys

from redis import Redis
from sqlalchemy import text

from notify.channels.twilio import Account, TwilioProvider
from notify.notices import NoticeListener
from vault.database import Database

QUEUE = "floor"
READY = "floor-ready"


def relay(database: Database, redis: "Redis") -> None:
    """Take errands, push their words."""
    listener = NoticeListener(database.url)
    listener.wait(0)
    redis.incr(READY)
    while True:
        listener.wait(1)
        with database.writing() as session:
            words = list(session.scalars(text("UPDATE errand SET state = 1 WHERE state = 0 RETURNING word")))
        for word in words:
            redis.rpush(QUEUE, word)


def worker(database: Database, redis: "Redis", provider_address: str) -> None:
    """Pop words, send them."""
    account = Account("ACfloor", "token", lambda _attempt: provider_address, provider_address)
    provider = TwilioProvider(account)
    redis.incr(READY)
    while True:
        found = redis.blpop([QUEUE], 0)
        word = str(found[1]) if found else ""
        with database.writing() as session:
            session.execute(text("UPDATE errand SET state = 2 WHERE word = :word"), {"word": word})
        provider.send_text("+15550199", "+15550110", word, word, None)


def main(role: str, url: str, queue: str, provider_address: str) -> None:
    """Until it is ended from outside."""
    database, redis = Database(url), Redis.from_url(queue, decode_responses=True)
    if role == "relay":
        relay(database, redis)
    worker(database, redis, provider_address)


if __name__ == "__main__":
    main(*sys.argv[1:5])
