"""Asking a real server over HTTP: bounded in size, in time and in places."""

import ssl
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.utils import timezone

from hub.web.outgoing.errors import FetchFailed
from hub.web.outgoing.fetching import FetchLimits, Rules, fetched
from tests.factories.web_server import Page, WebServer, serving


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as here:
        yield here


def rules(server: WebServer) -> Rules:
    """Allow the test's server, as an operator allows a portal of the intranet."""
    return Rules(private_hosts={server.host})


def get(server: WebServer, path: str, limits: FetchLimits | None = None) -> bytes:
    with fetched(f"{server.url}{path}", limits=limits, rules=rules(server)) as answer:
        return answer.read()


def failure(server: WebServer, path: str, limits: FetchLimits | None = None) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        get(server, path, limits)
    assert server.host not in str(caught.value)
    return caught.value


def test_a_page_is_given_piece_by_piece_as_it_is(server: WebServer) -> None:
    server.pages["/a?b=1"] = Page(b"x" * 1_000_000)
    with fetched(f"{server.url}/a?b=1#c", rules=rules(server)) as answer:
        pieces = list(answer.pieces())
    assert b"".join(pieces) == b"x" * 1_000_000
    assert len(pieces) > 1
    [(path, headers)] = server.asked
    assert path == "/a?b=1"
    assert headers["Host"] == server.host
    assert headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in headers


def test_a_private_machine_is_refused_without_being_asked(server: WebServer) -> None:
    server.pages["/"] = Page(b"secret")
    for private_hosts in ((), ("127.0.0.1",), ("localhost",)):
        with (
            pytest.raises(FetchFailed) as caught,
            fetched(server.url, rules=Rules(private_hosts=private_hosts)),
        ):
            pass
        assert caught.value.code == "address_not_allowed"
    assert server.asked == []


