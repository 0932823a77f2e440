"""What every committed file keeps to: no address of a registry or a machine, no loose end."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Written in parts, for these tests are committed files too.
REGISTRIES = (
    "pypi" + ".org",
    "files.python" + "hosted.org",
    "registry." + "npmjs.org",
    "proxy." + "golang.org",
    "conda." + "anaconda.org",
    "ghcr" + ".io",
    "index" + "-url",
)
PLACES = ("/" + "work/", "/" + "root/", "/tmp/" + "brief", "/opt/" + "uvtool")
SHARED = "/" + "work/shared"
"""Data that lie beside some checkouts: a test may look there, and skip when there is nothing."""
MAY_SAY_INDEX = {"requirements/install.sh", "tests/repository/test_setup.py", "CONTRIBUTING.md"}
"""Files that speak of pip's option, without an address."""


def tracked() -> list[Path]:
    """Return the committed files that are text."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git repository")
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    """Return the committed texts by their names."""
    found = {}
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            found[str(path.relative_to(ROOT))] = content.decode("utf-8", "replace")
    return found


TEXTS = texts()


@pytest.mark.parametrize("registry", REGISTRIES)
def test_no_file_names_a_registry_of_packages(registry: str) -> None:
    named = {name for name, text in TEXTS.items() if registry in text}
    if registry == REGISTRIES[-1]:
        named -= MAY_SAY_INDEX

    assert named == set()


@pytest.mark.parametrize("place", PLACES)
def test_no_file_names_a_place_of_this_machine(place: str) -> None:
    named = {
        name
        for name, text in TEXTS.items()
        if place in (text.replace(SHARED, "") if name.startswith("tests/") else text)
    }

    assert named == set()


@pytest.mark.parametrize("name", sorted(n for n in TEXTS if n.endswith((".py", ".sh", ".md"))))
def test_what_is_left_to_do_has_an_owner_and_a_place(name: str) -> None:
    sign = "TO" + "DO"
    loose = [
        line
        for line in TEXTS[name].splitlines()
        if re.search(rf"\b({sign}|FIX" + "ME|XX" + r"X)\b", line)
        and not re.search(rf"{sign}\(\w+\): .*https?://", line)
    ]

    assert loose == []


@pytest.mark.parametrize("name", sorted(n for n in TEXTS if n.endswith(".md")))
def test_every_relative_link_of_a_document_leads_somewhere(name: str) -> None:
    here = (ROOT / name).parent
    text = re.sub(r"```.*?```", "", TEXTS[name], flags=re.DOTALL)
    links = re.findall(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", text)
    broken = [
        link
        for link in links
        if not re.match(r"[a-z]+:|#", link) and not (here / link.split("#")[0]).exists()
    ]

    assert broken == []


def test_every_room_is_on_a_floor() -> None:
    contracts = {
        one["id"]: one
        for one in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
            "contracts"
        ]
    }
    for app, contract in (
        ("hub", "hub-packages"),
        ("catalog", "catalog-slices"),
        ("access", "access-slices"),
    ):
        floors = {
            name.strip(" ()")
            for layer in contracts[contract]["layers"]
            for name in layer.split("|")
        }
        ignored = set(contracts[contract]["exhaustive_ignores"])
        rooms = {
            path.stem
            for path in (ROOT / app).iterdir()
            if (path.suffix == ".py" or (path / "__init__.py").exists())
            and path.stem != "__init__"
        }
        assert contracts[contract]["exhaustive"], contract
        assert rooms - floors - ignored == set(), contract
        assert floors - rooms == set(), contract


def test_every_pure_module_that_a_contract_names_exists() -> None:
    for one in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]:
        for module in one.get("source_modules", []):
            path = ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").exists() or path.is_dir(), module
