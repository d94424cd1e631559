"""Documents of clients are read from the internet, or from where the operator says."""

import asyncio
import json
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sage.access.oauth.client_documents import ClientDocuments
from sage.access.oauth.small_files import is_public, public_address

NAME = "apps.example.org"


@asynccontextmanager
async def listening(context=None):
    """Serve the document of an app on this machine; give the port and what was sent to it."""
    sent = []

    async def answer(reader, writer):
        sent.append(await reader.read(4096))
        host = sent[-1].decode("latin-1").partition("host: ")[2].partition("\r\n")[0]
        writer.write(document(f"https://{host}/client"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], sent


def document(url):
    told = {
        "client_id": url,
        "client_name": "An app",
        "redirect_uris": ["http://localhost/callback"],
        "token_endpoint_auth_method": "none",
    }
    body = json.dumps(told)
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return f"{head}{body}".encode()


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """Make the certificate of a host; Sage trusts who issued it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    kept = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM) + kept)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_host_that_stands_for_this_machine_is_not_called(host):
    async with listening() as (port, sent):
        documents = ClientDocuments((f"{host}:{port}",), ())
        assert await documents.client(f"https://{host}:{port}/client") is None
    assert sent == []


async def test_a_host_with_an_address_from_the_operator_is_called_there(certificate):
    async with listening(certificate) as (port, sent):
        hosts = tuple(f"{name}:{port}=127.0.0.1" for name in (NAME, "other.example.org"))
        documents = ClientDocuments(hosts, ())
        client = await documents.client(f"https://{NAME}:{port}/client")
        assert client is not None
        assert client.display_name == "An app"
        assert len(sent) == 1
        # the certificate is that of the first
        assert await documents.client(f"https://other.example.org:{port}/client") is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "64:ff9b::a01:203",
        "2002:a01:203::1",
    ],
)
def test_an_address_that_is_not_on_the_internet_is_known(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e"]
)
def test_an_address_on_the_internet_is_known(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("found", "called"),
    [
        (["10.1.2.3", "93.184.215.14"], "93.184.215.14"),
        (["10.1.2.3", "::1"], None),
        ([], None),
    ],
)
async def test_of_several_addresses_of_a_host_one_on_the_internet_is_called(
    monkeypatch, found, called
):
    async def resolved(*_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]

    # who runs a name server chooses what a name stands for
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    if called is None:
        with pytest.raises(ValueError, match="has no address on the internet"):
            await public_address(f"https://{NAME}/client")
    else:
        assert await public_address(f"https://{NAME}/client") == called
