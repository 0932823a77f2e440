"""Licences under which a dataset may be published."""

from catalog.vocabularies.labelled import Labelled


class Licence(Labelled):
    """A licence; the open ones have an address that machines know."""

    LICENCE_OUVERTE_2 = "etalab-2.0", "Open Licence 2.0 (Etalab)"
    ODBL_1 = "odbl-1.0", "Open Database License 1.0 (ODbL)"
    CC_BY_4 = "cc-by-4.0", "Creative Commons Attribution 4.0"
    PARTICULAR = "particular", "Particular conditions"

    @property
    def is_open(self) -> bool:
        """Tell whether anyone may reuse under this licence without asking."""
        return self is not Licence.PARTICULAR

    @property
    def uri(self) -> str:
        """Return the address that names the licence in DCAT, empty for particular conditions."""
        return _URIS.get(self, "")


_URIS = {
    Licence.LICENCE_OUVERTE_2: "https://spdx.org/licenses/etalab-2.0",
    Licence.ODBL_1: "https://spdx.org/licenses/ODbL-1.0",
    Licence.CC_BY_4: "https://spdx.org/licenses/CC-BY-4.0",
}
