"""Nothing is lost: restarts, lost networks, several tabs, reloads, refused storage."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from desk import handoffs, transcript
from returns.unit import writing
from tests.browser.visitor import PHONE, Visitor
from tests.stack import Stack

Visit = Callable[..., Visitor]
STORED = """() => [...Object.keys(localStorage), ...Object.keys(sessionStorage),
  document.cookie].filter(Boolean)"""
COMPOSING = """(field) => field.dispatchEvent(new KeyboardEvent("keydown",
  {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""
LATE_MS = 60_000


def test_desk_killed_mid_message(visit: Visit, stack: Stack) -> None:
    """The desk dies while it answers and comes back: the message arrives once."""
    somebody = visit()
    somebody.open()
    before = somebody.answers
    somebody.say("ma robe est arrivée déchirée", answered=False)
    stack.kill("desk")
    expect(somebody.panel.get_by_text("Connexion perdue")).to_be_visible()
    somebody.check("desktop-lost")
    stack.start("desk")
    expect(somebody.page.locator(".row.bot").nth(before)).to_be_attached(
        timeout=LATE_MS
    )
    expect(somebody.page.locator(".state")).to_have_count(0, timeout=LATE_MS)
    expect(somebody.panel.get_by_text("Connexion perdue")).to_have_count(0)
    assert somebody.mine("ma robe est arrivée déchirée") == 1
    stack.wait_ready()
    somebody.reload()
    somebody.page.locator("#panel .row").first.wait_for()
    assert somebody.mine("ma robe est arrivée déchirée") == 1


def test_offline_and_back(visit: Visit) -> None:
    """Said without a network: it says so, waits, and is sent when it is back."""
    somebody = visit(size=PHONE)
    somebody.open()
    somebody.context.set_offline(True)
    expect(somebody.panel.get_by_text("Connexion perdue")).to_be_visible()
    before = somebody.answers
    somebody.say("mon colis est cassé", answered=False)
    expect(somebody.page.locator(".state")).to_have_text("Envoi…")
    somebody.context.set_offline(False)
    somebody.wait_answer(before)
    assert somebody.mine("mon colis est cassé") == 1


def test_not_sent_then_retried(visit: Visit) -> None:
    """What the desk refuses says why, and can be edited and sent again."""
    somebody = visit()
    somebody.open()
    somebody.say("trop long " * 500, answered=False)
    failed = somebody.page.locator(".state.failed")
    expect(failed).to_contain_text("4000")
    somebody.check("desktop-refused")
    failed.get_by_role("button", name="Modifier").click()
    assert somebody.field.input_value().startswith("trop long")
    somebody.say("trop petit")
    assert somebody.page.locator(".row.customer").count() == 1


def test_two_tabs(visit: Visit) -> None:
    """Both tabs show one conversation, and a new one begins in both."""
    somebody = visit()
    somebody.open()
    second = somebody.tab()
    second.locator("#launcher").click()
    second.locator(".row").first.wait_for()
    somebody.say("bonjour, ma robe est trop petite")
    mine = second.locator(".row.customer")
    expect(mine).to_have_count(1)
    expect(mine).to_contain_text("trop petite")
    expect(second.locator(".row.bot")).to_have_count(somebody.answers)
    second.get_by_role("button", name="Options").click()
    second.get_by_role("button", name="Recommencer").click()
    second.locator(".menu .primary").click()
    expect(somebody.page.locator(".row.customer")).to_have_count(0)
    expect(somebody.page.locator(".row.bot")).to_have_count(1)


def test_reload_keeps_all(visit: Visit) -> None:
    """After a reload the history, the open chat and the unsent draft are there."""
    somebody = visit()
    somebody.open()
    somebody.say("bonjour, ma robe est trop petite")
    texts = somebody.page.locator(".bubble").all_inner_texts()
    somebody.field.fill("FR-10")
    somebody.reload()
    expect(somebody.page.locator(".bubble")).to_have_count(len(texts))
    assert somebody.page.locator(".bubble").all_inner_texts() == texts
    expect(somebody.field).to_have_value("FR-10")


def test_nothing_before_opening(visit: Visit) -> None:
    """Before the chat is opened: nothing stored, no request but the script."""
    somebody = visit()
    somebody.page.wait_for_timeout(300)
    desk = [url for url in somebody.asked if url.startswith(somebody.stack.url)]
    assert desk == [f"{somebody.stack.url}/widget/v1.js"]
    assert somebody.page.evaluate(STORED) == []
    with somebody.page.expect_response("**/widget/v1/chat.fr.js?*"):
        somebody.page.locator("#launcher").hover()
    somebody.page.wait_for_timeout(300)
    assert not [url for url in somebody.asked if "/chat/" in url]
    assert somebody.page.evaluate(STORED) == []
    somebody.open()
    assert not [url for url in somebody.asked if "/more." in url]
    somebody.say("bonjour")
    assert somebody.context.cookies() == []
    token = somebody.page.evaluate("JSON.parse(localStorage['bonretour:token'])")
    assert not [url for url in somebody.asked if token in url]


def test_storage_that_throws(visit: Visit) -> None:
    """A browser that forbids storage can still talk."""
    somebody = visit(query={"nostore": "1"})
    somebody.open()
    somebody.say("bonjour, ma robe est trop petite")
    assert somebody.mine("bonjour, ma robe est trop petite") == 1


def test_unread_badge(visit: Visit, stack: Stack) -> None:
    """News while the chat is closed is counted, and the shop's page hears of it."""
    somebody = visit()
    somebody.open()
    somebody.say("je veux parler à un conseiller")
    somebody.page.keyboard.press("Escape")
    conversation_id = handoffs.waiting(stack.house)[-1].conversation_id
    handoffs.reply(stack.house, conversation_id, "Je regarde.", "Nadia")
    launcher = somebody.page.locator("#launcher")
    expect(launcher).to_have_accessible_name(
        "Besoin d’un retour ?, ouvrir la discussion, 1 nouveau message"
    )
    somebody.check("desktop-unread")
    launcher.click()
    somebody.page.keyboard.press("Escape")
    expect(somebody.page.locator(".badge")).to_be_hidden()
    told = somebody.page.evaluate("window.told")
    assert ["unread", {"count": 1}] in told
    assert ["message", {"author": "staff", "expects": None}] in told
    assert "regarde" not in str(told)


def test_focus_returns_to_opener(visit: Visit) -> None:
    """A button of the shop's opens the chat and gets the focus back; Esc elsewhere does
    nothing."""
    somebody = visit()
    opener = somebody.page.locator("nav button")
    opener.click()
    somebody.messages.first.wait_for()
    opener.focus()
    somebody.page.keyboard.press("Escape")
    expect(somebody.panel).to_be_visible()
    somebody.field.focus()
    somebody.page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_input_method(visit: Visit) -> None:
    """Enter that ends a composed word sends nothing; Shift+Enter makes a line."""
    somebody = visit()
    somebody.open()
    somebody.field.fill("きれい")
    somebody.field.evaluate(COMPOSING)
    somebody.field.press("Shift+Enter")
    assert somebody.page.locator(".row.customer").count() == 0
    assert somebody.field.input_value() == "きれい\n"
    somebody.say("deux\nlignes")
    assert somebody.page.locator(".row.customer .bubble").inner_text() == "deux\nlignes"


def test_reduced_motion(visit: Visit) -> None:
    """Who wants no movement gets none."""
    somebody = visit(reduced_motion="reduce")
    somebody.open()
    moving = somebody.page.evaluate(
        """() => document.getAnimations().length +
        document.querySelector("bonretour-chat").shadowRoot.getAnimations().length"""
    )
    assert moving == 0


def test_erase_and_privacy(visit: Visit) -> None:
    """What is kept is said with the shop's link; a conversation can be erased."""
    query = {"privacy-url": "/elsewhere", "kept-days": "90"}
    somebody = visit(size=PHONE, query=query)
    somebody.open()
    expect(somebody.panel.get_by_text("conservés 90 jours")).to_be_visible()
    link = somebody.panel.get_by_role("link", name="Vos données")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    somebody.say("bonjour")
    somebody.panel.get_by_role("button", name="Options").click()
    somebody.check("phone-menu")
    somebody.panel.get_by_role("button", name="Effacer ma discussion").click()
    somebody.check("phone-erase")

    somebody.page.locator(".menu .primary").click()
    expect(somebody.panel.get_by_text("Votre discussion est effacée.")).to_be_visible()
    somebody.check()
    left = somebody.page.evaluate("Object.keys(localStorage)")
    assert left == []
    somebody.panel.get_by_role("button", name="Nouvelle discussion").click()
    somebody.messages.first.wait_for()
    assert somebody.page.locator(".row.customer").count() == 0


def test_long_history(visit: Visit, stack: Stack) -> None:
    """1,000 messages: the newest at once, all on demand, each once and in order."""
    customer = stack.customer()
    _remember(stack, customer.conversation_id, 1000)
    somebody = visit()
    somebody.be(customer.token)
    somebody.page.locator("#launcher").click()
    somebody.sees("message 999")
    assert somebody.page.locator(".row").count() == 100
    earlier = somebody.panel.get_by_role("button", name="Messages précédents")
    for shown in range(200, 1001, 100):
        held = somebody.page.locator(".row").first
        place = held.inner_text()
        earlier.click()
        expect(somebody.page.locator(".row")).to_have_count(shown)
        still = somebody.page.locator(".row", has_text=place.split("\n")[-1]).last
        assert _seen(still), f"lost the place at {shown}"
    earlier.click()
    expect(earlier).to_have_count(0)
    texts = somebody.page.locator(".bubble").all_inner_texts()
    assert texts[1:] == [f"message {n}" for n in range(1000)]
    somebody.say("et encore une question", answered=False)
    expect(somebody.page.locator(".state")).to_have_count(0)
    assert somebody.mine("et encore une question") == 1
    assert _seen(somebody.page.locator(".row.customer").last)
    assert somebody.audit() == []


def _remember(stack: Stack, conversation_id: str, many: int) -> None:
    with writing(stack.house) as unit:
        for n in range(many):
            author = ("customer", "staff")[n % 2]
            line = transcript.Line(author, f"message {n}", author_name="Nadia")
            transcript.add(unit, conversation_id, line)


def _seen(row: Locator) -> bool:
    """Whether it is inside what the list of messages shows now."""
    box = row.bounding_box()
    log = row.page.locator("#log").bounding_box()
    assert box is not None and log is not None
    return log["y"] - 60 <= box["y"] <= log["y"] + log["height"]


def test_session_that_ended(visit: Visit, stack: Stack) -> None:
    """The desk no longer knows the session: a new one opens and gets the message."""
    customer = stack.customer()
    somebody = visit()
    somebody.be(customer.token)
    somebody.open()
    assert customer.http.delete("/chat/sessions/current").status_code == 200
    somebody.say("ma robe est arrivée déchirée", answered=False)
    expect(
        somebody.panel.get_by_text("La discussion précédente est terminée")
    ).to_be_visible()
    expect(somebody.page.locator(".row.bot")).not_to_have_count(1)
    expect(somebody.page.locator(".state")).to_have_count(0)
    assert somebody.mine("ma robe est arrivée déchirée") == 1
