"""Whether the hierarchies of producers know every value that comes in."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from catalog.datasets.keeping import Keeping
from catalog.datasets.snapshots import FieldSnapshot
from hub.kernel.refusals import Refusal


class Known:
    """
    Looks for the values that a hierarchy lacks; it counts them and keeps none.

    A value that no level gathers would be lost in every extract that is made coarser: whoever
    wrote the hierarchy is there to complete it.
    """

    def __init__(self, fields: Sequence[FieldSnapshot]) -> None:
        self._values = {
            one.name: pa.array(one.own_hierarchy.values, pa.string())
            for one in fields
            if one.own_hierarchy is not None and one.keeping is Keeping.AS_IS
        }
        self._lacking: dict[str, tuple[int, int]] = {}

    def look(self, batch: pa.RecordBatch, rows_before: int) -> None:
        """Look at a batch, as the vault keeps it."""
        for name, values in self._values.items():
            texts = batch.column(name).cast(pa.string())
            lacking = pc.invert(pc.or_(pc.is_in(texts, value_set=values), texts.is_null()))
            count = pc.sum(lacking).as_py() or 0
            if count:
                first = rows_before + pc.index(lacking, value=True).as_py() + 1
                before, met = self._lacking.get(name, (0, first))
                self._lacking[name] = (before + count, met)

    def refusals(self) -> list[Refusal]:
        """List the fields that hold such values."""
        return [
            Refusal(
                "hierarchy-lacks",
                "The hierarchy of “%(field)s” lacks the values of %(count)s rows, row %(row)s being"
                " the first.",
                "Add these values to the hierarchy, or declare as missing the words that are no"
                " values.",
                values={"field": name, "count": count, "row": row},
                about=name,
            )
            for name, (count, row) in self._lacking.items()
        ]
