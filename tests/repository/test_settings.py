"""Every setting is declared, and every declared setting is read."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from hub.settings import environment  # noqa: TID251 - the reader itself is what is tested

ROOT = Path(__file__).resolve().parents[2]


def test_every_declared_variable_is_read_somewhere() -> None:
    sources = "".join(
        p.read_text() for p in (ROOT / "hub").rglob("*.py") if p.name != "environment.py"
    )

    assert [name for name in environment.VARIABLES if name not in sources] == []


def test_the_settings_read_only_declared_variables() -> None:
    read = set(
        re.findall(r'read(?:_list)?\("(\w+)"\)', (ROOT / "hub/settings/base.py").read_text())
    )

    assert read <= environment.VARIABLES.keys()


def test_a_required_variable_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_SECRET_KEY", raising=False)

    with pytest.raises(ImproperlyConfigured, match="HUB_SECRET_KEY is not set"):
        environment.read("HUB_SECRET_KEY")
