"""Reads import files line by line; a bad line is a problem, not the end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ValidationError

from returns.errors import ImportRefused
from returns.mistakes import in_words

MISTAKES_TOLD = 3
NOT_UTF8 = "expected UTF-8 text"
HOLDS_NUL = "text must not hold a NUL character"

type Problem = tuple[int, str]


@dataclass(frozen=True)
class ImportReport:
    """What an import did. problems: (number of the line in the file, what is wrong).

    erased: how many were left out, because they were erased.
    """

    imported: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    erased: int = 0

    def __add__(self, other: "ImportReport") -> "ImportReport":
        return ImportReport(
            self.imported + other.imported,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            sorted(self.problems + other.problems),
            self.erased + other.erased,
        )


@dataclass(frozen=True)
class Read[T: BaseModel]:
    """One good line of the file."""

    line_no: int
    value: T


# What a file holds, one after the other: things that can be stored, and problems.
type Entries[T: BaseModel] = Iterable[Read[T] | Problem]


@dataclass(frozen=True)
class Chunk[T: BaseModel]:
    """Some lines of the file that are stored in one transaction."""

    good: list[Read[T]]
    problems: list[Problem]


def read_lines(path: Path) -> Iterator[str]:
    """The file's lines. Raises ImportRefused for a file that cannot be opened.

    Bytes that are not UTF-8 stay as surrogates, so that their line is reported.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
            yield from file
    except OSError as error:
        raise ImportRefused(f"{path.name}: {error.strerror}") from error


def chunks[T: BaseModel](
    entries: Entries[T], key: str, size: int
) -> Iterator[Chunk[T]]:
    """The entries in groups; within a chunk the attribute `key` is unique."""
    chunk: Chunk[T] = Chunk([], [])
    keys: set[str] = set()
    for entry in entries:
        if not isinstance(entry, Read):
            chunk.problems.append(entry)
            continue
        name = getattr(entry.value, key)
        if name in keys or len(chunk.good) == size:
            yield chunk
            chunk, keys = Chunk([], []), set()
        chunk.good.append(entry)
        keys.add(name)
    yield chunk


def read_json_lines[T: BaseModel](
    lines: Iterable[str], kind: type[T]
) -> Iterator[Read[T] | Problem]:
    """One checked object for each line that is not blank.

    Raises ImportRefused when the first line begins a JSON array.
    """
    for line_no, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if line_no == 1 and line.lstrip().startswith("["):
            raise ImportRefused("expected one JSON object on each line, not an array")
        yield _read(line_no, line, kind)


def _read[T: BaseModel](line_no: int, line: str, kind: type[T]) -> Read[T] | Problem:
    try:
        return Read(line_no, kind.model_validate_json(_clean(line)))
    except ValidationError as error:
        mistakes = error.errors(include_url=False)[:MISTAKES_TOLD]
        return line_no, "; ".join(in_words(kind, mistake) for mistake in mistakes)
    except UnicodeEncodeError:
        return line_no, NOT_UTF8
    except ValueError as error:
        return line_no, str(error)


def _clean(line: str) -> bytes:
    if "\\u0000" in line:
        raise ValueError(HOLDS_NUL)
    return line.encode()
