"""Mails: every one of them complete in both languages, as text and as HTML."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from desk import mails, texts, withdrawals
from desk.channels.elsewhere import NEWS_MAIL
from returns.errors import PartnerRefused
from returns.gateways.mail import Mail
from returns.gateways.supplier import Authorisation
from returns.model import Address, By, Proof, Resolution, ReturnReason
from returns.services import (
    adjustments,
    authorisations,
    bank_news,
    cancelling,
    cases,
    codes,
    desk_acts,
    drafts,
    refunds,
    reminders,
    replacements,
    uploads,
    wishes,
)
from returns.services.adjustments import Compensation, Deduction
from returns.services.notices import Letter, to_address
from returns.services.statements import Statement
from returns.services.tasks import open_tasks
from returns.tables import notices
from returns.unit import writing
from returns.work import WorkKind
from tests.houses import FakeSupplier, TestHouse, ask, heard, opened, tell_all
from tests.orders import new_order
from tests.pictures import photo

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT
LANGUAGES = ("fr", "en")
LABEL = "https://labels.nordlys.example/R-1.pdf?size=a6&lang=fr"
DEPOT = Address("Nordlys Retours", "1 rue du Port", "59000", "Lille", "FR", "Quai 4")
WORDED = sorted(
    name.removesuffix("_body")
    for name in texts.responses()
    if name.startswith("utter_mail_") and name.endswith("_body")
)
WITHOUT_FACTS = ("utter_mail_code", NEWS_MAIL)
VOID = {"meta", "br"}
EVIL = (
    "Robe <b>bleue</b> & <script>alert(1)</script>\r\nBcc: thief@example.com\n{amount}"
)


class Refusing(FakeSupplier):
    def find_return(self, reference: str) -> None:
        raise PartnerRefused("too_late")


class Page(HTMLParser):
    """What a reader sees of a mail, and of what it is built."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []
        self._open: list[bool] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        hides = tag in ("head", "style") or ("aria-hidden", "true") in attrs
        if tag not in VOID:
            self._open.append(hides)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.shown.append(data)

    def all_of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def tell(
    house: TestHouse, talk: str, order: dict[str, Any] | None = None, **facts: Any
) -> str:
    """One return of this conversation, confirmed; its number."""
    tell_all(house, order or new_order(house), talk, **facts)
    (return_id,) = cases.confirm(house, talk, f"yes-{talk}").return_ids
    return return_id


def review(house: TestHouse, talk: str, decision: str) -> None:
    too_late = new_order(house, delivered_days_ago=40, placed_days_ago=50)
    facts = {"reasons": (R.CHANGED_MIND,), "resolution": REFUND}
    return_id = tell(house, talk, too_late, **facts)
    task = next(t for t in open_tasks(house) if t.subject_id == return_id)
    reason = "Le délai est passé.\n\nLa robe n'a pas de défaut."
    desk_acts.decide_review(house, task, decision, reason, "Camille")


def adjust(house: TestHouse, talk: str) -> None:
    """A deduction, and what the law adds, of one withdrawal."""
    return_id = withdraw(house, talk)
    authorisations.authorise(house, return_id)
    with house.reader.connect() as connection:
        (line,) = cases.lines_of(connection, return_id)
    shown = (uploads.keep(house, talk, photo(), by_staff=True),)
    wanted = Deduction(return_id, line.line_id, 1, 1000, "Col taché.", shown)
    adjustments.enter(house, wanted, "Camille")
    owed = Compensation(return_id, "W15", 300, "Nous avons payé en retard.")
    adjustments.enter(house, owed, "Camille")


