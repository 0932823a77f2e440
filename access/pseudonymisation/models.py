"""The secrets of grants, wrapped. Everything a grant protects hangs under its secret."""

from django.db import models

from hub.kernel.identifiers import new_id


class GrantSecret(models.Model):
    """
    The random secret of one grant, stored only wrapped; one a grant, for ever.

    It opens with the master key and the grant's share, which is in no copy of this table.

    Once destroyed it stays so: neither its files nor the link from pseudonyms to persons come
    back, even where a copy of them survives. Grants stand above: no foreign key goes up.
    """

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    grant_id = models.UUIDField(unique=True)
    version = models.PositiveSmallIntegerField(default=1)
    """1: under the master key alone, as it once was. 2: under the master key and the share."""
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)
    proof = models.CharField(max_length=64, blank=True)
    """SHA-256 of the wrapped bytes that were destroyed; the trail holds it too."""

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wrapped__isnull=False, destroyed_at=None, proof="")
                | models.Q(wrapped=None, destroyed_at__isnull=False) & ~models.Q(proof=""),
                name="access_secret_there_or_destroyed",
            ),
        ]

    def __str__(self) -> str:
        return f"secret of grant {str(self.grant_id)[-6:]}"
