"""Every test of demands keeps its files apart."""

import pytest

from tests.integration.access.extracts.making import own_place

__all__ = ["own_place"]


@pytest.fixture(autouse=True)
def apart(own_place: None) -> None:
    """Use the fixture."""
