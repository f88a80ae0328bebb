"""The bare probe: the smallest web application that does what a report cannot do without.

Three wraps of a message key and one durable commit, and the message opened again by one of those wraps,
behind the same three requests. What Tipline's intake takes beyond this is its own cost: receipts, places,
signatures, triage, pages, words. Run as ``python -m tests.load.probe DATABASE_URL PORT``.
"""

import os
import sys

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, request
from sqlalchemy import text

from vault.database import Database
from wiring.http import serve

SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
RECIPIENTS = 3
WRAP = 1120 + 32 + 16  # what encapsulates, the key, the tag


def probe(database: Database) -> Flask:
    """GET a page, POST a message (three wraps, one commit), POST a receipt (one read, opened)."""
    app = Flask("probe")
    reporter, *others = [_key() for _ in range(RECIPIENTS)]
    keys = [one.public_key() for one in (reporter, *others)]
    kind = "BLOB" if database.is_sqlite else "BYTEA"
    with database.writing() as session:
        session.execute(
            text(f"CREATE TABLE IF NOT EXISTS kept (id TEXT PRIMARY KEY, sealed {kind} NOT NULL)")
        )

    @app.get("/")
    def form() -> str:
        return '<form method="post"><textarea name="text"></textarea><button>Send</button></form>'

    @app.post("/")
    def send() -> str:
        body = request.form["text"].encode()
        key, nonce, name = AESGCM.generate_key(256), os.urandom(12), os.urandom(16).hex()
        wraps = [SUITE.encrypt(key, public, b"probe") for public in keys]
        sealed = b"".join((*wraps, nonce, AESGCM(key).encrypt(nonce, body.ljust(1024), None)))
        with database.writing() as session:
            session.execute(text("INSERT INTO kept VALUES (:id, :sealed)"), {"id": name, "sealed": sealed})
        return name

    @app.post("/thread")
    def thread() -> str:
        with database.reading() as session:
            found = session.execute(
                text("SELECT sealed FROM kept WHERE id = :id"), {"id": request.form["receipt"]}
            )
            sealed = bytes(found.scalar_one())
        key = SUITE.decrypt(sealed[:WRAP], reporter, b"probe")
        body = sealed[RECIPIENTS * WRAP :]
        return AESGCM(key).decrypt(body[:12], body[12:], None).decode()

    return app


def _key() -> hpke.MLKEM768X25519PrivateKey:
    return hpke.MLKEM768X25519PrivateKey(
        mlkem.MLKEM768PrivateKey.generate(), x25519.X25519PrivateKey.generate()
    )


if __name__ == "__main__":
    serve(probe(Database(sys.argv[1])), "127.0.0.1", int(sys.argv[2]))