def withdraw(house: TestHouse, talk: str) -> str:
    return tell(house, talk, reasons=(R.TOO_SMALL,), resolution=REFUND)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestHouse]:
    """A house that has told its customers everything once."""
    with opened("sqlite", tmp_path_factory.mktemp("mails")) as house:
        refunded = withdraw(house, "refunded")
        soon = house.clock.now()
        house.gateways.any_supplier.returns[refunded] = Authorisation(
            "NRD-7", DEPOT, soon, "supplier", LABEL
        )
        authorisations.authorise(house, refunded)
        authorisations.receive_goods(house, refunded, By.SUPPLIER)
        refunds.pay(house, money(house, refunded).refund_id)
        money_that_came_back(house)
        torn = (R.DAMAGED_IN_TRANSIT,)
        replaced = tell(house, "replaced", reasons=torn, resolution=REPLACEMENT)
        authorisations.authorise(house, replaced)
        row = replacements.start(house, replaced)
        assert row is not None
        replacements.order(house, row.replacement_id)
        adjust(house, "worn")
        house.gateways.any_supplier = Refusing()
        authorisations.authorise(house, withdraw(house, "refused"))
        review(house, "allowed", "allow")
        review(house, "declined", "decline")
        cancelling.cancel(house, "cancelled", withdraw(house, "cancelled"))
        change_wishes(house)
        a_code(house)
        a_reminder(house)
        a_statement(house)
        news_of_a_platform(house)
        yield house


def money(house: TestHouse, return_id: str) -> Any:
    with house.reader.connect() as connection:
        return refunds.of_return(connection, return_id)


def money_that_came_back(house: TestHouse) -> None:
    """The bank returned it, a person paid it another way."""
    return_id = withdraw(house, "came back")
    authorisations.authorise(house, return_id)
    authorisations.receive_goods(house, return_id, By.SUPPLIER)
    paid = money(house, return_id)
    refunds.pay(house, paid.refund_id)
    reference = money(house, return_id).paid_reference
    bank_news.returned(house, paid.refund_id, reference)
    (task,) = (t for t in open_tasks(house) if t.kind == "pay_refund")
    desk_acts.paid_by_hand(house, task, "VIR-9", "lea")


def change_wishes(house: TestHouse) -> None:
    """One who wants the money after all, and one who wants the dress after all."""
    for talk, first, then in (
        ("money", REPLACEMENT, REFUND),
        ("goods", REFUND, REPLACEMENT),
    ):
        return_id = tell(house, talk, reasons=(R.WRONG_ITEM,), resolution=first)
        wishes.answer(house, talk, return_id, then, True)


def a_code(house: TestHouse) -> None:
    """A mail that belongs to no return: somebody proves their order by a code."""
    number = new_order(house)["order_number"]
    by_code = {"order_number": number, "proof": Proof.CODE}
    drafts.hear(house, heard("m1", "inform", "code", **by_code))
    ask(house, "code")
    (code_id,) = house.queue.subjects(WorkKind.SEND_CODE)
    codes.send(house, code_id)


def a_reminder(house: TestHouse) -> None:
    """The last day to post a parcel is near."""
    return_id = withdraw(house, "posting")
    last_day = house.clock.now() + timedelta(days=3)
    given = Authorisation("NRD-8", DEPOT, last_day, "supplier", LABEL)
    authorisations.record_authorisation(house, return_id, given, By.SUPPLIER)
    house.clock.move(days=1, hours=1)
    reminders.look(house)


def news_of_a_platform(house: TestHouse) -> None:
    """News that neither Messenger nor WhatsApp could bring any more."""
    told = {"return_id": "R-7KQ2M9XA", "text": "Votre fournisseur tarde à répondre."}
    letter = Letter(NEWS_MAIL, told, "zoe@example.com", "fr")
    with writing(house) as unit:
        to_address(unit, "message:1", "talk", letter)


def a_statement(house: TestHouse) -> None:
    """Somebody withdraws on the page, of whom nobody knows yet."""
    said = Statement("Zoé Blanc", "FR-9", "zoe@example.com", "la lampe", "fr")
    withdrawals.record(house, "key", said, withdrawals.pace_of(house), "10.0.0.0/24")


