"""What is wrapped in the vault: the key of each file."""

from catalog.datasets.house_keys import VAULT
from catalog.vault.models import VaultFile
from hub.keyring.rewrapping import column

FILES = column(
    "vault", VaultFile.objects.all, "wrapped_key", bound_to=lambda one: (VAULT, (one.path,))
)
