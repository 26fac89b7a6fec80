"""TLS towards partners: always verified, by the system's or one named authority."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from returns.errors import PartnerMisconfigured
from returns.gateways.http import PartnerClient
from tests.partners import http_reply

pytestmark = pytest.mark.skipif(which("openssl") is None, reason="needs openssl")

Certificate = tuple[str, str]


def make_certificate(folder: Path, name: str) -> Certificate:
    """A self-signed certificate for this subjectAltName, and its key."""
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=partner", "-addext", f"subjectAltName={name}"]
    files = ["-keyout", key, "-out", certificate]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return certificate, key


def serve(certificate: Certificate) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as wrapped:
                    wrapped.recv(65_536)
                    wrapped.sendall(http_reply(200))
            except OSError:
                plain.close()

    threading.Thread(target=run, daemon=True).start()
    yield int(listener.getsockname()[1])
    listener.close()


@pytest.fixture
def certificate(tmp_path: Path, request: pytest.FixtureRequest) -> Certificate:
    return make_certificate(tmp_path, request.param)


@pytest.fixture
def port(certificate: Certificate) -> Iterator[int]:
    yield from serve(certificate)


@pytest.mark.parametrize("certificate", ["IP:127.0.0.1"], indirect=True)
def test_refuses_a_certificate_that_nobody_vouches_for(port: int) -> None:
    """A self-signed partner is not spoken to, also where private ones are allowed."""
    client = PartnerClient(f"https://127.0.0.1:{port}", "t", allow_private=True)
    with pytest.raises(PartnerMisconfigured, match="certificate"):
        client.post("returns", key="k", json={})


@pytest.mark.parametrize("certificate", ["IP:127.0.0.1"], indirect=True)
def test_accepts_a_certificate_that_the_operator_named(
    port: int, certificate: Certificate
) -> None:
    """With its file given, the same partner is spoken to."""
    client = PartnerClient(
        f"https://127.0.0.1:{port}", "t", allow_private=True, ca_file=certificate[0]
    )
    assert client.get("returns").status == 200


@pytest.mark.parametrize("certificate", ["DNS:other.example"], indirect=True)
def test_refuses_a_certificate_for_another_name(
    port: int, certificate: Certificate
) -> None:
    """A named certificate does not open another host."""
    client = PartnerClient(
        f"https://127.0.0.1:{port}", "t", allow_private=True, ca_file=certificate[0]
    )
    with pytest.raises(PartnerMisconfigured, match="certificate"):
        client.get("returns")
