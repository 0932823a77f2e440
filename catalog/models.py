"""Django finds the models of an app here; nobody else imports this module."""

from catalog.datasets.models import (
    Dataset as Dataset,
    Field as Field,
    Release as Release,
    SchemaVersion as SchemaVersion,
    Source as Source,
)
from catalog.nodes.models import (
    Node as Node,
    NodeSource as NodeSource,
)
from catalog.vault.models import (
    DownloadTally as DownloadTally,
    Ingestion as Ingestion,
    VaultFile as VaultFile,
)
