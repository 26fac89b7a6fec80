"""`staff` and `audit`: who may use the console, and whether its log is whole."""

import argparse

from cli.commands import Commands, print_json
from desk.console import accounts, audit, demo, second_factor
from desk.console.accounts import Role
from returns.unit import writing
from returns.wiring import open_house


def add_commands(commands: Commands) -> None:
    people = commands.add_parser("staff", help="who may use the console")
    acts = people.add_subparsers(
        required=True, metavar="add | list | reset-second-factor | code"
    )
    adding = acts.add_parser("add", help="a new account, with a one-time password")
    adding.add_argument("name", help="the first name, which customers see")
    adding.add_argument("--email", required=True, help="to sign in with")
    adding.add_argument("--role", required=True, choices=[role.value for role in Role])
    adding.set_defaults(run=add)
    listing = acts.add_parser("list", help="all accounts")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=list_staff)
    resetting = acts.add_parser(
        "reset-second-factor", help="a lost phone: they enrol anew"
    )
    resetting.add_argument("--email", required=True)
    resetting.set_defaults(run=reset_second_factor)
    showing = acts.add_parser("code", help="the demo's code, without a phone")
    showing.add_argument("--email", default=demo.EMAIL)
    showing.set_defaults(run=show_code)
    log = commands.add_parser("audit", help="what staff did in the console")
    checks = log.add_subparsers(required=True, metavar="verify")
    verifying = checks.add_parser("verify", help="find every later change of the log")
    verifying.set_defaults(run=verify)


def add(asked: argparse.Namespace) -> int:
    """Raises AccountRefused."""
    house = open_house()
    made, password = accounts.add(
        house, asked.name, asked.email, Role(asked.role), "command line"
    )
    print(f"Address:            {house.settings.public_url}/console")
    print(f"Sign in with:       {made.email}")
    print(f"One-time password:  {password}")
    return 0


def list_staff(asked: argparse.Namespace) -> int:
    found = accounts.everybody(open_house())
    if asked.json:
        names = ("name", "email", "role", "created_at", "disabled_at")
        print_json([{name: row._mapping[name] for name in names} for row in found])
        return 0
    for row in found:
        off = "  switched off" if row.disabled_at else ""
        print(f"{row.role:<9} {row.name:<16} {row.email}{off}")
    if not found:
        print("Nobody yet: ./bonretour staff add NAME --email E-MAIL --role admin")
    return 0


def reset_second_factor(asked: argparse.Namespace) -> int:
    """Raises NotFound."""
    second_factor.reset(open_house(), asked.email, "command line")
    print("Their sessions are over. At the next sign-in they enrol another phone.")
    return 0


def show_code(asked: argparse.Namespace) -> int:
    """For a demo without a phone; in production it would be no second factor."""
    house = open_house()
    if house.settings.production:
        print("Not in production: a code comes from its owner's phone.")
        return 1
    with writing(house) as unit:
        row = accounts.get_by_email(unit, asked.email)
    code = second_factor.current_code(house, row.staff_id)
    print(code or "Nothing to prove yet: sign in with the password first.")
    return 0 if code else 1


def verify(_asked: argparse.Namespace) -> int:
    verdict = audit.verify(open_house())
    if verdict.broken_at is not None:
        print(f"The audit log does not hold from entry {verdict.broken_at} on.")
        return 1
    print(f"The audit log is whole: {verdict.entries} entries.")
    return 0
