"""How often a dataset is brought up to date."""

from catalog.vocabularies.labelled import Labelled

AUTHORITY = "http://publications.europa.eu/resource/authority/frequency/"


class Frequency(Labelled):
    """A code of the frequency vocabulary of the Publications Office of the European Union."""

    CONTINUOUS = "CONT", "Continuously"
    DAILY = "DAILY", "Every day"
    WEEKLY = "WEEKLY", "Every week"
    MONTHLY = "MONTHLY", "Every month"
    QUARTERLY = "QUARTERLY", "Every quarter"
    TRIANNUAL = "ANNUAL_3", "Three times a year"
    BIANNUAL = "ANNUAL_2", "Twice a year"
    ANNUAL = "ANNUAL", "Every year"
    BIENNIAL = "BIENNIAL", "Every two years"
    IRREGULAR = "IRREG", "Irregularly"
    NEVER = "NEVER", "Never again"
    UNKNOWN = "UNKNOWN", "Unknown"

    @property
    def uri(self) -> str:
        """Return the address of the concept in the authority table."""
        return AUTHORITY + self.value
