"""Every model says which of its fields hold personal data, and points downwards only."""

import tomllib
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Field, Model

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}
OURS = [m for a in ("hub", "catalog", "access") for m in apps.get_app_config(a).get_models()]
KEYS = [f for m in OURS for f in m._meta.get_fields() if isinstance(f, Field) and f.is_relation]


def ranks(contract: str, prefix: str = "") -> dict[str, int]:
    """Return how high each package stands, from the contract that is enforced."""
    layers = reversed(CONTRACTS[contract]["layers"])
    return {
        prefix + name.strip(" ()"): rank
        for rank, layer in zip(count(), layers, strict=False)
        for name in layer.split("|")
    }


BETWEEN = ranks("hub-layers")
WITHIN = ranks("access-slices", "access.") | ranks("catalog-slices", "catalog.")


def rank(model: type[Model]) -> tuple[int, int]:
    module = model.__module__
    between = max(r for name, r in BETWEEN.items() if f"{module}.".startswith(f"{name}."))
    within = [r for name, r in WITHIN.items() if f"{module}.".startswith(f"{name}.")]
    return between, max(within, default=0)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_model_declares_its_personal_data(model: type[Model]) -> None:
    declared = model.PersonalData.fields  # type: ignore[attr-defined]

    assert declared <= {field.name for field in model._meta.get_fields()}


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_foreign_key_points_downwards(key: "Field[Any, Any]") -> None:
    target = key.related_model
    assert isinstance(target, type)
    if target.__module__.split(".")[0] not in {"hub", "catalog", "access"}:
        pytest.skip("a model of Django's")

    assert rank(target) <= rank(key.model)
