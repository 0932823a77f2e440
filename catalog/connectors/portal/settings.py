"""Where a dataset of an Explore v2.1 portal (Opendatasoft) is."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from catalog.connectors.errors import ConnectorError

API = "/api/explore/v2.1/catalog/datasets"
FORMATS = ("parquet", "csv", "jsonl")
_PATHS = (
    re.compile(rf"{API}/(?P<dataset>[\w@.-]+)(?:/.*)?"),
    re.compile(r"(?:/[\w-]+)?/explore/(?:dataset|assets)/(?P<dataset>[\w@.-]+)(?:/.*)?"),
)


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """
    One dataset of one portal.

    ``address`` is the one of its page, or of the API, as a person copies it. Without ``format``
    the hub chooses: Parquet, which keeps types, or CSV where a field has none in Parquet.
    """

    address: str
    format: str = ""

    def site(self) -> str:
        """Return the address of the portal."""
        parts = self._parts()
        return f"{parts.scheme}://{parts.netloc}"

    def dataset(self) -> str:
        """
        Return the identifier of the dataset.

        :raises ConnectorError: when the address names none
        """
        return self._dataset(self._parts())

    def description(self) -> str:
        """Return the address of the description."""
        parts = self._parts()
        return f"{self.site()}{API}/{quote(self._dataset(parts))}"

    def export(self, form: str, *, rows: int | None = None) -> str:
        """Return the address of an export, of its first rows or of all of them."""
        limit = -1 if rows is None else rows
        return f"{self.description()}/exports/{form}?limit={limit}"

    def _parts(self) -> SplitResult:
        try:
            return urlsplit(self.address.strip())
        except ValueError:
            raise _not_a_dataset() from None

    def _dataset(self, parts: SplitResult) -> str:
        for pattern in _PATHS:
            found = pattern.fullmatch(parts.path)
            if found and parts.netloc:
                return found["dataset"]
        raise _not_a_dataset()


def _not_a_dataset() -> ConnectorError:
    return ConnectorError(
        "not_a_portal_dataset",
        "This is not the address of a dataset of an Explore v2.1 portal.",
        remedy="Open the dataset on the portal and copy the address of its page.",
    )
