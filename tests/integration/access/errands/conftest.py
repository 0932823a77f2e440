"""Every test of nodes keeps its files apart."""

from pathlib import Path

import pytest

from tests.factories.nodes import AtWork
from tests.integration.access.extracts.making import own_place

__all__ = ["own_place"]


@pytest.fixture(autouse=True)
def apart(own_place: None) -> None:
    """Use the fixture."""


@pytest.fixture
def node(db: None, tmp_path: Path) -> AtWork:
    """Return a node of the statistics office, with two thousand pupils."""
    return AtWork(tmp_path)
