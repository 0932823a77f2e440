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
        """Return the codes of a column, as small as they are now, or its texts when it is full."""
        values = column.dictionary.cast(pa.string())
        with self._lock:
            codes = None if self.full else self._codes(values)
        if codes is None:
            return column.dictionary_decode().cast(pa.string())
        return codes.take(column.indices)

    def restored(self, column: pa.Array) -> pa.Array:
        """
        Return a column of codes or texts as texts.

        :returns: plain when the domain is full; else a dictionary that holds the values of these
            rows only, in alphabetical order: the order in which values came would tell of the
            source, and a value of a row that is left out would tell of a person
        """
        if pa.types.is_string(column.type):
            return column
        values = self._values
        if self.full:
            return values.take(column)
        present = np.zeros(len(values), bool)
        present[column.drop_null().to_numpy(zero_copy_only=False)] = True
        found = np.flatnonzero(present)
        chosen = values.take(pa.array(found))
        order = pc.sort_indices(chosen)
        place = np.zeros(len(values), np.int32)
        place[found[order.to_numpy(zero_copy_only=False)]] = np.arange(len(found))
        return pa.DictionaryArray.from_arrays(pa.array(place).take(column), chosen.take(order))

    def _codes(self, values: pa.Array) -> pa.Array | None:
        """Return the code of each value, None when there is no room for those that are new."""
        codes = pc.index_in(values, value_set=self._values)
        if codes.null_count > values.null_count:
            fresh = pc.unique(values.filter(pc.and_(codes.is_null(), values.is_valid())))
            if len(self._values) + len(fresh) > self._most:
                self.full = True
                return None
            self._values = pa.concat_arrays([self._values, fresh])
            codes = pc.index_in(values, value_set=self._values)
        if values.null_count:
            codes = pc.if_else(values.is_valid(), codes, pa.scalar(None, codes.type))
        return codes.cast(_smallest(len(self._values)))


def _smallest(size: int) -> pa.DataType:
    return pa.int8() if size < 1 << 7 else pa.int16() if size < 1 << 15 else pa.int32()
