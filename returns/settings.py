"""What the environment says: ports, folders, databases, secrets.

Everything about the shop itself is in shop.yml (returns/shop.py).
"""

import contextlib
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.secret_files import SecretFileRefused, read_secret_files
from returns.engines import CONNECTIONS
from returns.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
META_GRAPH = "https://graph.facebook.com"
LOCK_VARIABLE = "BONRETOUR_RASA_LOCK_URL"
MOST_CONNECTIONS = 100
GRAPH_VARIABLE = "BONRETOUR_GRAPH_URL"


@dataclass(frozen=True)
class Settings:
    """One installation's environment.

    var: the one folder for everything written.
    port, rasa_port, actions_port, sandbox_port: TCP ports; the sandbox's mailbox
    listens on sandbox_port + 1.
    database_url: desk and returns; dbos_url: DBOS's own tables, a cache of work.
    database_connections: the most that a process holds to PostgreSQL in its main pool.
    rasa_lock_url: memory for one Rasa process, else the Redis of several.
    private_host: where the private services listen (E1).
    worker: this worker's executor name; production: no sandbox, no moving clock.
    """

    var: Path
    port: int
    rasa_port: int
    actions_port: int
    sandbox_port: int
    database_url: str
    database_connections: int
    dbos_url: str
    rasa_database_url: str
    rasa_lock_url: str
    private_host: str
    worker: str
    production: bool
    shop_file: Path
    public_url: str

    @cached_property
    def private_secret(self) -> str:
        """The secret that desk, Rasa and the action server share (E3, E11)."""
        return self.secret("private")

    @property
    def rasa_url(self) -> str:
        return _local_url("BONRETOUR_RASA_URL", self.rasa_port)

    @property
    def actions_url(self) -> str:
        return _local_url("BONRETOUR_ACTIONS_URL", self.actions_port)

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def metrics_secret(self) -> str | None:
        """What Prometheus shows; None in production where none is set: no metrics."""
        given = self.optional_secret("metrics")
        return given if given or self.production else self.secret("metrics")

    @property
    def metrics_port(self) -> int | None:
        """Where a worker tells its metrics, on the private network; None: nowhere."""
        given = os.environ.get("BONRETOUR_METRICS_PORT")
        return _port("BONRETOUR_METRICS_PORT", 0) if given else None

    @property
    def banks(self) -> tuple[str, ...]:
        """The payment providers that may send us webhooks, by name."""
        return () if self.production else ("sandbox",)

    @property
    def graph_url(self) -> str:
        """Meta's programming interface; elsewhere in tests only.

        Raises ConfigurationError when production would call another address.
        """
        url = os.environ.get(GRAPH_VARIABLE, META_GRAPH)
        if self.production and url != META_GRAPH:
            raise ConfigurationError(f"{GRAPH_VARIABLE} is for tests, not production")
        return url

    def optional_secret(self, name: str) -> str | None:
        """A secret that need not be; None when the variable is not set."""
        return os.environ.get(f"BONRETOUR_SECRET_{name.upper()}") or None

    def secret(self, name: str) -> str:
        """A secret from BONRETOUR_SECRET_<NAME>, else made once into var/secrets.

        Raises ConfigurationError in production when the variable is missing (C8).
        """
        variable = f"BONRETOUR_SECRET_{name.upper()}"
        given = os.environ.get(variable)
        if given:
            return given
        if self.production:
            raise ConfigurationError(
                f"{variable} is not set; production has no default"
            )
        return _kept_secret(self.var / "secrets" / name)

    def older_secrets(self, name: str) -> list[str]:
        """Those in use before, from BONRETOUR_SECRET_<NAME>_OLD or var/secrets."""
        given = os.environ.get(f"BONRETOUR_SECRET_{name.upper()}_OLD")
        kept = self.var / "secrets" / f"{name}_old"
        if given is None and not self.production and kept.exists():
            given = kept.read_text()
        return (given or "").split()

    def renew_secret(self, name: str) -> None:
        """In the demo: a new one; the one before is kept among the older ones.

        Raises ConfigurationError where the environment gives it.
        """
        variable = f"BONRETOUR_SECRET_{name.upper()}"
        if self.production or variable in os.environ:
            raise ConfigurationError(
                f"set {variable} anew and {variable}_OLD to what it was"
            )
        folder = self.var / "secrets"
        older = [self.secret(name), *self.older_secrets(name)]
        for file, text in ((f"{name}_old", " ".join(older)), (name, _made_up())):
            _write_secret(folder / file, text).replace(folder / file)


