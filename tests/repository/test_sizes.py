"""A module that grows past the limit is two modules."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 400


def test_no_module_is_longer_than_the_limit() -> None:
    modules = [
        path
        for app in ("hub", "catalog", "access", "tests")
        for path in (ROOT / app).rglob("*.py")
    ]
    long = {
        str(path.relative_to(ROOT))
        for path in modules
        if "migrations" not in path.parts and len(path.read_text().splitlines()) > LIMIT
    }

    assert long == set()
