"""The secret of the house, that outlives the master key it is wrapped under."""

from django.db import models


class HouseSecret(models.Model):
    """What stage 1, the signatures and the consents hang under: one, and the same for ever."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    wrapped = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="hub_housesecret_only_one"),
        ]

    def __str__(self) -> str:
        return "secret of the house"
