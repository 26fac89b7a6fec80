"""The withdrawal page: two steps, no login, no script, and it never tells (F1-F5)."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from starlette.requests import Request

from desk import texts, withdrawals
from desk.pace import Pace, place_of
from desk.tables import conversations, messages
from returns.services import statements
from returns.services.statements import Statement
from returns.services.tasks import open_tasks
from returns.shop import Limits
from returns.tables import notices
from returns.work import WorkKind
from tests.desks import FakeRasa, WebClient, web
from tests.houses import TestHouse
from tests.orders import new_order
from tests.unit.desk.test_web import fits

FIELDS = ("name", "order_number", "email", "articles")
GOOD = {"name": "Zoé Blanc", "order_number": "FR-1042", "email": "zoe@example.com"}
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202eFR"
STRICT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)


class Shown(HTMLParser):
    """A page: its tags, its form's fields, its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.fields: dict[str, str] = {}
        self.words: list[str] = []
        self._area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append((tag, told))
        if tag == "input":
            self.fields[str(told["name"])] = told["value"] or ""
        self._area = str(told["name"]) if tag == "textarea" else None
        if self._area:
            self.fields[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data.removeprefix("\n")
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all_of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def buttons(self) -> list[str]:
        return [str(attrs["value"]) for attrs in self.all_of("button")]


def post(client: WebClient, step: str, fields: dict[str, str]) -> Any:
    return client.post("/withdraw", data={"lang": "fr", **fields, "step": step})


def second_step(client: WebClient, **changes: str) -> dict[str, str]:
    """Everything that the second step's form holds."""
    got = post(client, "check", {**GOOD, **changes})
    assert got.status_code == 200, got.text
    return Shown(got.text).fields


def done(client: WebClient, **changes: str) -> Shown:
    got = post(client, "confirm", second_step(client, **changes))
    assert got.status_code == 200, got.text
    return Shown(got.text)


def count(house: TestHouse, table: sa.Table) -> int:
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).select_from(table)
        return int(connection.execute(query).scalar_one())


def stated(house: TestHouse) -> int:
    return len(house.queue.subjects(WorkKind.SETTLE_WITHDRAWAL))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_words_of_the_law(client: WebClient, language: str) -> None:
    """Both labels as the law writes them (F1, F4), each a heading or a button."""
    asked, confirmed = {
        "fr": ("Renoncer au contrat ici", "Confirmer la rétractation"),
        "en": ("Withdraw from contract here", "Confirm withdrawal"),
    }[language]
    first = client.get(f"/withdraw?lang={language}").text
    assert f"<h1>{asked}</h1>" in first and confirmed not in first
    second = post(client, "check", {**GOOD, "lang": language}).text
    assert re.search(rf'value="confirm">{confirmed}</button>', second)
    assert f'<html lang="{language}">' in second


def test_the_language_is_the_named_one_then_the_browsers(client: WebClient) -> None:
    """?lang before Accept-Language before the shop's first."""
    english = {"Accept-Language": "en-GB,en"}
    assert '<html lang="en">' in client.get("/withdraw", headers=english).text
    named = client.get("/withdraw?lang=fr", headers=english).text
    assert '<html lang="fr">' in named
    assert '<html lang="fr">' in client.get("/withdraw?lang=de").text


def test_changing_the_language_loses_nothing(client: WebClient) -> None:
    """What was typed so far stands in the other language's form."""
    typed = {**GOOD, "articles": "la robe\r\nla lampe"}
    shown = Shown(post(client, "en", typed).text)
    assert {name: shown.fields[name] for name in FIELDS} == {
        **GOOD,
        "articles": "la robe\nla lampe",
    }
    assert "Withdraw from contract here" in shown.text


def test_nothing_is_needed_but_name_order_and_mail(client: WebClient) -> None:
    """No login, no reason, no other field that must be filled in (F3, N1)."""
    shown = Shown(client.get("/withdraw").text)
    needed = {a["name"] for t, a in shown.tags if t == "input" and "required" in a}
    assert needed == {"name", "order_number", "email"}
    assert set(shown.fields) == {*FIELDS, "lang"}


def test_pages_are_closed_to_everything_foreign(client: WebClient) -> None:
    """Strict CSP, no script, no cookie, nothing fetched from elsewhere."""
    pages = [client.get("/withdraw"), post(client, "check", GOOD)]
    pages.append(post(client, "confirm", Shown(pages[1].text).fields))
    pages.append(post(client, "check", {}))
    for got in pages:
        assert got.headers["content-security-policy"] == STRICT
        assert got.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in got.headers
        shown = Shown(got.text)
        assert not shown.all_of("script") + shown.all_of("iframe")
        assert not any("style" in attrs for _, attrs in shown.tags)
        assert not any(name.startswith("on") for _, a in shown.tags for name in a)
        assert [a["href"] for a in shown.all_of("link")] == ["/static/withdraw.css"]
    assert client.get("/static/withdraw.css").status_code == 200


