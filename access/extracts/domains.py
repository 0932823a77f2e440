"""The distinct values of a text column over a whole run, so that rows carry small numbers."""

import threading

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MOST = 1 << 17


class Domain:
    """
    Values met so far ↔ codes; safe to call from several threads.

    A column with very many values is better off as it is: past ``most`` values the domain is
    *full* for good and codes nothing more.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._values = pa.array([], pa.string())
        self.full = False

    def coded(self, column: pa.DictionaryArray) -> pa.Array:
        """Return the codes of a column (int32), or its plain texts when the domain is full."""
        # A filtered column still drags the values of the rows that were left out: they stay out.
        used = np.zeros(len(column.dictionary), bool)
        used[column.indices.drop_null().to_numpy(zero_copy_only=False)] = True
        place = pa.array(np.cumsum(used) - 1)
        values = column.dictionary.filter(pa.array(used)).cast(pa.string())
        with self._lock:
            self.full = self.full or not self._room_for(values)
            if self.full:
                return column.dictionary_decode().cast(pa.string())
            codes = pc.index_in(values, value_set=self._values)
        return codes.take(place.take(column.indices))

    def restored(self, column: pa.Array) -> pa.Array:
        """
        Return a column of codes or texts as texts.

        :returns: plain when the domain is full; else a dictionary that holds the values of these
            rows only, in alphabetical order: the order in which values came would tell of the
            source, and a value of a row that is left out would tell of a person
        """
        if pa.types.is_string(column.type):
            return column
        if self.full:
            return self._values.take(column)
        found = pc.unique(column.drop_null())
        values = self._values.take(found)
        order = pc.sort_indices(values)
        sorted_codes = found.take(order)
        return pa.DictionaryArray.from_arrays(
            pc.index_in(column, value_set=sorted_codes, skip_nulls=True), values.take(order)
        )

    def _room_for(self, values: pa.Array) -> bool:
        fresh = values.filter(pc.invert(pc.is_in(values, value_set=self._values)))
        if len(self._values) + len(fresh) > self._most:
            return False
        self._values = pa.concat_arrays([self._values, pc.unique(fresh)])
        return True
