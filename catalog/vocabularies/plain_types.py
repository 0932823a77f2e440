"""Plain types of a column: what its values are once read."""

from catalog.vocabularies.labelled import Labelled


class PlainType(Labelled):
    """How the values of a field are stored. A code is text, even made of digits only."""

    TEXT = "text", "Text"
    INTEGER = "integer", "Whole number"
    NUMBER = "number", "Number"
    BOOLEAN = "boolean", "Yes or no"
    DATE = "date", "Date"
    DATETIME = "datetime", "Date and time"


class DateFormat(Labelled):
    """How dates are written in a column of text; one column, one format."""

    ISO = "iso", "year-month-day (2025-09-01)"
    FRENCH = "french", "day/month/year (01/09/2025)"
