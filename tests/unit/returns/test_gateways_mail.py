"""Mail: one Message-ID for ever, no forged header, every error by its name."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from threading import Thread

import pytest

from returns.clock import FixedClock
from returns.errors import (
    ConfigurationError,
    PartnerError,
    PartnerMisconfigured,
    PartnerRefused,
    PartnerUnknown,
)
from returns.gateways import mail as mail_module
from returns.gateways.mail import Mail, SmtpMailer
from returns.settings import load_settings
from returns.shop import load_shop
from returns.wiring import Gateways

CLOCK = FixedClock(datetime(2026, 11, 25, 9, 30, tzinfo=UTC))
GOOD = Mail(
    "notice-7", "camille@example.com", "Votre retour", "Bonjour\n", "<p>Bonjour"
)


class PostOffice:
    """An SMTP server that answers a verb as told, else in the usual way."""

    def __init__(self, told: dict[str, str]) -> None:
        self.told = told
        self.taken: list[bytes] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # else a waiting accept keeps it open
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines)

    def _talk(self, connection: socket.socket, lines: Iterator[bytes]) -> None:
        self._say(connection, "HELLO", "220 office")
        for line in lines:
            verb = line.split()[0].decode().upper()
            if not self._say(
                connection, verb, "354 go" if verb == "DATA" else "250 ok"
            ):
                return
            if verb == "DATA" and verb not in self.told:
                content = b"".join(iter(lambda: next(lines), b".\r\n"))
                self.taken.append(content)
                self._say(connection, "CONTENT", "250 kept")

    def _say(self, connection: socket.socket, verb: str, usual: str) -> bool:
        answer = self.told.get(verb, usual)
        if answer != "gone":
            connection.sendall(answer.encode() + b"\r\n")
        return answer != "gone"


@contextmanager
def post_office(**told: str) -> Iterator[PostOffice]:
    office = PostOffice(told)
    try:
        yield office
    finally:
        office.close()


def mailer(office: PostOffice, *, starttls: bool = False) -> SmtpMailer:
    sender = "Atelier Bonheur <retours@shop.example>"
    return SmtpMailer("127.0.0.1", office.port, sender, starttls=starttls, clock=CLOCK)


def test_sends_what_it_was_given() -> None:
    """Recipient, subject, both texts, our id and our clock's date arrive."""
    with post_office() as office:
        mailer(office).send(GOOD)
        message = message_from_bytes(office.taken[0], policy=default)
    assert message["Message-ID"] == "<notice-7@shop.example>"
    assert message["Date"].datetime == CLOCK.now()
    assert (message["To"], message["Subject"]) == (GOOD.to, GOOD.subject)
    assert message["From"] == "Atelier Bonheur <retours@shop.example>"
    parts = [part.get_content_type() for part in message.iter_parts()]
    assert parts == ["text/plain", "text/html"]


def test_headers_say_who_writes_and_how_to_answer() -> None:
    """The shop's mailer: its name, where answers go, the language, no auto-reply."""
    with post_office() as office:
        settings = replace(load_settings(), sandbox_port=office.port - 1)
        shop = replace(load_shop(settings.shop_file), name='Café "Olive", & fils')
        shop = replace(shop, support_email="aide@example.com")
        Gateways(settings, shop, CLOCK).mailer().send(replace(GOOD, language="fr"))
        message = message_from_bytes(office.taken[0], policy=default)
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (shop.name, shop.mail.sender)
    assert message["Reply-To"] == "aide@example.com"
    assert message["Content-Language"] == "fr"
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_mail_travels_in_seven_bits_and_short_lines() -> None:
    """Accents, no-break spaces and long lines arrive whole through any server."""
    long = "é\u00a0€ " * 400
    mail = replace(
        GOOD, subject="Reçu\u00a0: 5\u00a0€", text=long, html=f"<p>{long}</p>"
    )
    with post_office() as office:
        mailer(office).send(mail)
        (taken,) = office.taken
        message = message_from_bytes(taken, policy=default)
    assert taken.isascii()
    assert max(len(line) for line in taken.split(b"\r\n")) <= 78
    assert message["Subject"] == mail.subject
    for form in ("plain", "html"):
        part = message.get_body((form,))
        assert part is not None and long.strip() in part.get_content()


