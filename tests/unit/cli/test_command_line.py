"""What a shop owner reads when something is missing or misspelt: a sentence."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.__main__ import main
from returns.migrations import migrate
from returns.wiring import open_house
from tests.orders import make_order
from tests.partners import free_ports
from tests.pictures import photo

type Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Exit code, output and errors of one command in an installation of its own."""
    monkeypatch.setenv("BONRETOUR_VAR", str(tmp_path))
    monkeypatch.setenv("BONRETOUR_PORT", str(free_ports(1)))
    monkeypatch.setenv("BONRETOUR_SANDBOX_PORT", str(free_ports(2)))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bonretour", *words])
        code = main()
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def set_up(run: Run) -> Run:
    """With a database that has its tables."""
    house = open_house()
    migrate(house.engine)
    house.close()
    return run


@pytest.mark.parametrize(
    "words",
    [
        ("returns", "list", "--json"),
        ("conversations", "show", "x"),
        ("handoffs",),
        ("tasks", "done", "x", "--by", "Inès"),
        ("suppliers",),
        ("sandbox", "clock", "+1d"),
    ],
)
def test_before_the_first_start_a_sentence_says_so(run: Run, words: list[str]) -> None:
    """No traceback, and what to do."""
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert err.startswith("bonretour: The database") and "make run" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sandbox", "book"), "not running here"),
        (("sandbox", "fault", "nordlis", "down"), "expected nordlys, "),
        (("sandbox", "fault", "nordlys", "dwn"), "down, "),
        (("sandbox", "fault", "bank"), "no fault: expected "),
    ],
)
def test_a_misspelt_or_missing_partner_is_named(
    run: Run, words: list[str], told: str
) -> None:
    """What is possible is said, too."""
    code, _, err = run(*words)
    assert code == 1
    assert told in err and err.count("\n") == 1


@pytest.mark.parametrize("what", ["handoffs", "tasks"])
def test_json_may_stand_before_and_after_list(set_up: Run, what: str) -> None:
    """One array each time."""
    for words in ((what, "--json"), (what, "--json", "list"), (what, "list", "--json")):
        code, out, _ = set_up(*words)
        assert (code, json.loads(out)) == (0, [])


def test_nothing_there_is_said(set_up: Run) -> None:
    """An empty answer would look like a failure."""
    assert set_up("returns", "list")[1] == "No returns yet.\n"
    assert set_up("returns", "list", "--json")[1] == "[]\n"


