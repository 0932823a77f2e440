"""States and small closed lists of the catalogue. Pure."""

from enum import StrEnum

from catalog.vocabularies.labelled import Labelled


class DatasetState(StrEnum):
    """The life of a dataset."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ReleaseState(StrEnum):
    """The life of a release: its rows are in the vault from READY on."""

    DRAFT = "draft"
    INGESTING = "ingesting"
    READY = "ready"
    PUBLISHED = "published"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


OPEN_TO_CHANGE = frozenset({ReleaseState.DRAFT, ReleaseState.READY, ReleaseState.FAILED})
"""States in which a producer may still change the source and the fields of a release."""


class IngestionState(StrEnum):
    """The life of the job that brings a release into the vault."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


UNFINISHED = frozenset({IngestionState.QUEUED, IngestionState.RUNNING})


class SourceKind(Labelled):
    """Where the rows of a release are before the hub takes them."""

    CSV = "csv", "CSV file"
    PARQUET = "parquet", "Parquet file"
    EXCEL = "excel", "Excel workbook"
    JSON = "json", "JSON file"
    XAPI = "xapi", "xAPI statements"
    POSTGRESQL = "postgresql", "PostgreSQL table"
    PORTAL = "portal", "Dataset of an open data portal"
    S3 = "s3", "Objects of an S3 store"
    NODE = "node", "Source at the producer's node"


POINTED = frozenset({SourceKind.POSTGRESQL, SourceKind.PORTAL, SourceKind.S3})
"""Sources outside the hub, read where they are when the rows are taken in."""


class CrossingRule(Labelled):
    """Whether a dataset may be joined with others."""

    FORBIDDEN = "forbidden", "Never crossed with another dataset"
    LISTED = "listed", "Crossed only with the datasets listed"
    WITH_OPINION = "with_opinion", "Crossed after the opinion of the data protection officer"
