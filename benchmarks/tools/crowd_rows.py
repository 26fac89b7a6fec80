"""Single rows of a made-up crowd: what every one of them has alike."""

from datetime import datetime, timedelta
from typing import Any

from returns.keys import order_key

OPENINGS = ("bonjour", "bonsoir", "je suis très déçue", "s'il vous plaît", "")
FAULTS = (
    "ma robe est arrivée déchirée",
    "la lampe ne s'allume pas du tout",
    "le sac est trop petit pour moi",
    "je n'ai jamais reçu mon colis",
    "la couleur n'est pas celle de la photo",
    "il manque deux verres dans la boîte",
    "the zip of the jacket is broken",
    "I changed my mind about these cushions",
)
WISHES = (
    "je voudrais être remboursée",
    "envoyez-moi un remplacement",
    "que dois-je faire maintenant",
    "I would like my money back please",
)
ANSWERS = (
    "Recevoir un article abîmé, c'est vraiment désagréable. Toutes nos excuses.",
    "Quel est votre numéro de commande ? Il ressemble à FR-1042.",
    "Voici l'adresse pour votre retour. Postez-le d'ici au dimanche 6 décembre.",
    "Votre remboursement partira une fois l'article revenu.",
    "Merci, j'ai retrouvé votre commande.",
)
RARE = ("zellige", "quincaillerie", "hygromètre", "macramé", "chrysanthème")
TITLES = (
    "Robe en lin Solène",
    "Lampe Lune",
    "Sac Cabas Lou",
    "Coussin Ocre",
    "Écouteurs Sono",
    "Bracelet Azur",
    "Vase Marais",
    "Veste Bruyère",
)
PEOPLE = (
    ("Camille", "Durand"),
    ("Julien", "Moreau"),
    ("Nadia", "Benali"),
    ("Emily", "Clarke"),
    ("Thomas", "Petit"),
    ("Léa", "Fontaine"),
)


def order_row(number: str, at: datetime) -> dict[str, Any]:
    first, last = PEOPLE[int(number[-3:]) % len(PEOPLE)]
    return {
        "order_number": number,
        "order_key": order_key(number),
        "email_key": f"{number.lower()}@example.com",
        "placed_at": at,
        "delivered_at": at + timedelta(days=5),
        "status": "paid",
        "language": "fr",
        "currency": "EUR",
        "customer": {
            "first_name": first,
            "last_name": last,
            "email": f"{number.lower()}@example.com",
            "address": {"line1": "1 rue des Lilas", "city": "Lyon"},
        },
        "payment_method": "sandbox",
        "payment_reference": f"pay-{number}",
        "captured_minor": 5480,
        "shipping_paid_minor": 490,
        "shipping_standard_minor": 490,
        "refunded": [],
        "updated_at": at,
    }


def line_row(number: str, position: int, product: int, supplier: str) -> dict[str, Any]:
    return {
        "order_number": number,
        "line_id": f"{number}/{position}",
        "position": position,
        "sku": f"SKU-{product}",
        "product_id": f"P-{product}",
        "title": TITLES[product]
        if product < len(TITLES)
        else f"Article numéro {product}",
        "options": {},
        "quantity": 1,
        "paid_minor": 4990,
        "supplier": supplier,
        "personalised": False,
        "sealed_hygiene": False,
        "perishable": False,
        "second_hand": False,
    }


def draft_row(talk: str, number: str, at: datetime) -> dict[str, Any]:
    return {
        "draft_id": f"d-{talk}",
        "conversation_id": talk,
        "language": "fr",
        "channel": "web",
        "state": "confirmed",
        "order_number": number,
        "facts": {"granted": True},
        "revision": 1,
        "created_at": at,
        "updated_at": at,
    }


def return_row(
    return_id: str,
    talk: str,
    number: str,
    supplier: str,
    status: str,
    claim: dict[str, Any] | None,
    at: datetime,
) -> dict[str, Any]:
    return {
        "return_id": return_id,
        "draft_id": f"d-{talk}",
        "conversation_id": talk,
        "channel": "web",
        "language": "fr",
        "order_number": number,
        "supplier": supplier,
        "status": status,
        "outcome": "allow",
        "return_payer": "merchant",
        "rma_number": f"RMA-{return_id}",
        "rules": [],
        "claim": claim,
        "created_at": at,
        "updated_at": at,
    }


def return_line_row(
    return_id: str, line_id: str, number: str, reason: str
) -> dict[str, Any]:
    return {
        "return_id": return_id,
        "line_id": line_id,
        "order_number": number,
        "sku": "SKU",
        "quantity": 1,
        "return_reason": reason,
        "other_reasons": [],
        "ground": "conformity",
        "justified": True,
        "liable": "supplier",
        "recourse": "supplier",
        "resolution": "refund",
        "disposition": "return",
        "refund_minor": 4990,
        "rules": [],
    }


def refund_row(return_id: str, number: str, at: datetime) -> dict[str, Any]:
    return {
        "refund_id": f"f-{return_id}",
        "return_id": return_id,
        "order_number": number,
        "amount_minor": 4990,
        "currency": "EUR",
        "method": "sandbox",
        "payment_reference": "p",
        "payment_key": f"k-{return_id}",
        "state": "paid",
        "paid_at": at + timedelta(days=6),
        "created_at": at,
    }


def task_row(return_id: str, number: str, at: datetime) -> dict[str, Any]:
    return {
        "task_id": f"t-{return_id}",
        "kind": "review_return",
        "subject_id": return_id,
        "return_id": return_id,
        "order_number": number,
        "facts": {},
        "due_at": at + timedelta(days=1),
        "created_at": at,
    }


def history_row(return_id: str, at: datetime) -> dict[str, Any]:
    told = {"event": "supplier.authorised", "by": "supplier", "data": {}}
    return {"return_id": return_id, "at": at, **told}


def reading_row(read: dict[str, Any], wrong: bool) -> dict[str, Any]:
    """wrong: a person has corrected it; else it has nothing of a person's."""
    if not wrong:
        return read
    return {
        **read,
        "right_intent": "inform",
        "right_reasons": [],
        "corrected": True,
        "checked_at": read["at"],
        "checked_by": "Inès",
    }


def inbound_row(
    ours: dict[str, Any], parse: dict[str, Any], at: datetime
) -> dict[str, Any]:
    return {
        **ours,
        "message_id": ours["inbound_id"],
        "body_hash": "0",
        "text": "",
        "language": "fr",
        "state": "answered",
        "received_at": at,
        "answered_at": at + timedelta(milliseconds=400),
        "parse": parse,
        "events": [],
    }
