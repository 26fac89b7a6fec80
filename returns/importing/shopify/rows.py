"""Reads a Shopify export row by row: header, quoting, cells and what is wrong in them.

Rows of one order or product follow each other and are read together.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby

from returns.errors import ImportRefused, ReturnsError
from returns.importing.reading import HOLDS_NUL, NOT_UTF8

# A product's description can be long; a missing quotation mark must still end.
csv.field_size_limit(1_000_000)

AMOUNT = "an amount such as 49.90"
MOMENT = "a moment such as 2026-01-31 09:30:00 +0100"
WHOLE = "a whole number"
LARGEST_DIGITS = 12


class WrongCell(ReturnsError):
    """A row cannot be used; the message says which column and what is expected."""

    def __init__(self, line_no: int, message: str) -> None:
        super().__init__(message)
        self.line_no = line_no


@dataclass(frozen=True)
class CsvRow:
    """One row. line_no: of the file's line on which it begins.

    cells: by the column's name in small letters. damage: why the row cannot be
    read, None for a good one.
    """

    line_no: int
    cells: dict[str, str]
    damage: str | None = None

    def text(self, *columns: str) -> str:
        """The first of these columns that is not empty, "" if none is."""
        for column in columns:
            if found := self.cells.get(column.lower(), "").strip():
                return found
        return ""

    def amount(self, column: str, digits: int) -> int | None:
        """Minor units of a currency with so many digits; None for an empty cell."""
        written = self.text(column)
        if not written:
            return None
        try:
            minor = Decimal(written).scaleb(digits)
        except InvalidOperation:
            raise self.wrong(column, AMOUNT) from None
        if not minor.is_finite() or minor.adjusted() > LARGEST_DIGITS:
            raise self.wrong(column, AMOUNT)
        if minor != int(minor):
            raise self.wrong(column, f"an amount with at most {digits} decimals")
        if minor < 0:
            raise self.wrong(column, "0 or more")
        return int(minor)

    def price(self, column: str, digits: int) -> int:
        """Like `amount`, but an empty cell is 0."""
        return self.amount(column, digits) or 0

    def moment(self, *columns: str) -> datetime | None:
        """None for an empty cell."""
        written = self.text(*columns)
        if not written:
            return None
        compact = written.replace("UTC", "+0000").replace(" ", "T", 1).replace(" ", "")
        try:
            moment = datetime.fromisoformat(compact)
        except ValueError:
            raise self.wrong(columns[0], MOMENT) from None
        if moment.tzinfo is None:
            raise self.wrong(columns[0], MOMENT)
        return moment

    def whole(self, column: str) -> int:
        written = self.text(column)
        if not written.isascii() or not written.isdigit() or len(written) > 9:
            raise self.wrong(column, WHOLE)
        return int(written)

    def wrong(self, column: str, expected: str) -> WrongCell:
        found = self.text(column)
        told = repr(found[:60]) if found else "nothing"
        return WrongCell(
            self.line_no, f"column {column}: expected {expected}, found {told}"
        )


def column_names(header: Iterable[str]) -> list[str]:
    """The columns' names in the form in which `CsvRow` knows them."""
    return [name.strip().lower().replace("compare-at", "compare at") for name in header]


def read_rows(lines: Iterable[str], *key: str) -> Iterator[list[CsvRow]]:
    """The rows with the same key that follow each other, header excluded.

    key: the column that holds it, under each of its names.
    Raises ImportRefused for a file whose quotation marks cannot be read any more.
    """
    return (
        list(group) for _, group in groupby(_rows(lines), lambda row: row.text(*key))
    )


def _rows(lines: Iterable[str]) -> Iterator[CsvRow]:
    reader = csv.reader(lines)
    names: list[str] = []
    begins = 1
    try:
        for cells in reader:
            if cells and not names:
                names = column_names(cells)
            elif cells:
                row = dict(zip(names, cells, strict=False))
                yield CsvRow(begins, row, _damage(cells, len(names)))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise ImportRefused(
            f"line {begins}: this row cannot be read ({error}); is a quotation mark"
            " missing? What stands before it was taken in"
        ) from error


def _damage(cells: list[str], expected: int) -> str | None:
    broken = any("\n" in cell for cell in cells)
    if len(cells) > expected or (len(cells) < expected and broken):
        return (
            f"expected {expected} columns, found {len(cells)}:"
            " is a quotation mark missing or one too many?"
        )
    text = "".join(cells)
    if "\0" in text:
        return HOLDS_NUL
    try:
        text.encode()
    except UnicodeEncodeError:
        return f"{NOT_UTF8}; was the file saved by another program?"
    return None
