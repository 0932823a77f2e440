"""What is wrapped of grants: the secret of each."""

from access.pseudonymisation.models import GrantSecret
from access.pseudonymisation.queries import GRANTS, about
from hub.keyring.rewrapping import column

SECRETS = column(
    "grants",
    GrantSecret.objects.all,
    "wrapped",
    bound_to=lambda one: (GRANTS, about(one.grant_id, one.version)),
)
