"""The configuration of a node is read whole, or refused with what to write."""

from pathlib import Path

import pytest

from access.node.config import ConfigWrong, credentials, read
from access.node.sources import Sources
from hub.crypto.keys import Secret
from hub.crypto.signatures import signer_of

KEY = signer_of(Secret(b"house")).public
WHOLE = f"""
hub = "https://hub.example/"
hub_key = "{KEY}"
state = "state"
ca = "ca.pem"
[policy]
never = ["courriel"]
smallest_k = 10
hours = "08:00-18:00"
days = ["mon", "fri"]
[sources.traces]
kind = "csv"
path = "traces.csv"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "node.toml"
    path.write_text(text)
    return path


def test_paths_are_beside_the_file_and_the_rest_is_as_written(tmp_path: Path) -> None:
    found = read(written(tmp_path, WHOLE))

    assert (found.hub, found.hub_key) == ("https://hub.example", KEY)
    assert found.state == tmp_path / "state"
    assert found.ca == tmp_path / "ca.pem"
    assert found.credentials == tmp_path / "state/credentials.json"
    assert found.identity == tmp_path / "state/identity.age"
    assert found.sources["traces"]["path"] == str(tmp_path / "traces.csv")
    assert found.policy.never == {"courriel"}
    assert found.policy.smallest_k == 10
    assert found.policy.hours is not None
    assert found.policy.hours.days == {0, 4}


def test_without_rules_a_node_gives_what_was_granted_at_any_time(tmp_path: Path) -> None:
    text = f'hub = "http://127.0.0.1:8000"\nhub_key = "{KEY}"\nstate = "/s"\n'
    found = read(written(tmp_path, text))

    assert found.policy.hours is None
    assert found.policy.never == frozenset()
    assert found.ca is None


@pytest.mark.parametrize(
    ("former", "instead", "said"),
    [
        ("https://hub.example/", "http://hub.example", "https://"),
        ("https://hub.example/", "ftp://hub.example", "address"),
        (f'hub_key = "{KEY}"', "", "hub_key"),
        (KEY, "AAAA", "public key"),
        ('state = "state"', "", "state"),
        ('"08:00-18:00"', '"all day"', "policy"),
        ('"mon"', '"monday"', "policy"),
        ("smallest_k = 10", 'smallest_k = 10\ntimezone = "Mars/Olympus"', "policy"),
        ("[sources.traces]\nkind", "sources = 3\nkind", "sources"),
        ("[policy]", "[policy", "TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, former: str, instead: str, said: str) -> None:
    assert former in WHOLE
    text = WHOLE.replace(former, instead)
    if said == "sources":
        text = text.split("[policy]")[0] + "sources = 3\n"
    with pytest.raises(ConfigWrong, match=said):
        read(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigWrong, match=r"nothing\.toml cannot be read"):
        read(tmp_path / "nothing.toml")


def test_a_kind_of_source_that_nobody_knows_is_named() -> None:
    with pytest.raises(ConfigWrong, match="`kind` of x is one of"):
        Sources({"x": {"kind": "oracle"}})


def test_credentials_are_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    with pytest.raises(FileNotFoundError):
        credentials(path)
    path.write_text('{"client_id": "a", "secret": "b"}')
    path.chmod(0o644)
    with pytest.raises(ConfigWrong, match="open to others"):
        credentials(path)
    path.chmod(0o600)
    assert credentials(path).secret == "b"
    assert "b" not in repr(credentials(path)).replace("Credentials", "")
    path.write_text("{}")
    with pytest.raises(ConfigWrong, match="client_id"):
        credentials(path)
