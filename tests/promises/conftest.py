"""What the promises about extracts share."""

from tests.integration.access.extracts.making import own_place

__all__ = ["own_place"]
