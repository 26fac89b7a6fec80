"""The sandbox's books and faults, for the command line and tests."""

from typing import Any
from urllib.parse import quote

import requests

from returns.errors import NotFound, PartnerRefused, PartnerUnknown, WrongState
from returns.settings import Settings

TIMEOUT = (3.05, 8.0)

type Row = dict[str, Any]


class SandboxClient:
    """Talks to the admin door of a running sandbox.

    Every method raises PartnerUnknown when no sandbox answers.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = settings.sandbox_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {settings.private_secret}"

    def fault(
        self,
        target: str,
        kind: str,
        times: int | None = None,
        method: str | None = None,
    ) -> None:
        """Spoil the next calls of a supplier's slug, `*` (all of them), bank or mail.

        kind: see returns/sandbox/faults.py. times None: until cleared.
        method None: both reads and writes. Raises PartnerRefused for an unknown kind.
        """
        asked = {"target": target, "kind": kind, "times": times, "method": method}
        self._call("POST", "/faults", asked)

    def clear(self) -> None:
        """Switch all faults off; what is pending is authorised at its next read."""
        self._call("DELETE", "/faults")

    def receive(self, rma: str) -> None:
        """The goods of this RMA arrive, and the supplier tells the desk.

        A second time changes nothing. Raises NotFound for an unknown RMA,
        WrongState when the same number is known at two suppliers.
        """
        owners = [row["supplier"] for row in self.returns() if _has(row, rma)]
        if not owners:
            raise NotFound(f"no supplier of the sandbox gave the number {rma}")
        if len(owners) > 1:
            raise WrongState(f"{rma} is known at {', '.join(owners)}")
        path = f"/suppliers/{owners[0]}/returns/{quote(rma, safe='')}/receive"
        self._call("POST", path)

    def tell_payment(self, reference: str, news: str) -> None:
        """The bank tells the desk that this payment failed (it came back) or succeeded.

        reference: the bank's own. Raises NotFound for an unknown one.
        """
        if not any(row["reference"] == reference for row in self.book()):
            raise NotFound(f"the sandbox's bank made no payment {reference}")
        self._call("POST", f"/payments/{quote(reference, safe='')}/{news}")

    def book(self) -> list[Row]:
        """Every payment the bank made: refund_id, key, amount_minor, currency, at…"""
        return self._rows("/book")

    def mails(self) -> list[Row]:
        """Every mail accepted: message_id, copy_no (1 the first), to, subject, text…"""
        return self._rows("/mails")

    def hooks(self) -> list[Row]:
        """Every webhook: event_id, supplier, body, tries, delivered_at."""
        return self._rows("/hooks")

    def returns(self) -> list[Row]:
        """Every return asked for: supplier, reference, status, rma_number, request…"""
        return self._rows("/returns")

    def replacements(self) -> list[Row]:
        """Every replacement: supplier, reference, status, order_reference, request…"""
        return self._rows("/replacements")

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def _rows(self, path: str) -> list[Row]:
        rows: list[Row] = self._call("GET", path)
        return rows

    def _call(self, method: str, path: str, json: Row | None = None) -> Any:
        url = f"{self._url}{path}"
        try:
            reply = self._session.request(method, url, json=json, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise PartnerUnknown("sandbox_unreachable") from error
        if not reply.ok:
            raise PartnerRefused(f"http_{reply.status_code}")
        return reply.json()


def _has(row: Row, rma: str) -> bool:
    return row.get("rma_number") == rma