def test_the_first_step_records_nothing(house: TestHouse, client: WebClient) -> None:
    """Only the confirmation is a statement."""
    second_step(client)
    post(client, "form", second_step(client))
    assert (stated(house), count(house, conversations)) == (0, 0)


def test_changing_goes_back_with_everything(client: WebClient) -> None:
    """« Modifier » opens the first step as it was."""
    shown = Shown(post(client, "form", second_step(client, articles="la robe")).text)
    assert {n: shown.fields[n] for n in FIELDS} == {**GOOD, "articles": "la robe"}
    assert "check" in shown.buttons


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", " \u200b\t "),
        ("order_number", ""),
        ("email", ""),
        ("email", "zoe"),
        ("email", "zoe@example"),
        ("email", "a@example.com, b@example.com"),
        ("email", "Zoé <zoe@example.com>"),
        ("name", "n" * 201),
    ],
)
def test_a_mistake_is_told_beside_its_field(
    house: TestHouse, client: WebClient, field: str, typed: str
) -> None:
    """In plain words, read out with the field, and nothing else typed is lost."""
    got = post(client, "check", {**GOOD, field: typed, "articles": "robe"})
    assert got.status_code == 422
    shown = Shown(got.text)
    (bad,) = [a for t, a in shown.tags if a.get("aria-invalid")]
    assert bad["name"] == field and "autofocus" in bad
    assert f"{field}-error" in (bad["aria-describedby"] or "")
    assert {"id": f"{field}-error", "class": "error"} in [
        {"id": a.get("id"), "class": a.get("class")} for a in shown.all_of("p")
    ]
    kept = {name: shown.fields[name] for name in FIELDS if name != field}
    assert kept == {**{n: v for n, v in GOOD.items() if n != field}, "articles": "robe"}
    assert any(a.get("role") == "alert" for _, a in shown.tags)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_receipt_says_what_and_when(client: WebClient, language: str) -> None:
    """Content, date and time to the minute with its zone, and a reference (F5)."""
    shown = done(client, articles="la robe", lang=language)
    for value in (*GOOD.values(), "la robe"):
        assert value in shown.text
    moment = {
        "fr": "vendredi 20 novembre 2026 à 13:00 (heure de Paris, UTC+01:00)",
        "en": "Friday, 20 November 2026 at 13:00 (Paris time, GMT+01:00)",
    }[language]
    assert moment in shown.text
    assert re.search(r"\bW-[2-9A-Z]{8}\b", shown.text)
    receipt = {"fr": "accusé de réception", "en": "acknowledgement of receipt"}
    assert receipt[language] in shown.text


def test_the_same_receipt_goes_by_mail(house: TestHouse, client: WebClient) -> None:
    """To the address that was given, about the same statement."""
    reference = re.findall(r"W-\w{8}", done(client).text)[0]
    with house.reader.connect() as connection:
        row = connection.execute(sa.select(notices)).one()
    assert (row.recipient, row.medium) == (GOOD["email"], "mail")
    assert row.notice_id == f"withdrawal:{reference}"
    assert house.queue.subjects(WorkKind.DELIVER_NOTICE) == [row.notice_id]


def test_nobody_can_tell_whether_the_order_exists(
    house: TestHouse, client: WebClient
) -> None:
    """I2: one page and one mail for right, wrong and unknown, and the same work."""
    order = new_order(house)
    right = {
        "order_number": order["order_number"],
        "email": order["customer"]["email"],
    }
    tries = [
        right,
        {**right, "email": "x@example.net"},
        {**right, "order_number": "ZZ"},
    ]
    pages, mails, work = set(), set(), set()
    for entered in tries:
        before = len(house.queue.pushed)
        page = done(client, **entered).text
        work.add(tuple(item.kind for item in house.queue.pushed[before:]))
        with house.reader.connect() as connection:
            newest = sa.select(notices).order_by(notices.c.created_at.desc())
            row = connection.execute(
                newest.where(notices.c.notice_id == house.queue.pushed[-2].subject_id)
            ).one()
        for value in entered.values():
            page = page.replace(value, "…")
        pages.add(re.sub(r"W-\w{8}", "W", page))
        mails.add((row.response, len(row.params["facts"])))
        house.clock.move(seconds=1)
    assert (len(pages), len(mails), len(work)) == (1, 1, 1)


