"""Known bugs: others' (security.md names them), and our own of the CHANGELOG.

Each is a replacement whose anchor must be in its file once; tests/unit/benchmarks
checks that, so that a bug that no longer fits is noticed.
"""

from dataclasses import dataclass

MONEY = "tests/unit/returns/test_money.py"
REFUNDS = "tests/unit/returns/test_refunds.py"
INBOX = "tests/unit/desk/test_inbox.py"
TURNS = "tests/unit/desk/test_turns.py"
WEBHOOKS = "tests/unit/desk_channels/test_webhooks.py"
IDENTITY = "tests/unit/returns/test_identity.py"
HTTP = "tests/unit/returns/test_gateways_http.py"
WORK = "tests/unit/returns/test_work.py"
COMMITS = "tests/faults/test_commits.py"
DATABASE = "tests/faults/test_database.py"
RACES = "tests/faults/test_races.py"
MODEL = "tests/faults/test_model.py"
RULES = "tests/unit/test_rules.py"
RECONCILING = "tests/unit/returns/test_reconciling.py"


@dataclass(frozen=True)
class Bug:
    """what: in a few words. tests: what should catch it, as pytest's arguments."""

    name: str
    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


BUGS = (
    Bug(
        "new-key-on-retry",
        "a payment is sent again under a new key (medusa#16681)",
        "returns/services/refunds.py",
        "        key=row.payment_key,\n",
        "        key=ids.new_id(),\n",
        (COMMITS, "-k", "sqlite and (pay or medusa)"),
    ),
    Bug(
        "no-read-before-paying",
        "the bank's book is not read before a payment is sent again",
        "returns/services/refunds.py",
        "        paid = bank.find(order)\n",
        "        paid = None\n",
        (MONEY, REFUNDS),
    ),
    Bug(
        "no-read-before-asking",
        "the supplier's book is not read before it is asked again",
        "returns/services/authorisations.py",
        "    if found is not None:\n        return found\n    reference",
        "    reference",
        ("tests/unit/returns/test_authorisations.py", MONEY),
    ),
    Bug(
        "ack-before-insert",
        "a message that could not be stored is acknowledged",
        "desk/app.py",
        'return Problem(503, "Unavailable"',
        'return Problem(200, "Unavailable"',
        (DATABASE, "-k", "full"),
    ),
    Bug(
        "get-then-set",
        "whether a message is known is asked before its conversation is locked",
        "desk/inbox.py",
        "    lock_row(unit.connection, conversations, here)"
        "  # the mode holds until commit\n"
        "    known = _known(unit.connection, conversation_id, incoming)\n",
        "    known = _known(unit.connection, conversation_id, incoming)\n"
        "    lock_row(unit.connection, conversations, here)\n",
        (RACES, "-k", "one_message and postgresql"),
    ),
    Bug(
        "known-message-again",
        "the same message id is a second message",
        "desk/inbox.py",
        "    if known is not None:\n        return Received",
        "    if known is not None and not incoming.text:\n        return Received",
        (INBOX,),
    ),
    Bug(
        "fail-open-grant",
        "an order is open to whoever names it",
        "returns/services/identity.py",
        "        row is None\n        or unit.now - row.last_used_at",
        "        row is not None\n        and unit.now - row.last_used_at",
        (IDENTITY, MONEY),
    ),
    Bug(
        "return-in-batch-loop",
        "of a webhook with several messages only the first is taken (stock Rasa)",
        "desk/channels/messenger.py",
        "            events.receipts.extend(_receipts(account, event))\n",
        "            events.receipts.extend(_receipts(account, event))\n"
        "            return events\n",
        (WEBHOOKS,),
    ),
    Bug(
        "signature-equals",
        "a signature is compared with == instead of in constant time",
        "desk/channels/signatures.py",
        "hmac.compare_digest(digest, _digest(one, body))",
        "digest == _digest(one, body)",
        (WEBHOOKS, RULES),
    ),
    Bug(
        "signature-unchecked",
        "a webhook without a signature is taken (stock Twilio)",
        "desk/channels/webhooks.py",
        "    if not signatures.is_signed(accounts.app_secrets(house), header, body):\n",
        "    if header is None and not body:\n",
        (WEBHOOKS,),
    ),
    Bug(
        "old-signature",
        "a supplier's webhook may be as old as it likes",
        "returns/gateways/signatures.py",
        "TOLERANCE_SECONDS = 300.0",
        "TOLERANCE_SECONDS = 9e9",
        ("tests/unit/returns/test_gateways_signatures.py",),
    ),
    Bug(
        "webhook-believed",
        "goods count as received because a webhook says so",
        "returns/services/authorisations.py",
        "    if not isinstance(found, Authorisation) or found.received_at is None:\n",
        "    if found is None:\n",
        ("tests/unit/returns/test_authorisations.py", "tests/unit/desk/test_hooks.py"),
    ),
    Bug(
        "memory-fallback",
        "a tracker that cannot be stored goes to a memory nobody reads (stock Rasa)",
        "bot/turns.py",
        "    if isinstance(processor.tracker_store, FailSafeTrackerStore):\n",
        "    if processor.tracker_store is None:\n",
        ("rasa", "tests/nlu/test_turns_and_plans.py", "-k", "memory or lost"),
    ),
    Bug(
        "command-typed",
        "typed `/intent{…}` reaches Rasa as it is (stock Rasa)",
        "bot/plain_text.py",
        "    while start < len(kept) and _is_leading_noise(kept[start]):\n",
        "    while start < len(kept) and kept[start].isspace():\n",
        ("tests/unit/bot_plain/test_plain.py",),
    ),
    Bug(
        "claim-ignored",
        "a turn begins while another of its conversation runs",
        "desk/turn_claims.py",
        '    return bool(row.state == "received" or row.claim_until <= now)\n',
        "    return bool(row.state and now)\n",
        (TURNS,),
    ),
    Bug(
        "answered-twice",
        "a turn that was answered meanwhile is answered again",
        "desk/turns.py",
        "        if answered.rowcount != 1:\n            return None\n        index",
        "        index",
        (TURNS,),
    ),
    Bug(
        "button-again",
        "a button works as often as it is pressed",
        "desk/inbox.py",
        '            buttons.c.state == "live",\n',
        "",
        (INBOX,),
    ),
    Bug(
        "foreign-button",
        "a button of another conversation works here",
        "desk/inbox.py",
        "            buttons.c.conversation_id == conversation_id,\n",
        "",
        (INBOX,),
    ),
    Bug(
        "unit-in-two-returns",
        "the same unit is in two returns",
        "returns/services/cases.py",
        "        if not held:\n",
        "        if held is None:\n",
        (MONEY,),
    ),
    Bug(
        "unit-paid-twice",
        "what was refunded before is refunded again",
        "returns/services/refunds.py",
        "        if not reserved:\n",
        "        if reserved is None:\n",
        (MONEY, REFUNDS),
    ),
    Bug(
        "closed-before-goods-are-back",
        "a return is closed while its goods are still with the customer",
        "returns/services/closing.py",
        "    if wants_goods or (waits and not _replaced(unit, return_id)):\n",
        "    if waits and not _replaced(unit, return_id):\n",
        (MODEL,),
    ),
    Bug(
        "proof-schedules-nothing",
        "proof of sending starts no waiting days: the refund never falls due by it",
        "returns/services/parcels.py",
        "    schedule_refund(house, unit, case, by_machine=True)\n",
        "",
        (MODEL,),
    ),
    Bug(
        "book-not-compared",
        "a payment of the bank's that nobody asked for is passed over at night",
        "returns/services/bank_book.py",
        "    for refund_id in sorted(ours.keys() | by_refund.keys()):\n",
        "    for refund_id in sorted(ours):\n",
        (RECONCILING, "-k", "sqlite"),
    ),
    Bug(
        "more-than-captured",
        "more is paid back than was paid",
        "returns/services/refunds.py",
        "    if spent + amount > order.captured_minor:\n",
        "    if spent + amount < 0:\n",
        (MONEY, REFUNDS),
    ),
    Bug(
        "recap-not-compared",
        "a yes confirms what is so now, not what the recap said",
        "returns/services/cases.py",
        "    if decision.hash != draft.recap:\n",
        "    if decision.hash is None:\n",
        (MONEY, "tests/unit/returns/test_drafts.py"),
    ),
    Bug(
        "hash-without-currency",
        "the recap's hash does not know the currency (ours, mended)",
        "returns/policy.py",
        "        case.order.currency,\n        delivery,\n",
        "        delivery,\n",
        ("tests/unit/returns/test_policy.py", "-k", "hash"),
    ),
    Bug(
        "yes-again-is-another",
        "the same yes, said again, finds nothing to confirm",
        "returns/services/cases.py",
        "        if done is not None:\n            return done\n"
        "        if draft is None",
        "        if draft is None",
        (MONEY,),
    ),
    Bug(
        "right-pair-is-quicker",
        "time tells a right proof of an order that a code alone opens (ours, mended)",
        "returns/services/identity.py",
        "    by_phone = _by_phone(unit, draft, found)\n"
        "    if sum(fitting) != 1 or not found:\n        return by_phone\n",
        "    if sum(fitting) != 1 or not found:\n"
        "        return _by_phone(unit, draft, found)\n",
        ("tests/faults/test_guessing.py", "-k", "asks_the_database"),
    ),
    Bug(
        "code-tried-for-ever",
        "a code by mail may be guessed as often as one likes",
        "returns/services/codes.py",
        "            identity_codes.c.tries < TRIES,\n",
        "",
        (IDENTITY,),
    ),
    Bug(
        "attempt-while-running",
        "the sweep tries again what still runs",
        "returns/work.py",
        "if known[item] is Progress.ENDED]",
        "if known[item] is not Progress.UNKNOWN]",
        (WORK,),
    ),
    Bug(
        "given-up-when-done",
        "work that was done meanwhile is given up to a person",
        "returns/workflows.py",
        "        if not mark_given_up(unit.connection, item):\n            return\n",
        "        mark_given_up(unit.connection, item)\n",
        ("tests/unit/returns/test_giving_up.py",),
    ),
    Bug(
        "redirect-followed",
        "a partner's redirect is followed, wherever it leads",
        "returns/gateways/http.py",
        "                allow_redirects=False,\n",
        "                allow_redirects=True,\n",
        (HTTP,),
    ),
    Bug(
        "no-end-of-body",
        "a partner's endless answer is read to its end",
        "returns/gateways/http.py",
        "        if len(body) > most_bytes:\n",
        "        if len(body) < 0:\n",
        (HTTP,),
    ),
    Bug(
        "log-tells",
        "a log line holds what the customer said",
        "returns/logs.py",
        "        name: _shown(value) if name in SHOWN else HIDDEN\n",
        "        name: value\n",
        ("tests/unit/bot_plain/test_redaction.py",),
    ),
    Bug(
        "console-token",
        "a form of the console needs no token (CSRF)",
        "desk/console/guard.py",
        "        if not is_own_origin(house, request)"
        " or not _has_token(request, form, session):\n",
        "        if not is_own_origin(house, request):\n",
        ("tests/unit/desk_console/test_doors.py",),
    ),
    Bug(
        "clock-dies",
        "a database that cannot be read stops the clock (ours, mended)",
        "returns/wiring.py",
        "            with self._one_reader, suppress(sa.exc.SQLAlchemyError):\n",
        "            with self._one_reader, suppress(KeyError):\n",
        ("tests/unit/returns/test_clock.py",),
    ),
)
