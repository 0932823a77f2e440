"""Every test of extracts keeps its files apart."""

import pytest

from tests.integration.access.extracts.making import own_place

__all__ = ["own_place"]


@pytest.fixture(autouse=True)
def apart(request: pytest.FixtureRequest) -> None:
    """Use the fixture, but where real workers share the folder of the run."""
    if "committed" not in request.fixturenames:
        request.getfixturevalue("own_place")
