"""Themes of the catalogue: what a reader looks for."""

from catalog.vocabularies.labelled import Labelled


class Theme(Labelled):
    """A theme of education data; a dataset has one or several."""

    SCHOOLS = "schools", "Schools and their means"
    PUPILS = "pupils", "Pupils and head counts"
    RESULTS = "results", "Results and examinations"
    ASSESSMENTS = "assessments", "Assessments and learning"
    ORIENTATION = "orientation", "Orientation and pathways"
    SCHOOL_LIFE = "school_life", "School life and absences"
    SOCIAL_CONTEXT = "social_context", "Social context and equity"
    INCLUSION = "inclusion", "Inclusive schooling"
    STAFF = "staff", "Staff"
    DIGITAL = "digital", "Digital education and equipment"
    LEARNING_TRACES = "learning_traces", "Learning traces"
    CANTEEN = "canteen", "Canteen and extracurricular time"
    TRANSPORT = "transport", "School transport"
    BUILDINGS = "buildings", "Buildings"
    FINANCE = "finance", "Finance and grants"
    HIGHER_EDUCATION = "higher_education", "Higher education"
    VOCATIONAL = "vocational", "Vocational training and apprenticeship"
