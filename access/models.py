"""Django finds the models of an app here; nobody else imports this module."""

from access.charters.models import (
    Charter as Charter,
    CharterVersion as CharterVersion,
    Signature as Signature,
)
from access.consents.models import (
    ConsentBatch as ConsentBatch,
    ConsentRecord as ConsentRecord,
)
from access.estimates.models import Estimate as Estimate
from access.extracts.models import (
    Download as Download,
    Extract as Extract,
    ExtractFile as ExtractFile,
    Recall as Recall,
)
from access.grants.models import (
    Grant as Grant,
    GrantDataset as GrantDataset,
    GrantMember as GrantMember,
)
from access.pseudonymisation.models import GrantSecret as GrantSecret
from access.refreshing.models import ReleaseChange as ReleaseChange
from access.reidentification.models import Reidentification as Reidentification
from access.requests.models import (
    AccessRequest as AccessRequest,
    Decision as Decision,
    Opinion as Opinion,
    RequestedDataset as RequestedDataset,
    RequestedField as RequestedField,
    Revision as Revision,
    TeamMember as TeamMember,
)