def _made_up() -> str:
    return secrets.token_hex(32)


def _write_secret(path: Path, text: str) -> Path:
    """A fresh file beside it, which takes its place by one rename."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")  # also of threads
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    return fresh


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        fresh = _write_secret(path, _made_up())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()


def _local_url(variable: str, port: int) -> str:
    return os.environ.get(variable, f"http://127.0.0.1:{port}")


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigurationError(f"{variable}={text!r}: expected a port, 1 to 65535")
    return int(text)


def _connections() -> int:
    variable = "BONRETOUR_DATABASE_CONNECTIONS"
    text = os.environ.get(variable, str(CONNECTIONS))
    if not text.isdigit() or not 1 < int(text) <= MOST_CONNECTIONS:
        raise ConfigurationError(
            f"{variable}={text!r}: expected a number, 2 to {MOST_CONNECTIONS}"
        )
    return int(text)


def _lock_url() -> str:
    """bot/locks.py takes the same two; Rasa's room stands alone."""
    url = os.environ.get(LOCK_VARIABLE, "memory")
    if url != "memory" and not url.startswith(("redis://", "rediss://")):
        raise ConfigurationError(
            f"{LOCK_VARIABLE}: expected memory (one Rasa process) or redis://HOST:PORT/0"
        )
    return url


def load_settings() -> Settings:
    """Read the environment. Raises ConfigurationError naming the variable."""
    env = os.environ
    try:
        read_secret_files(env)
    except SecretFileRefused as refused:
        raise ConfigurationError(str(refused)) from None
    var = Path(env.get("BONRETOUR_VAR", str(ROOT / "var"))).resolve()
    port = _port("BONRETOUR_PORT", 8000)
    private = env.get("BONRETOUR_PRIVATE_NETWORK") == "1"
    if private and "BONRETOUR_SECRET_PRIVATE" not in env:
        raise ConfigurationError(
            "BONRETOUR_PRIVATE_NETWORK=1 needs BONRETOUR_SECRET_PRIVATE"
        )
    return Settings(
        var=var,
        port=port,
        rasa_port=_port("BONRETOUR_RASA_PORT", port + 5),
        actions_port=_port("BONRETOUR_ACTIONS_PORT", port + 55),
        sandbox_port=_port("BONRETOUR_SANDBOX_PORT", port + 80),
        database_url=env.get(
            "BONRETOUR_DATABASE_URL", f"sqlite:///{var / 'bonretour.db'}"
        ),
        database_connections=_connections(),
        dbos_url=env.get("BONRETOUR_DBOS_URL", f"sqlite:///{var / 'work.db'}"),
        rasa_database_url=env.get(
            "BONRETOUR_RASA_DATABASE_URL", f"sqlite:///{var / 'rasa.db'}"
        ),
        rasa_lock_url=_lock_url(),
        private_host="0.0.0.0" if private else "127.0.0.1",  # noqa: S104
        worker=env.get("BONRETOUR_WORKER", "worker-0"),
        production=env.get("BONRETOUR_ENV", "demo") == "production",
        shop_file=Path(env.get("BONRETOUR_SHOP", str(ROOT / "shop.yml"))),
        public_url=env.get("BONRETOUR_PUBLIC_URL", f"http://127.0.0.1:{port}"),
    )
