"""What Rasa's own validation says of our data; its exit code does not tell.

That every response is spoken by somebody is tests/unit/test_responses.py's.

Run in Rasa's environment: `python -m tests.rasa_data`. Also the rules E2, E3, E9.
"""

import logging
import sys
from pathlib import Path
from typing import Any

from bot.quiet import hush

ROOT = Path(__file__).resolve().parent.parent
# A notice to all who come from Rasa 2; Rasa's own command line hides it too.
NOTICES = ("Slot auto-fill has been removed",)
SECURITY_WORDS = ("verified", "amount", "eligible", "customer_id", "approved", "role")


def main() -> int:
    told = [*_validated(), *_domain_rules()]
    print("\n".join(told), end="\n" if told else "")
    return 1 if told else 0


def _validated() -> list[str]:
    """Every warning and error line of `rasa data validate`."""
    told: list[str] = []

    def keep(message: Any, *_rest: Any, **_more: Any) -> None:
        told.append(str(message))

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    import rasa.shared.utils.io
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.validator import Validator

    rasa.shared.utils.io.raise_warning = keep
    for name in ("rasa", "rasa.validator"):
        logging.getLogger(name).addHandler(Keeper(level=logging.WARNING))
    importer = TrainingDataImporter.load_from_config(
        "config.yml", "domain.yml", ["data"]
    )
    validator = Validator.from_importer(importer)
    checks = (
        validator.verify_domain_validity(),
        validator.verify_nlu(ignore_warnings=False),
        validator.verify_actions_in_stories_rules(),
        validator.verify_utterances_in_stories(ignore_warnings=False),
        validator.verify_form_slots(),
        validator.verify_slot_mappings(),
        validator.verify_story_structure(ignore_warnings=False),
    )
    if not all(checks):
        told.append("rasa data validate: not valid")
    return [f"rasa: {line}" for line in told if not any(ok in line for ok in NOTICES)]


def _domain_rules() -> list[str]:
    from rasa.shared.utils.io import read_yaml_file

    domain: Any = read_yaml_file("domain.yml")
    channels = [
        line.rstrip().rstrip(":")
        for line in (ROOT / "credentials.yml").read_text(encoding="utf-8").splitlines()
        if line.rstrip().endswith(":") and not line.startswith((" ", "#"))
    ]
    told = []
    if domain["session_config"]["carry_over_slots_to_new_session"] is not False:
        told.append("domain.yml: slots must not be carried into new sessions")
    for name, slot in domain["slots"].items():
        kinds = [mapping["type"] for mapping in slot["mappings"]]
        if any(word in name for word in SECURITY_WORDS) and kinds != ["custom"]:
            told.append(f"domain.yml: slot {name} must not be set by what users say")
    if channels != ["bot.connector.Connector"]:
        told.append("credentials.yml: only our own connector may be listed")
    for path in (ROOT / "deploy").rglob("*"):
        if path.is_file() and "--enable-api" in path.read_text(encoding="utf-8"):
            told.append(f"{path.relative_to(ROOT)}: never --enable-api")
    return told


if __name__ == "__main__":
    hush()
    sys.exit(main())