@pytest.mark.parametrize(
    "message_id", ["notice:1/refund", "x" * 150, "a@b<c>\r\nBcc: d@e.example", "é"]
)
def test_the_same_id_is_the_same_header(message_id: str) -> None:
    """Any id gives one Message-ID, in one line, the same each time it is sent."""
    same = Mail(message_id, GOOD.to, GOOD.subject, GOOD.text)
    with post_office() as office:
        for _ in range(2):
            mailer(office).send(same)
        seen = [message_from_bytes(taken, policy=default) for taken in office.taken]
    assert (
        seen[0]["Message-ID"]
        == seen[1]["Message-ID"]
        == mailer(office).message_id(same)
    )
    assert seen[0]["Bcc"] is None


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@example.com\r\nBcc: b@example.com", "x"),
        ("a@example.com, b@example.com", "x"),
        ("Camille <a@example.com>", "x"),
        ("a@b@example.com", "x"),
        ("nobody", "x"),
        ("", "x"),
        ("a@example.com", "x\r\nBcc: b@example.com"),
        ("a@example.com", "x\nBcc: b@example.com"),
    ],
)
def test_refuses_what_would_add_a_header_or_a_reader(to: str, subject: str) -> None:
    """A line break or a second address is refused before a connection is made."""
    with post_office() as office:
        with pytest.raises(PartnerRefused):
            mailer(office).send(Mail("notice-7", to, subject, "x"))
        assert office.connections == 0


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"HELLO": "421 busy"}, PartnerUnknown),
        ({"RCPT": "550 unknown"}, PartnerRefused),
        ({"RCPT": "450 greylisted"}, PartnerUnknown),
        ({"MAIL": "553 not yours"}, PartnerMisconfigured),
        ({"MAIL": "530 log in"}, PartnerMisconfigured),
        ({"MAIL": "451 later"}, PartnerUnknown),
        ({"DATA": "451 later"}, PartnerUnknown),
        ({"CONTENT": "554 spam"}, PartnerRefused),
        ({"CONTENT": "451 later"}, PartnerUnknown),
        ({"CONTENT": "gone"}, PartnerUnknown),
        ({"CONTENT": "it works"}, PartnerUnknown),
        ({"DATA": "gone"}, PartnerUnknown),
    ],
)
def test_an_answer_is_one_error(
    told: dict[str, str], error: type[PartnerError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For good, for now or our own fault: each answer is one of three."""
    monkeypatch.setattr(mail_module, "TIMEOUT_SECONDS", 0.3)
    with post_office(**told) as office, pytest.raises(PartnerError) as caught:
        mailer(office).send(GOOD)
    assert type(caught.value) is error
    assert "example.com" not in caught.value.reason


def test_a_goodbye_that_fails_changes_nothing() -> None:
    """A mail that was taken is sent, also when the server then goes away."""
    with post_office(QUIT="gone") as office:
        mailer(office).send(GOOD)
        assert len(office.taken) == 1


def test_never_goes_on_unencrypted_when_told_to_encrypt() -> None:
    """A server without STARTTLS gets no mail."""
    with post_office() as office:
        with pytest.raises(PartnerMisconfigured):
            mailer(office, starttls=True).send(GOOD)
        assert office.taken == []


def test_nobody_there_is_unknown() -> None:
    """A closed port is no answer."""
    with post_office() as office:
        pass
    with pytest.raises(PartnerUnknown, match="connection_failed"):
        mailer(office).send(GOOD)


@pytest.mark.parametrize("sender", ["", "Atelier", "a@b.example\r\nBcc: c@d.example"])
def test_refuses_a_sender_that_is_no_address(sender: str) -> None:
    """A wrong sender is a configuration error, not a bounced mail."""
    with pytest.raises(ConfigurationError):
        SmtpMailer("127.0.0.1", 25, sender)


def test_refuses_a_name_that_would_add_a_header() -> None:
    """A line break in the shop's name is told at the start, not by a bounced mail."""
    with pytest.raises(ConfigurationError, match="mail sender"):
        SmtpMailer("127.0.0.1", 25, "a@b.example", name="Olive\r\nBcc: c@d.example")


def test_refuses_to_log_in_unencrypted() -> None:
    """A password is never sent in the clear."""
    with pytest.raises(ConfigurationError, match="starttls"):
        SmtpMailer(
            "127.0.0.1", 25, "a@b.example", starttls=False, username="a", password="b"
        )
