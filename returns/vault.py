"""What lies sealed in the database: keys for one purpose each, from one secret.

BONRETOUR_SECRET_VAULT never changes: what it sealed could not be read any more. The
customers' pictures have a key of their own, which can (returns/services/safekeeping).
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from returns.errors import ReturnsError
from returns.settings import Settings

NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(ReturnsError):
    """What was sealed was changed, moved, or sealed with another key."""


def key_for(settings: Settings, purpose: str) -> bytes:
    """Raises ConfigurationError in production without the secret."""
    return derived(settings.secret("vault"), purpose)


def derived(secret: str, purpose: str) -> bytes:
    info = f"bonretour/{purpose}".encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(secret.encode())


def seal(key: bytes, content: bytes, bound_to: str) -> bytes:
    """AES-256-GCM; opens only with the same bound_to."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, bound_to.encode())


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """Raises SealBroken."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, rest, bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken("sealed content does not open") from error


def keyed_hash(key: bytes, *parts: str) -> str:
    """The same for the same parts, and of no use to whoever lacks the key."""
    told = "\x1f".join(parts).encode()
    return hmac.new(key, told, hashlib.sha256).hexdigest()
