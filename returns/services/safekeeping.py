"""Pictures at rest: each under a key of its own, which a key of the shop's wraps (P6).

A file is MAGIC, the shop's key's id, the wrapped key, and the sealed JPEG. Both are
bound to the upload_id, so that no file can take another's place. When the shop's key
changes only the wrapping is written anew.

BONRETOUR_SECRET_PHOTOS is the key in use; BONRETOUR_SECRET_PHOTOS_OLD holds those
before it, with spaces between them, until `./bonretour photos rotate` is done.
"""

import contextlib
import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from returns import vault
from returns.settings import Settings

MAGIC = b"BRP1"
ID_BYTES = 8
WRAPPED_BYTES = vault.NONCE_BYTES + vault.KEY_BYTES + 16
HEAD_BYTES = len(MAGIC) + ID_BYTES + WRAPPED_BYTES
JPEG = b"\xff\xd8\xff"
SEALED, PLAIN = ".sealed", ".jpg"


@dataclass(frozen=True)
class Rotated:
    """rewrapped: under the key in use now; sealed: that lay open before."""

    rewrapped: int = 0
    sealed: int = 0
    unreadable: tuple[str, ...] = ()


class Keyring:
    """The shop's keys: the first one wraps, all of them unwrap."""

    def __init__(self, settings: Settings) -> None:
        secrets = [settings.secret("photos"), *settings.older_secrets("photos")]
        keys = [vault.derived(secret, "photos") for secret in secrets]
        self._by_id = {_id_of(key): key for key in reversed(keys)}
        self._current = keys[0]

    def sealed(self, upload_id: str, content: bytes) -> bytes:
        key = os.urandom(vault.KEY_BYTES)
        return self._wrapped(upload_id, key) + vault.seal(key, content, upload_id)

    def opened(self, upload_id: str, stored: bytes) -> bytes:
        """Raises SealBroken. What was kept before there were keys is its own."""
        if stored.startswith(JPEG):
            return stored
        key = self._unwrapped(upload_id, stored)
        return vault.unseal(key, stored[HEAD_BYTES:], upload_id)

    def rewrapped(self, upload_id: str, stored: bytes) -> bytes | None:
        """None: the key in use wraps it already. Raises SealBroken."""
        if stored[len(MAGIC) :].startswith(_id_of(self._current)):
            return None
        key = self._unwrapped(upload_id, stored)
        return self._wrapped(upload_id, key) + stored[HEAD_BYTES:]

    def _wrapped(self, upload_id: str, key: bytes) -> bytes:
        wrapped = vault.seal(self._current, key, upload_id)
        return MAGIC + _id_of(self._current) + wrapped

    def _unwrapped(self, upload_id: str, stored: bytes) -> bytes:
        key_id = stored[len(MAGIC) : len(MAGIC) + ID_BYTES]
        shops = self._by_id.get(key_id)
        if not stored.startswith(MAGIC) or shops is None:
            raise vault.SealBroken(f"no key for picture {upload_id}")
        wrapped = stored[len(MAGIC) + ID_BYTES : HEAD_BYTES]
        return vault.unseal(shops, wrapped, upload_id)


def write(settings: Settings, upload_id: str, content: bytes) -> None:
    """For this account's eyes only, whole or not at all."""
    sealed = Keyring(settings).sealed(upload_id, content)
    _put(_path(settings, upload_id, SEALED), sealed)


def read(settings: Settings, upload_id: str) -> bytes:
    """The JPEG. Raises FileNotFoundError, SealBroken."""
    path = _path(settings, upload_id, SEALED)
    if not path.exists():
        path = _path(settings, upload_id, PLAIN)
    return Keyring(settings).opened(upload_id, path.read_bytes())


def drop(settings: Settings, upload_id: str) -> None:
    """The file, and with it the key that nothing else holds."""
    for kind in (SEALED, PLAIN):
        _path(settings, upload_id, kind).unlink(missing_ok=True)


def rotate(settings: Settings) -> Rotated:
    """Every file under the key in use; may be stopped and run again."""
    ring, rewrapped, sealed, lost = Keyring(settings), 0, 0, []
    for path in sorted(_folder(settings).glob("*")):
        upload_id = path.stem
        try:
            if path.suffix == PLAIN:
                whole = ring.sealed(upload_id, path.read_bytes())
                _put(path.with_suffix(SEALED), whole)
                path.unlink()
                sealed += 1
            elif path.suffix == SEALED:
                again = ring.rewrapped(upload_id, path.read_bytes())
                if again is not None:
                    _put(path, again)
                    rewrapped += 1
        except (vault.SealBroken, FileNotFoundError):
            lost.append(upload_id)
    return Rotated(rewrapped, sealed, tuple(lost))


def drop_others(settings: Settings, known: Collection[str], before: float) -> int:
    """Delete files of no known upload_id that are older (seconds since 1970)."""
    gone = 0
    for path in _folder(settings).glob("*"):
        upload_id = path.name.lstrip(".").partition(".")[0]
        unfinished = path.suffix not in (SEALED, PLAIN)
        if (unfinished or upload_id not in known) and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"bonretour/key-id" + key).digest()[:ID_BYTES]


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:  # a full disk: half a picture only takes more room
        fresh.unlink(missing_ok=True)
        raise


def _folder(settings: Settings) -> Path:
    return settings.var / "uploads"


def _path(settings: Settings, upload_id: str, kind: str) -> Path:
    return _folder(settings) / f"{upload_id}{kind}"
