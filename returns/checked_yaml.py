"""Reads a YAML file into a typed object; every mistake is named with its line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from returns.errors import ConfigurationError
from returns.mistakes import Location, in_words, place


def load_checked[T](path: Path, kind: type[T]) -> T:
    """The file's content as `kind`, a pydantic dataclass.

    Raises ConfigurationError with all mistakes, one on each line of its message:
    "shop.yml:17: withdrawal.return_cost_paid_by: expected …, found 'client'".
    """
    document = _parsed(path)
    try:
        return TypeAdapter(kind).validate_python(_plain(document))
    except ValidationError as error:
        found = sorted(_mistakes(document, kind, error))
    raise ConfigurationError("\n".join(f"{path.name}:{n}: {text}" for n, text in found))


def _parsed(path: Path) -> CommentedMap:
    try:
        document = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path.name}: expected UTF-8 text") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem).splitlines()[0]
        raise ConfigurationError(f"{path.name}:{line}: {problem}") from error
    except YAMLError as error:
        raise ConfigurationError(f"{path.name}: this is not YAML") from error
    if not isinstance(document, CommentedMap):
        raise ConfigurationError(f"{path.name}:1: expected lines such as name: My shop")
    return document


def _plain(node: Any) -> Any:
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(item) for item in node]
    return float(node) if isinstance(node, float) else node


def _mistakes(
    document: CommentedMap, kind: type, error: ValidationError
) -> Iterator[tuple[int, str]]:
    for detail in error.errors(include_url=False):
        yield _line(document, place(detail)), in_words(kind, detail)


def _line(document: CommentedMap, where: Location) -> int:
    """The line of a key; for a missing key the line of its section."""
    node: Any = document
    line = 1
    for step in where:
        if isinstance(node, CommentedMap) and step in node:
            line = node.lc.key(step)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(step, int):
            line = node.lc.item(step)[0] + 1
        else:
            break
        node = node[step]
    return line