def test_the_connection_goes_to_the_address_that_was_checked(server: WebServer) -> None:
    """A name that answers once something and then something else gains nothing."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    server.pages["/"] = Page(b"here")
    url = f"http://portal.example:{server.port}/"
    named = {f"portal.example:{server.port}"}
    with fetched(url, rules=Rules(private_hosts=named, resolving=rebinding)) as answer:
        assert answer.read() == b"here"
    assert asked == ["portal.example"]
    assert server.asked[0][1]["Host"] == f"portal.example:{server.port}"


def test_redirections_are_followed_within_what_is_allowed(server: WebServer) -> None:
    server.pages["/a"] = Page(status=302, headers={"Location": "/b"})
    server.pages["/b"] = Page(status=307, headers={"Location": f"{server.url}/c"})
    server.pages["/c"] = Page(b"there")
    assert get(server, "/a") == b"there"


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://127.0.0.1:22/", "address_not_allowed"),
        ("http://127.0.0.1/", "address_not_allowed"),
        ("http://169.254.169.254/latest/meta-data", "address_not_allowed"),
        ("http://[::1]/", "address_not_allowed"),
        ("http://[::ffff:7f00:1]/", "address_not_allowed"),
        ("http://0.0.0.0/", "address_not_allowed"),
        ("file:///etc/passwd", "not_an_address"),
        ("http://user@127.0.0.1/", "not_an_address"),
    ],
)
def test_a_redirection_to_somewhere_inside_is_refused(
    server: WebServer, location: str, code: str
) -> None:
    server.pages["/a"] = Page(status=302, headers={"Location": location})
    assert failure(server, "/a").code == code
    assert len(server.asked) == 1


def test_a_redirection_to_another_server_of_this_machine_is_refused(server: WebServer) -> None:
    with serving() as inside:
        inside.pages["/"] = Page(b"secret")
        server.pages["/a"] = Page(status=302, headers={"Location": f"{inside.url}/"})
        assert failure(server, "/a").code == "address_not_allowed"
        assert inside.asked == []


def test_redirections_without_end_are_left(server: WebServer) -> None:
    server.pages["/a"] = Page(status=302, headers={"Location": "/a"})
    assert failure(server, "/a", FetchLimits(redirects=3)).code == "too_many_redirections"
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("status", "code", "permanent"),
    [
        (403, "not_public", True),
        (404, "not_found", True),
        (400, "server_failed", True),
        (429, "server_failed", False),
        (500, "server_failed", False),
        (204, "server_failed", False),
    ],
)
def test_an_answer_that_is_none_is_said(
    server: WebServer, status: int, code: str, *, permanent: bool
) -> None:
    server.pages["/a"] = Page(status=status)
    error = failure(server, "/a")
    assert (error.code, error.permanent) == (code, permanent)


def test_a_body_larger_than_the_limit_is_refused_by_its_announcement(server: WebServer) -> None:
    server.pages["/a"] = Page(b"x" * 2_000)
    assert failure(server, "/a", FetchLimits(size=1_000)).code == "too_large"


def endless(stream: Any, over: threading.Event) -> None:
    while not over.is_set():
        stream.write(b"x" * 100_000)


def drip(stream: Any, over: threading.Event) -> None:
    while not over.wait(0.05):
        stream.write(b"x")
        stream.flush()


def silence(_stream: Any, over: threading.Event) -> None:
    over.wait()


def test_a_body_without_announcement_is_counted(server: WebServer) -> None:
    server.pages["/a"] = Page(write=endless)
    assert failure(server, "/a", FetchLimits(size=1_000_000)).code == "too_large"


def test_a_body_that_drips_is_cut_when_the_time_is_over(server: WebServer) -> None:
    server.pages["/a"] = Page(write=drip)
    error = failure(server, "/a", FetchLimits(seconds=0.5))
    assert (error.code, error.permanent) == ("too_slow", False)


def test_a_silent_server_is_left(server: WebServer) -> None:
    server.pages["/a"] = Page(write=silence)
    error = failure(server, "/a", FetchLimits(silence=0.3))
    assert (error.code, error.permanent) == ("unreachable", False)


def test_a_body_that_is_cut_short_is_no_body(server: WebServer) -> None:
    server.pages["/a"] = Page(b"half", headers={"Content-Length": "8"}, write=None)
    error = failure(server, "/a", FetchLimits(silence=2))
    assert (error.code, error.permanent) == ("unreachable", False)


def test_a_server_that_is_not_there_is_said(server: WebServer) -> None:
    with serving() as gone:
        pass
    with pytest.raises(FetchFailed) as caught:
        get(gone, "/")
    assert (caught.value.code, caught.value.permanent) == ("unreachable", False)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Make a certificate of ``portal.example`` that this machine believes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal.example")])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("portal.example")]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    held, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
    held.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    monkeypatch.setenv("SSL_CERT_FILE", str(held))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(held, secret)
    return context


def test_the_certificate_is_the_one_of_the_name_that_was_asked(authority: ssl.SSLContext) -> None:
    with serving(authority) as server:
        server.pages["/"] = Page(b"sealed")
        here = f"portal.example:{server.port}", f"other.example:{server.port}"
        rules = Rules(private_hosts=here, resolving=lambda host, port: ["127.0.0.1"])
        with fetched(f"https://{here[0]}/", rules=rules) as answer:
            assert answer.read() == b"sealed"
        with pytest.raises(FetchFailed) as caught, fetched(f"https://{here[1]}/", rules=rules):
            pass
        assert caught.value.code == "unreachable"
        assert len(server.asked) == 1


def test_a_sealed_line_that_drips_is_cut_too(authority: ssl.SSLContext) -> None:
    with serving(authority) as server:
        server.pages["/"] = Page(write=drip)
        here = f"portal.example:{server.port}"
        rules = Rules(private_hosts={here}, resolving=lambda host, port: ["127.0.0.1"])
        limits = FetchLimits(seconds=0.5)
        with (
            pytest.raises(FetchFailed) as caught,
            fetched(f"https://{here}/", limits=limits, rules=rules) as answer,
        ):
            answer.read()
        assert caught.value.code == "too_slow"


def test_a_server_without_the_certificate_of_its_name_is_not_believed(server: WebServer) -> None:
    with (
        pytest.raises(FetchFailed) as caught,
        fetched(f"https://{server.host}/", rules=rules(server)),
    ):
        pass
    assert caught.value.code == "unreachable"
