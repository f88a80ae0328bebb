"""A mail server on the loopback: a real one, told what to answer to whom."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "tipline", "a made up password"


@dataclass
class Mailbox:
    """What came, in order. ``answers``: what the server says to the recipient, or to the whole e-mail."""

    came: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    over_tls: list[bool] = field(default_factory=list)
    port: int = 0

    def of(self, address: str) -> list[EmailMessage]:
        return [one for one in self.came if one["To"] == address]

    def saying(self, words: str, address: str) -> list[EmailMessage]:
        return [one for one in self.of(address) if words in self.words(one)]

    @staticmethod
    def words(message: EmailMessage) -> str:
        return str(message.get_content()).replace("\r\n", "\n")

    # aiosmtpd calls these by name.
    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, _: Any) -> str:  # noqa: N802, ANN401
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802, ANN401
        if "data" in self.answers:
            return self.answers["data"]
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.came.append(found)
        self.over_tls.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"


@contextmanager
def serving(
    certificate: Path | None = None, *, smtps: bool = False, sign_in: bool = False
) -> Iterator[Mailbox]:
    """A server that offers STARTTLS if it has a ``certificate``, or (``smtps``) TLS from the start."""
    box = Mailbox()
    options: dict[str, Any] = {}
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        options = {"ssl_context": context} if smtps else {"tls_context": context, "require_starttls": True}
    if sign_in:
        options |= {"auth_required": True, "authenticator": _judge, "auth_require_tls": not smtps}
    with socket.create_server((HOST, 0)) as probe:
        box.port = probe.getsockname()[1]
    server = Controller(box, hostname=HOST, port=box.port, **options)
    server.start()
    try:
        yield box
    finally:
        server.stop()


def new_certificate(path: Path) -> Path:
    """Key and certificate of a server on the loopback, in one file, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    own = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(own + made.public_bytes(serialization.Encoding.PEM))
    return path


def _judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401
    fits = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=fits, handled=False)
