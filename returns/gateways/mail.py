"""Mail by SMTP. One Mail is one Message-ID for ever, so a repeat can be recognised."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import quote

from returns.clock import Clock
from returns.errors import (
    ConfigurationError,
    PartnerError,
    PartnerMisconfigured,
    PartnerRefused,
    PartnerUnknown,
)

TIMEOUT_SECONDS = 10.0
LOGIN_CODES = frozenset({530, 534, 535, 538})


@dataclass(frozen=True)
class Mail:
    """message_id: our own id, such as the notice's. html: None for text only.

    language: of subject and text, None when nobody knows it.
    """

    message_id: str
    to: str
    subject: str
    text: str
    html: str | None = None
    language: str | None = None


class SmtpMailer:
    """Hands mails to one SMTP server.

    starttls: refuse to go on unencrypted. tls: encrypted from the first byte (465).
    username None: no login. name: shown as the sender's, None for the one in sender.
    reply_to: where answers go, None for the sender.
    Raises ConfigurationError when sender is not a mail address, or for a login that
    would go over the wire unencrypted.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        starttls: bool = True,
        tls: bool = False,
        username: str | None = None,
        password: str | None = None,
        name: str | None = None,
        reply_to: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._server = (host, port)
        shown, address = parseaddr(sender)
        local, _, self._domain = address.rpartition("@")
        self._starttls = starttls and not tls
        self._tls = tls
        self._login = (username, password or "") if username else None
        self._reply_to = reply_to
        self._clock = clock or Clock()
        if not (local and self._domain and sender.isprintable()):
            raise ConfigurationError(f"mail sender {sender!r}: expected an address")
        try:  # as an object: an address in one text loses a name's quotes when folded
            self._sender = Address(name or shown, addr_spec=address)
        except ValueError as error:
            raise ConfigurationError(f"mail sender {name!r}: {error}") from error
        if username and not (starttls or tls):
            raise ConfigurationError("mail: a login needs starttls or tls")

    def send(self, mail: Mail) -> None:
        """Hand over one mail; returns only when the server took it.

        Raises PartnerRefused (bad recipient or header), PartnerMisconfigured (login,
        TLS, sender) or PartnerUnknown: sent again, the same Message-ID goes out.
        """
        message = self._compose(mail)
        try:
            self._deliver(message)
        except (smtplib.SMTPException, OSError) as error:
            raise _translate(error) from error

    def message_id(self, mail: Mail) -> str:
        """The Message-ID header that this mail has, for ever the same."""
        return f"<{quote(mail.message_id, safe='')}@{self._domain}>"

    def _compose(self, mail: Mail) -> EmailMessage:
        address = _checked_recipient(mail.to)
        message = EmailMessage(policy=SMTP)
        try:
            message["Message-ID"] = self.message_id(mail)
            message["Date"] = self._clock.now()
            message["From"] = self._sender
            message["To"] = address
            message["Subject"] = mail.subject
            if self._reply_to:
                message["Reply-To"] = self._reply_to
        except ValueError as error:
            raise PartnerRefused("invalid_header") from error
        message["Auto-Submitted"] = "auto-generated"
        # Seven bits and short lines: no server on the way has to be trusted with more.
        message.set_content(mail.text, cte="quoted-printable")
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        if mail.language:  # last: setting the content drops what told of another
            message["Content-Language"] = mail.language
        return message

    def _connect(self) -> smtplib.SMTP:
        if not self._tls:
            return smtplib.SMTP(*self._server, timeout=TIMEOUT_SECONDS)
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(*self._server, timeout=TIMEOUT_SECONDS, context=context)

    def _deliver(self, message: EmailMessage) -> None:
        client = self._connect()
        try:
            if self._starttls:
                client.starttls(context=ssl.create_default_context())
            if self._login:
                client.login(*self._login)
            client.send_message(message)
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
        finally:
            client.close()


def _checked_recipient(to: str) -> str:
    """Exactly one bare address. Raises PartnerRefused."""
    if not to.isprintable() or parseaddr(to) != ("", to) or to.count("@") != 1:
        raise PartnerRefused("invalid_recipient")
    return to


def _translate(error: Exception) -> PartnerError:
    match error:
        case smtplib.SMTPNotSupportedError() | ssl.SSLCertVerificationError():
            return PartnerMisconfigured("server_capabilities")
        case smtplib.SMTPRecipientsRefused():
            return _by_code(max(code for code, _ in error.recipients.values()))
        case smtplib.SMTPSenderRefused() if error.smtp_code >= 500:
            return PartnerMisconfigured("sender")
        case smtplib.SMTPResponseException():
            return _by_code(error.smtp_code)
    late = isinstance(error, TimeoutError) or "timed out" in str(error)
    return PartnerUnknown("timeout" if late else "connection_failed")


def _by_code(code: int) -> PartnerError:
    if code in LOGIN_CODES:
        return PartnerMisconfigured(f"smtp_{code}")
    if code >= 500:
        return PartnerRefused(f"smtp_{code}")
    return PartnerUnknown(f"smtp_{code}" if code > 0 else "unexpected_reply")