def noticed(
    house: TestHouse, response: str, language: str = "fr", talk: str | None = None
) -> Any:
    """The notice as it lies in the database, in the language that is asked for."""
    columns = [column for column in notices.c if column.name != "language"]
    query = sa.select(*columns, sa.literal(language).label("language")).where(
        notices.c.medium == "mail", notices.c.response == response
    )
    if talk is not None:
        query = query.where(notices.c.conversation_id == talk)
    with house.reader.connect() as connection:
        return connection.execute(query.order_by(notices.c.created_at)).first()


def composed(
    house: TestHouse, response: str, language: str = "fr", talk: str | None = None
) -> Mail:
    return mails.compose(house, noticed(house, response, language, talk))


def page(mail: Mail) -> Page:
    assert mail.html is not None
    return Page(mail.html)


def words(text: str) -> set[str]:
    """Without the marks between label and value, which only the text form has."""
    return {word.strip(":") for word in re.split(r"\s+", text)} - {"", "--"}


def test_the_house_has_sent_every_mail_that_is_worded(house: TestHouse) -> None:
    """What the tests below compose is all that domain.yml words."""
    with house.reader.connect() as connection:
        query = sa.select(notices.c.response).where(notices.c.medium == "mail")
        assert sorted(set(connection.execute(query).scalars())) == WORDED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("response", WORDED)
def test_a_mail_is_complete(house: TestHouse, response: str, language: str) -> None:
    """No gap is left, the subject is short and names the case, the shop signs."""
    notice = noticed(house, response, language)
    mail = mails.compose(house, notice)
    assert mail.html is not None
    for told in (mail.subject, mail.text, " ".join(page(mail).shown)):
        assert not re.search(r"[{}]|None|utter_|<br|&amp;", told)
    assert (notice.return_id or "") in mail.subject
    assert len(mail.subject) <= 65 and len(mail.subject.splitlines()) == 1
    assert (mail.message_id, mail.language) == (notice.notice_id, language)
    shop = house.shop
    for told in (mail.text, " ".join(page(mail).shown)):
        for known in (shop.name, shop.legal_name, shop.address, shop.support_email):
            assert known in told
        assert shop.website in told and shop.signed(language) in told
        assert texts.say(house, "utter_letter_reply", language) in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("response", WORDED)
def test_text_and_html_say_the_same(
    house: TestHouse, response: str, language: str
) -> None:
    """Whoever reads plain text misses nothing, and neither does the other."""
    mail = composed(house, response, language)
    assert words(" ".join(page(mail).shown)) == words(mail.text) | words(mail.subject)


@pytest.mark.parametrize("response", WORDED)
def test_the_html_stands_alone_and_can_be_heard(
    house: TestHouse, response: str
) -> None:
    """Nothing is fetched; language, title, heading and facts are marked as such."""
    mail = composed(house, response, "en")
    built = page(mail)
    assert not {"img", "script", "link", "iframe", "object"} & {
        t for t, _ in built.tags
    }
    assert not re.search(r"url\(|@import|src=", mail.html or "")
    targets = {attrs["href"] for attrs in built.all_of("a")}
    ours = {house.shop.website, f"mailto:{house.shop.support_email}"}
    theirs = {LABEL, house.shop.mediator.website}
    assert ours <= targets <= ours | theirs
    assert built.all_of("html") == [{"lang": "en", "dir": "ltr"}]
    assert len(built.all_of("title")) == len(built.all_of("h1")) == 1
    of_facts = [t for t in built.all_of("table") if t.get("role") != "presentation"]
    assert len(of_facts) == (0 if response in WITHOUT_FACTS else 1)
    assert all(th["scope"] == "row" for th in built.all_of("th"))


def test_the_facts_of_a_parcel(house: TestHouse) -> None:
    """Address as on an envelope, number, last day, label: all in the mail."""
    mail = composed(house, "utter_mail_return_authorised", "en")
    address = "  Nordlys Retours\n  1 rue du Port\n  Quai 4\n  59000 Lille\n  France\n"
    assert f"Return address:\n{address}" in mail.text
    assert "Number to write on the parcel: NRD-7\n" in mail.text
    assert "Post it by: Friday, 20 November\n" in mail.text
    assert f"Prepaid label: {LABEL}\n" in mail.text
    assert "Return postage: Free of charge for you\n" in mail.text
    assert "the label is prepaid" in mail.text
    assert "\N{EURO SIGN}64.80, when the item is back\n" in mail.text