def test_help_names_no_inner_command(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only what an owner may use."""
    with pytest.raises(SystemExit) as ended:
        run("--help")
    assert ended.value.code == 0
    assert "SUPPRESS" not in capsys.readouterr().out


def test_a_large_sum_needs_two_names(set_up: Run) -> None:
    """`tasks done` asks by the first and pays by the second."""
    from tests.houses import make_house
    from tests.unit.returns.test_second_person import LARGE, to_pay

    settings = open_house().settings
    house = make_house(settings.database_url, settings.var, open_house().clock.now())
    task = to_pay(house, LARGE)
    house.close()
    done = ("tasks", "done", task.task_id[:8], "--by")
    assert "two people" in set_up("tasks")[1]
    assert "Asked for" in set_up(*done, "Inès")[1]
    assert "Asked by Inès" in set_up("tasks")[1]
    code, _, err = set_up(*done, "inès", "--reference", "VIR-1")
    assert code == 1 and "two people" in err
    code, out, _ = set_up(*done, "Marc", "--reference", "VIR-1")
    assert code == 0 and out.endswith("Done.\n")
    code, out, _ = set_up(*done, "Marc", "--reference", "VIR-1")
    assert code == 1 and out.startswith("Nothing to do: Marc finished this pay_refund")


def test_a_person_is_exported_and_erased(set_up: Run, tmp_path: Path) -> None:
    """The whole way by the command line, as the console does it."""
    from tests.desks import FakeRasa
    from tests.houses import make_house
    from tests.unit.desk.persons import CANARIES, EMAIL, hits, person

    settings = open_house().settings
    house = make_house(settings.database_url, settings.var, open_house().clock.now())
    person(house, FakeRasa(), in_rasa=False)
    file = tmp_path.parent / f"{tmp_path.name}.json"
    assert set_up("export", "--email", EMAIL, "--output", str(file))[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text("utf-8"))["orders"][0]["customer"]["phone"]
    code, out, _ = set_up("erase", "--order", "can-777123", "--dry-run")
    assert code == 0 and "return_lines" in out and hits(house, tmp_path, CANARIES)
    code, out, _ = set_up("erase", "--email", EMAIL, "--by", "Inès")
    assert (code, "Nordlys Apparel" in out) == (0, True)
    assert hits(house, tmp_path, CANARIES) == []
    assert set_up("erase", "--clean")[0] == 0
    code, _, err = set_up("erase", "--email", EMAIL)
    assert code == 1 and "nothing is kept" in err
    house.close()


def test_a_check_names_every_secret_that_production_lacks(
    set_up: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that seal second factors and photos."""
    monkeypatch.setenv("BONRETOUR_ENV", "production")
    code, out, _ = set_up("check")
    assert code == 1
    for name in ("PRIVATE", "CODES", "AUDIT", "VAULT", "PHOTOS"):
        assert f"BONRETOUR_SECRET_{name} is not set" in out


def test_a_demo_without_a_phone_has_a_code(
    set_up: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Printed once the password was given; never in production."""
    from desk.console import accounts, second_factor
    from desk.console.accounts import Role

    house = open_house()
    admin, _ = accounts.add(house, "Inès", "admin@example.com", Role.ADMIN, "t")
    assert set_up("staff", "code")[0] == 1
    second_factor.prepare(house, admin)
    code, out, _ = set_up("staff", "code")
    assert code == 0 and out.strip().isdigit()
    second_factor.enrol(house, admin, out.strip(), "10.0.0.1")
    words = ("staff", "reset-second-factor", "--email", "admin@example.com")
    assert set_up(*words)[0] == 0
    assert not second_factor.is_enrolled(house, admin.staff_id)
    house.close()
    monkeypatch.setenv("BONRETOUR_ENV", "production")
    monkeypatch.setenv("BONRETOUR_SECRET_VAULT", "x")
    code, out, _ = set_up("staff", "code")
    assert code == 1 and "Not in production" in out


def test_an_import_copies_pictures_and_fails_for_none(
    set_up: Run, tmp_path: Path
) -> None:
    """A picture beside the file is copied, a missing one is a line and no failure."""
    (tmp_path / "robe.png").write_bytes(photo("PNG"))
    house = open_house()
    lines = [{"image": "robe.png"}, {"image": "gone.png"}]
    file = tmp_path / "orders.jsonl"
    file.write_text(json.dumps(make_order(house, lines=lines)) + "\n")
    house.close()
    code, out, _ = set_up("import", "orders", str(file), "--no-pictures")
    assert code == 0 and "pictures" not in out
    code, out, _ = set_up("import", "orders", str(file))
    assert code == 0
    assert out.splitlines() == [
        "0 new, 0 changed, 1 unchanged, 0 with problems",
        "gone.png: no picture (No such file or directory)",
        "pictures: 1 copied, 1 not",
    ]
    assert len(list((tmp_path / "products").iterdir())) == 1


@pytest.mark.parametrize("url", ["", "in_memory", "redis", "memcached://h"])
def test_a_misspelt_lock_store_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """Every command says so; none takes it for memory."""
    monkeypatch.setenv("BONRETOUR_RASA_LOCK_URL", url)
    code, _, err = run("check")
    assert code != 0 and "BONRETOUR_RASA_LOCK_URL: expected memory" in err


def test_a_check_asks_for_the_locks_of_several_rasas(
    set_up: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Redis that does not answer is wrong; memory is for one process."""
    nobody = free_ports(1)
    monkeypatch.setenv(
        "BONRETOUR_RASA_LOCK_URL", f"redis://:geheim@127.0.0.1:{nobody}/0"
    )
    code, out, _ = set_up("check")
    assert code == 1 and f"nothing answers at 127.0.0.1:{nobody}" in out
    assert "geheim" not in out
    monkeypatch.setenv("BONRETOUR_RASA_LOCK_URL", "memory")
    monkeypatch.setenv("BONRETOUR_RASA_DATABASE_URL", "postgresql://h/rasa")
    assert "run one Rasa process only" in set_up("check")[1]
