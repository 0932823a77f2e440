"""Where the hub may go when somebody gives it an address: nowhere inside."""

from collections.abc import Sequence

import pytest

from hub.web.outgoing.addresses import Place, checked, is_public, resolve
from hub.web.outgoing.errors import FetchFailed

PUBLIC = "93.184.215.14"


def answering(*addresses: str) -> "Answers":
    return Answers(addresses)


class Answers:
    """A name service that says always the same."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = addresses

    def __call__(self, host: str, port: int) -> Sequence[str]:
        del host, port
        return self.addresses


def refusal_of(url: str, *addresses: str, after: Place | None = None, named: str = "") -> str:
    with pytest.raises(FetchFailed) as caught:
        checked(
            url, after=after, private_hosts={named}, resolving=answering(*(addresses or [PUBLIC]))
        )
    return caught.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
        "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "x", "",
    ],
)  # fmt: skip
def test_an_address_of_somebodys_own_network_is_not_public(address: str) -> None:
    assert not is_public(address)
    assert refusal_of("https://data.example/x", address) == "address_not_allowed"
    assert refusal_of("https://data.example/x", PUBLIC, address) == "address_not_allowed"


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)
    place = checked("https://Data.Example./a?b=1#c", resolving=answering(address))
    assert place.addresses == (address,)
    assert (place.host, place.port, place.target) == ("data.example", 443, "/a?b=1")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://data.example/x",
        "file:///etc/passwd",
        "gopher://data.example",
        "data.example/x",
        "https://",
        "https:///x",
        "https://user:word@data.example/",
        "https://user@data.example/",
        "https://data.example\\@evil.example/",
        "https://data.example/\r\nHost: x",
        "https://data.example/é",
        "https://data.example:port/",
        "https://data.example:99999/",
        "https://[::1/",
        "https://data.example/" + "x" * 2000,
        "",
    ],
)
def test_what_is_not_a_plain_address_is_refused(url: str) -> None:
    assert refusal_of(url) == "not_an_address"


def test_a_port_that_is_not_one_of_the_web_is_refused() -> None:
    assert refusal_of("https://data.example:22/") == "address_not_allowed"
    assert refusal_of("https://data.example:8443/", named="data.example") == "address_not_allowed"
    place = checked(
        "https://data.example:8443/",
        private_hosts={"data.example:8443"},
        resolving=answering("10.0.0.1"),
    )
    assert place.addresses == ("10.0.0.1",)


def test_a_host_that_the_operator_names_may_be_private() -> None:
    place = checked(
        "http://intranet.example/",
        private_hosts={"intranet.example"},
        resolving=answering("10.0.0.1"),
    )
    assert (place.port, place.target) == (80, "/")
    assert refusal_of("http://other.example/", "10.0.0.1", named="intranet.example") == (
        "address_not_allowed"
    )


def test_each_redirection_is_checked_as_the_first_address() -> None:
    first = checked("https://data.example/a/b", resolving=answering(PUBLIC))
    second = checked("../c", after=first, resolving=answering(PUBLIC))
    assert second.url == "https://data.example/c"
    assert refusal_of("https://x.example/", "127.0.0.1", after=first) == "address_not_allowed"
    assert refusal_of("http://data.example/", after=first) == "address_not_allowed"
    assert refusal_of("file:///etc/passwd", after=first) == "not_an_address"
    assert refusal_of("http://169.254.169.254/x", "169.254.169.254") == "address_not_allowed"


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
def test_other_ways_to_write_the_machine_itself_gain_nothing(host: str) -> None:
    with pytest.raises(FetchFailed) as caught:
        checked(f"http://{host}/")
    assert caught.value.code in {"address_not_allowed", "unknown_host"}


def test_a_name_that_nobody_knows_is_said() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError

    with pytest.raises(FetchFailed) as caught:
        checked("https://nowhere.example/", resolving=unknown)
    assert caught.value.code == "unknown_host"
    assert not caught.value.permanent


def test_this_machine_resolves_itself() -> None:
    assert "127.0.0.1" in resolve("127.0.0.1", 80)