def test_the_same_is_done_for_right_wrong_and_unknown(house: TestHouse) -> None:
    """No look-up to take longer or shorter: the database is asked the same things."""
    order = new_order(house)
    said = Statement("A", order["order_number"], order["customer"]["email"], "", "fr")
    asked: list[str] = []
    sa.event.listen(
        house.engine, "before_cursor_execute", lambda *call: asked.append(call[2])
    )
    heard = []
    for key, statement in {
        "right": said,
        "wrong": replace(said, email="x@example.net"),
        "unknown": replace(said, order_number="ZZ"),
    }.items():
        asked.clear()
        withdrawals.record(house, key, statement, Pace(9, 9), "here")
        heard.append(list(asked))
    assert heard[0] == heard[1] == heard[2] and len(heard[0]) > 5
    assert not any("FROM orders" in statement for statement in heard[0])


def test_twice_confirmed_is_one_statement(house: TestHouse, client: WebClient) -> None:
    """A double click, a reload: the same reference and moment, one mail."""
    fields = second_step(client)
    first = post(client, "confirm", fields).text
    house.clock.move(minutes=9)
    assert post(client, "confirm", fields).text == first
    assert (stated(house), count(house, notices)) == (1, 1)


def test_confirmed_fifty_times_at_once(any_house: TestHouse) -> None:
    """One statement, fifty equal answers."""
    said = Statement(**GOOD, articles="", language="fr")
    pace = Pace(100, 60)
    with ThreadPoolExecutor(10) as pool:
        receipts = set(
            pool.map(
                lambda _: withdrawals.record(any_house, "k", said, pace, "here"),
                range(50),
            )
        )
    assert len(receipts) == 1
    assert count(any_house, conversations) == 1 == len(open_tasks(any_house))


@pytest.mark.parametrize("change", ["key", "seal", "name", "email"])
def test_a_second_step_that_we_did_not_show_is_shown_first(
    house: TestHouse, client: WebClient, change: str
) -> None:
    """Two steps are two steps (F4): no confirmation of what was not seen."""
    fields = {**second_step(client), change: "other@example.com"}
    shown = Shown(post(client, "confirm", fields).text)
    assert "confirm" in shown.buttons and stated(house) == 0
    assert post(client, "confirm", shown.fields).status_code == 200
    assert stated(house) == 1


def test_staff_read_the_statement(house: TestHouse, client: WebClient) -> None:
    """As a conversation of its own kind, and as a task with all of it."""
    done(client, articles="la robe")
    (task,) = open_tasks(house)
    with house.reader.connect() as connection:
        talk = connection.execute(sa.select(conversations)).one()
        line = connection.execute(sa.select(messages)).one()
    assert (talk.channel, talk.conversation_id) == (
        "withdrawal",
        task.facts["conversation_id"],
    )
    assert line.author == "customer" and "rétractation" in line.text
    for value in (*GOOD.values(), "la robe"):
        assert value in line.text and value in task.facts.values()


def test_what_is_typed_stays_text(house: TestHouse, client: WebClient) -> None:
    """C6: no tag, no attribute, no turned text out of any field."""
    typed = dict.fromkeys(("name", "order_number", "articles"), EVIL)
    known = {tag for tag, _ in Shown(client.get("/withdraw").text).tags}
    for got in (
        post(client, "check", {**GOOD, **typed, "email": EVIL}),
        post(client, "check", {**GOOD, **typed}),
        post(client, "confirm", second_step(client, **typed)),
    ):
        shown = Shown(got.text)
        extra = {"ul", "li", "dl", "dt", "dd", "bdi", "h2"}
        assert {t for t, _ in shown.tags} <= known | extra
        assert not any(name.startswith("on") for _, a in shown.tags for name in a)
        assert "\u202e" not in got.text


def test_too_many_from_one_place(house: TestHouse, rasa: FakeRasa) -> None:
    """The form keeps everything, says what to do, and a repeat is always answered."""
    limits = replace(house.shop.limits, withdrawals_per_hour_per_address=2)
    house.shop = replace(house.shop, limits=limits)
    with web(house, rasa) as client:
        first = second_step(client)
        assert post(client, "confirm", first).status_code == 200
        done(client)
        third = second_step(client)
        got = post(client, "confirm", third)
        assert got.status_code == 429
        shown = Shown(got.text)
        assert shown.fields == third and house.shop.support_email in shown.text
        assert post(client, "confirm", first).status_code == 200
    assert stated(house) == 2


