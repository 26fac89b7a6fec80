"""Secrets as files: the owner's alone, read once, never guessed."""

from pathlib import Path

import pytest

from bot.secret_files import SecretFileRefused, read_secret_files

NAME = "BONRETOUR_SECRET_PRIVATE"


def kept(tmp_path: Path, text: str = "abc\n", mode: int = 0o600) -> dict[str, str]:
    path = tmp_path / f"secret{len(text)}"
    path.write_text(text)
    path.chmod(mode)
    return {f"{NAME}_FILE": str(path)}


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o440, 0o640])
def test_a_file_gives_its_variable(tmp_path: Path, mode: int) -> None:
    """Without the line break at its end; again changes nothing."""
    environ = kept(tmp_path, mode=mode)
    for _ in range(2):
        read_secret_files(environ)
        assert environ[NAME] == "abc"


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o660, 0o606, 0o777])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    """The message names the variable and the file, never what is in it."""
    with pytest.raises(SecretFileRefused, match=f"{NAME}_FILE") as refused:
        read_secret_files(kept(tmp_path, mode=mode))
    assert "abc" not in str(refused.value)


def test_nothing_is_taken_for_a_secret(tmp_path: Path) -> None:
    """A missing or an empty file, and two answers to one question, are refused."""
    for environ in (
        kept(tmp_path, " \n"),
        {f"{NAME}_FILE": str(tmp_path / "none")},
        {**kept(tmp_path), NAME: "another"},
    ):
        with pytest.raises(SecretFileRefused):
            read_secret_files(environ)


def test_other_programs_files_are_left_alone() -> None:
    """Only our own variables are read so."""
    environ = {"PGPASS_FILE": "/none"}
    read_secret_files(environ)
    assert environ == {"PGPASS_FILE": "/none"}
