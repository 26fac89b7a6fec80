"""Reads import files line by line; a bad line is a problem, not the end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ValidationError

from returns.errors import ImportRefused
from returns.mistakes import in_words

MISTAKES_TOLD = 3

type Problem = tuple[int, str]


@dataclass(frozen=True)
class ImportReport:
    """What an import did. problems: (number of the line in the file, what is wrong)."""

    imported: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    def __add__(self, other: "ImportReport") -> "ImportReport":
        return ImportReport(
            self.imported + other.imported,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            sorted(self.problems + other.problems),
        )


@dataclass(frozen=True)
class Read[T: BaseModel]:
    """One good line of the file."""

    line_no: int
    value: T


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
    lines: Iterable[str], kind: type[T], key: str, size: int
) -> Iterator[Chunk[T]]:
    """The lines as checked objects; within a chunk the attribute `key` is unique.

    Raises ImportRefused when the first line begins a JSON array.
    """
    chunk: Chunk[T] = Chunk([], [])
    keys: set[str] = set()
    for line_no, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if line_no == 1 and line.lstrip().startswith("["):
            raise ImportRefused("expected one JSON object on each line, not an array")
        read = _read(line_no, line, kind, chunk.problems)
        if read is None:
            continue
        name = getattr(read.value, key)
        if name in keys or len(chunk.good) == size:
            yield chunk
            chunk, keys = Chunk([], []), set()
        chunk.good.append(read)
        keys.add(name)
    yield chunk


def _read[T: BaseModel](
    line_no: int, line: str, kind: type[T], problems: list[Problem]
) -> Read[T] | None:
    try:
        return Read(line_no, kind.model_validate_json(_clean(line)))
    except ValidationError as error:
        mistakes = error.errors(include_url=False)[:MISTAKES_TOLD]
        told = "; ".join(in_words(kind, mistake) for mistake in mistakes)
        problems.append((line_no, told))
    except UnicodeEncodeError:
        problems.append((line_no, "expected UTF-8 text"))
    except ValueError as error:
        problems.append((line_no, str(error)))
    return None


def _clean(line: str) -> bytes:
    if "\\u0000" in line:
        raise ValueError("text must not hold a NUL character")
    return line.encode()
