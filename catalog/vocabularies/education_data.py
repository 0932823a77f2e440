"""The eight types of education data that the *doctrine technique du numérique éducatif* names."""

from catalog.vocabularies.labelled import Labelled


class EducationData(Labelled):
    """What kind of education data a dataset holds (doctrine technique, domaine des données)."""

    SCHOOL_ORGANISATION = "school_organisation", "School organisation"
    IDENTITY = "identity", "Identity"
    EVENTS_AND_TRACES = "events_and_traces", "Events and learning traces"
    ATTESTATIONS = "attestations", "Attestations"
    CERTIFIED_ACHIEVEMENTS = "certified_achievements", "Certified achievements"
    COMPETENCE_DEFINITIONS = "competence_definitions", "Competence definitions"
    CONTENT_DEFINITIONS = "content_definitions", "Content definitions"
    CONTENT_PACKAGING = "content_packaging", "Content packaging"