def test_a_database_that_cannot_be_written_loses_nothing(
    house: TestHouse, client: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same page again, with a sentence; the same key works afterwards."""
    fields = second_step(client)
    with monkeypatch.context() as patched:
        broken = sa.exc.OperationalError("insert", {}, Exception("locked"))

        def fails(*_: object) -> None:
            raise broken

        patched.setattr(statements, "record", fails)
        got = post(client, "confirm", fields)
    assert got.status_code == 503 and Shown(got.text).fields == fields
    assert post(client, "confirm", fields).status_code == 200
    assert stated(house) == 1


def test_a_foreign_page_cannot_send_the_form(client: WebClient) -> None:
    """Its origin is not ours."""
    headers = {"Origin": "https://evil.example.net"}
    got = client.post("/withdraw", data={**GOOD, "step": "check"}, headers=headers)
    assert got.status_code == 403


def test_a_body_that_is_no_form(client: WebClient) -> None:
    """Too long, too many fields, not UTF-8: refused, never a crash."""
    assert client.post("/withdraw", content=b"a" * 70_000).status_code == 413
    assert client.post("/withdraw", content=b"a=1&" * 40).status_code == 422
    assert client.post("/withdraw", content=b"name=%FF\xff").status_code == 422


@pytest.fixture
def call() -> dict[str, Any]:
    return {"statement_id": str(uuid4()), "language": "fr", **GOOD}


def test_the_component_states_the_same(
    house: TestHouse, client: WebClient, call: dict[str, Any]
) -> None:
    """One receipt for each id; another body under it is refused."""
    got = client.post("/withdraw/statements", json=call)
    assert got.status_code == 201
    told = got.json()
    assert told["stated_at"] == "2026-11-20T12:00:00Z"
    assert told["facts"][0] == {"label": "Référence", "lines": [told["reference"]]}
    assert client.post("/withdraw/statements", json=call).json() == told
    other = {**call, "name": "Another"}
    assert client.post("/withdraw/statements", json=other).status_code == 409
    assert stated(house) == 1


def test_the_component_is_told_each_mistake(
    client: WebClient, call: dict[str, Any]
) -> None:
    """By field, in the customer's language."""
    got = client.post("/withdraw/statements", json={**call, "name": " ", "email": "x"})
    assert got.status_code == 422
    assert set(got.json()["errors"]) == {"name", "email"}
    assert "prénom" in got.json()["errors"]["name"]


def test_the_components_answers_are_as_documented(
    client: WebClient, call: dict[str, Any]
) -> None:
    """Receipt, mistakes and words fit the document's schemas."""
    document = client.get("/openapi.json").json()
    path = "/withdraw/statements"
    for body in (call, {**call, "email": "x"}, {}):
        got = client.post(path, json=body)
        assert fits(document, path, "post", got) == []
    got = client.get("/withdraw/words")
    assert fits(document, "/withdraw/words", "get", got) == []


def test_the_component_has_every_word(house: TestHouse, client: WebClient) -> None:
    """From domain.yml, in the language it asks for."""
    told = client.get("/withdraw/words?lang=en").json()
    assert told["language"] == "en"
    assert told["words"]["confirm"] == "Confirm withdrawal"
    said = texts.say(house, "utter_withdraw_error_email", "en")
    assert told["words"]["error_email"] == said


def test_a_place_is_a_network_and_proxies_must_be_trusted(client: WebClient) -> None:
    """A header that anybody can write names nobody but behind our own proxy."""

    def at(host: str, *named: str, trusted: tuple[str, ...] = ()) -> str:
        headers = [(b"x-forwarded-for", ", ".join(named).encode())]
        scope = {
            "type": "http",
            "client": (host, 1),
            "headers": headers if named else [],
        }
        networks = tuple(ip_network(network) for network in trusted)
        return place_of(Request(scope), Limits(trusted_proxies=networks))

    assert at("192.0.2.7") == at("192.0.2.99", "203.0.113.9") == "192.0.2.0/24"
    proxies = ("10.0.0.0/8",)
    assert at("10.0.0.1", "203.0.113.9", trusted=proxies) == "203.0.113.0/24"
    forged = at("10.0.0.1", "198.51.100.1", "203.0.113.9", "10.1.1.1", trusted=proxies)
    assert forged == "203.0.113.0/24"
    assert at("2001:db8:1:2:3::1") == "2001:db8:1:2::/64"
    assert at("unix") == "unix"


def test_a_pace_forgets() -> None:
    """What is an hour old counts no more."""
    now = [0.0]
    pace = Pace(2, 10, lambda: now[0])
    assert [pace.allows("a") for _ in range(3)] == [True, True, False]
    assert pace.allows("b")
    now[0] = 10.0
    assert pace.allows("a")


def test_a_shop_of_one_language_offers_no_other(
    house: TestHouse, rasa: FakeRasa
) -> None:
    """No button for a language that the shop does not speak."""
    house.shop = replace(house.shop, languages=("fr",))
    with web(house, rasa) as client:
        shown = Shown(client.get("/withdraw?lang=en").text)
        assert shown.buttons == ["check"] and "Renoncer au contrat ici" in shown.text
