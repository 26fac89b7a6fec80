"""`python -m bot.train MODEL.tar.gz`: train from config.yml, domain.yml and data/."""

import sys
from pathlib import Path

from bot.quiet import hush

hush()


def main(target: Path) -> int:
    """Trains into a fresh name, then puts it in place in one step."""
    import rasa.telemetry
    from rasa.model_training import train

    rasa.telemetry.TELEMETRY_ENABLED_BY_DEFAULT = False
    fresh = target.with_name(f".{target.name}.new.tar.gz")
    result = train(
        domain="domain.yml",
        config="config.yml",
        training_files=["data"],
        output=str(fresh.parent),
        fixed_model_name=fresh.name[: -len(".tar.gz")],
        force_training=True,
    )
    if result.code != 0 or result.model is None:
        return result.code or 1
    Path(result.model).replace(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
