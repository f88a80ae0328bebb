"""E-mail over SMTP: a notice without content, handed over in one connection, with TLS but on this machine."""

import contextlib
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate
from typing import TypeVar

from notify.channels import Parcel, SentText
from notify.channels.faults import fault_of
from notify.channels.within import Within
from notify.errors import TransportError
from notify.settings import SMTPS, STARTTLS, MailSettings

# RFC 5321, 4.2.1: 5yz is a permanent negative answer.
_PERMANENT = 500

Made = TypeVar("Made")


class Mail:
    """``password``: for ``settings.user``. One takes ``timeout_s`` at most, ``at_once`` go together."""

    def __init__(
        self, settings: MailSettings, password: str = "", *, timeout_s: float = 2.5, at_once: int = 8
    ) -> None:
        self._settings = settings
        self._password = password
        self._timeout_s = timeout_s
        self._within = Within(at_once, "mail")
        self._context = ssl.create_default_context(cafile=settings.ca_file or None)
        self._domain = settings.sender.rpartition("@")[2]

    def send(self, parcel: Parcel) -> str:
        """Hand it to the server; nothing by which the server would know it later."""
        try:
            message = self._message(parcel)
        except (ValueError, TypeError, LookupError):  # no e-mail can carry it, or their parser stumbles
            raise _known("smtp_553") from None
        self._meet(lambda server: server.send_message(message, self._settings.sender, [parcel.to]))
        return ""

    def knock(self) -> None:
        """Go as far as signing in, and send nothing. TransportError when it would take nothing either."""
        self._meet(lambda server: server.noop())

    def earlier(self, to: str, since: int) -> list[SentText]:
        """Nothing: a mail server does not tell what it took. A second copy has the same Message-ID."""
        del to, since
        return []

    def _meet(self, work: Callable[[smtplib.SMTP], object]) -> None:
        until = time.monotonic() + self._timeout_s
        _try(lambda: self._within.do(self._timeout_s, lambda: self._converse(until, work)))

    def _converse(self, until: float, work: Callable[[smtplib.SMTP], object]) -> None:
        with self._connect(until) as server:
            _hurry(server, until)
            if self._settings.security == STARTTLS:
                server.starttls(context=self._context)
            if self._settings.user:
                _hurry(server, until)
                server.login(self._settings.user, self._password)
            _hurry(server, until)
            work(server)
            # It is done: nobody waits for the farewell.
            with contextlib.suppress(OSError):
                server.putcmd("quit")
            server.close()

    def _connect(self, until: float) -> smtplib.SMTP:
        host, port, left = self._settings.host, self._settings.port, _left(until)
        name = self._domain or "localhost"
        if self._settings.security == SMTPS:
            return smtplib.SMTP_SSL(host, port, name, timeout=left, context=self._context)
        return smtplib.SMTP(host, port, name, timeout=left)

    def _message(self, parcel: Parcel) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = parcel.to
        message["Subject"] = parcel.title
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{parcel.attempt_id}@{self._domain}>"
        # RFC 3834: no vacation notice answers this.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(parcel.body)
        return message


def _hurry(server: smtplib.SMTP, until: float) -> None:
    if isinstance(server.sock, socket.socket):
        server.sock.settimeout(_left(until))


def _left(until: float) -> float:
    """Seconds; never none at all, with which a socket would not wait but refuse."""
    return max(until - time.monotonic(), 0.01)


def _try(act: Callable[[], Made]) -> Made:
    try:
        return act()
    except smtplib.SMTPException as error:
        raise _answered(error) from None  # as everywhere here: the cause quotes the address
    except ssl.SSLError:
        raise _known("smtp_certificate") from None
    except TimeoutError:
        raise TransportError("timeout", permanent=False) from None
    except OSError:
        raise TransportError("connection", permanent=False) from None


def _answered(error: smtplib.SMTPException) -> TransportError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refused(next(iter(error.recipients.values()))[0])
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code >= _PERMANENT:
        return _known("smtp_sender")
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return _refused(error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _known("smtp_unable")
    return TransportError("connection", permanent=False)


def _refused(code: int) -> TransportError:
    known = f"smtp_{code}"
    return TransportError(known, permanent=fault_of(known).permanent or code >= _PERMANENT)


def _known(code: str) -> TransportError:
    return TransportError(code, permanent=fault_of(code).permanent)
