"""Levels of education, as the French system cuts them."""

from catalog.vocabularies.labelled import Labelled


class EducationLevel(Labelled):
    """A level of education, from nursery school to higher education."""

    PRE_ELEMENTARY = "pre_elementary", "Pre-elementary school"
    ELEMENTARY = "elementary", "Elementary school"
    LOWER_SECONDARY = "lower_secondary", "Lower secondary school"
    UPPER_SECONDARY_GENERAL = (
        "upper_secondary_general",
        "General and technological upper secondary",
    )
    UPPER_SECONDARY_VOCATIONAL = "upper_secondary_vocational", "Vocational upper secondary"
    HIGHER = "higher", "Higher education"
    ADULT = "adult", "Adult education"