def test_the_facts_of_a_refund(house: TestHouse) -> None:
    """Amount, its share for delivery, the day; no address any more."""
    mail = composed(house, "utter_mail_refund_paid")
    paid = "  64,80\u00a0€, envoyés le vendredi 20 novembre\n"
    assert f"{paid}  dont 4,90\u00a0€ de livraison\n" in mail.text
    assert "moyen de paiement d'origine" in mail.text and "ouvrés" in mail.text
    assert "rue du Port" not in mail.text
    assert "64,80\u00a0€" in mail.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_decline_names_reason_contest_and_mediator(
    house: TestHouse, language: str
) -> None:
    """L616-1: name, address and site of the mediator; no closed European platform."""
    mail = composed(house, "utter_mail_review_declined", language)
    mediator = house.shop.mediator
    shown = " ".join(page(mail).shown)
    for told in (mail.text, shown):
        assert "Le délai est passé." in told and "pas de défaut" in told
        for known in (mediator.name, mediator.address, mediator.website):
            assert known in told
        assert ("contester" if language == "fr" else "contest") in told
        assert "ec.europa.eu" not in told


def test_a_code_greets_nobody_by_name(house: TestHouse) -> None:
    """A mail without a return tells no fact of any case."""
    mail = composed(house, "utter_mail_code")
    code = noticed(house, "utter_mail_code").params["code"]
    assert mail.text.startswith("Bonjour,\n\n")
    assert f"\n\n{code}\n\n" in mail.text and "10 minutes" in mail.text
    assert code not in mail.subject
    assert "Commande" not in mail.text


def test_what_customers_and_products_are_called_changes_nothing(
    house: TestHouse,
) -> None:
    """Tags stay text, line breaks add no line, braces are no gap, headers no header."""
    named = new_order(house, lines=[{"title": EVIL, "options": {}}])
    with house.engine.begin() as connection:
        connection.execute(
            sa.text("update orders set customer = replace(customer, 'Alex', :name)"),
            {"name": "Al<i>ex\\r\\nBcc: thief@example.com\u202e"},
        )
    tell(house, "evil", named, reasons=(R.TOO_SMALL,), resolution=REFUND)
    mail = composed(house, "utter_mail_return_opened", talk="evil")
    title = "Robe <b>bleue</b> & <script>alert(1)</script> Bcc: thief@example.com"
    assert f"  1 × «\u00a0{title} {{amount}}\u00a0»\n" in mail.text
    assert mail.text.startswith("Bonjour Al<i>ex Bcc: thief@example.com,\n\n")
    assert not re.search(r"^\s*Bcc", mail.text, re.MULTILINE)
    assert {tag for tag, _ in page(mail).tags}.isdisjoint({"b", "i", "script"})
    assert f"{title} {{amount}}" in " ".join(page(mail).shown)
    assert "thief" not in mail.subject and len(mail.subject.splitlines()) == 1


def test_a_label_that_is_no_web_address_is_not_shown(tmp_path: Path) -> None:
    """A person's typing mistake, or worse, never becomes a link."""
    with opened("sqlite", tmp_path) as house:
        for number, url in enumerate(["javascript:alert(1)", "http://a.example/1"]):
            return_id = withdraw(house, f"c{number}")
            given = Authorisation(f"RMA-{number}", DEPOT, None, "shop", url)
            authorisations.record_authorisation(
                house, return_id, given, By.STAFF, "Camille"
            )
            told = composed(house, "utter_mail_return_authorised", talk=f"c{number}")
            assert url not in told.text + (told.html or "")
            assert "À votre charge" in told.text
