"""Connections that reach public addresses only (X14): resolved once, then checked."""

import ipaddress
import socket

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError

from returns.errors import PartnerMisconfigured


def is_public(address: str) -> bool:
    """False for loopback, private, link-local, metadata, multicast, reserved ones."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None) or ip
    return bool(inner.is_global and not inner.is_multicast)


def _public_address(host: str, port: int | None) -> str:
    """Raises PartnerMisconfigured if any address of the name is not public."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not all(is_public(address) for address in addresses):
        raise PartnerMisconfigured("private_address")
    return addresses[0]


class _ToPublicAddress(HTTPConnection):
    """Connects to the very address that was checked; the name stays for TLS."""

    def _new_conn(self) -> socket.socket:
        name = self.host
        try:
            self._dns_host = _public_address(name, self.port)
            return super()._new_conn()
        except (socket.gaierror, UnicodeError) as error:
            failure = socket.gaierror(str(error))
            raise NameResolutionError(name, self, failure) from error
        finally:
            self._dns_host = name


class PublicHTTPConnection(_ToPublicAddress):
    """HTTP to a public address."""


class PublicHTTPSConnection(_ToPublicAddress, HTTPSConnection):
    """HTTPS to a public address."""


class PublicHTTPConnectionPool(HTTPConnectionPool):
    """Pool of PublicHTTPConnection."""

    ConnectionCls = PublicHTTPConnection


class PublicHTTPSConnectionPool(HTTPSConnectionPool):
    """Pool of PublicHTTPSConnection."""

    ConnectionCls = PublicHTTPSConnection
