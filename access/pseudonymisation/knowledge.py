"""
What few known attributes single out, in rows that come part by part. Pure.

The unicity of de Montjoye, Hidalgo, Verleysen and Blondel (2013), over attributes, as
:mod:`access.pseudonymisation.uniqueness` measures it on a table: some persons are drawn, one row of
each is what an attacker knows something of, and everybody is asked whether they fit. Parts must
not share a person: how many fit adds up exactly. Memory is the sample, whatever the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from access.pseudonymisation.classes import NOBODY
from access.pseudonymisation.disclosure import Counts, combinations
from access.pseudonymisation.spreads import same_value
from access.pseudonymisation.uniqueness import drawn_sets

PERSONS, SETS = 2_000, 20
_NONE = -1
Columns = Mapping[str, pa.Array]


@dataclass(slots=True)
class _Set:
    """
    One set of attributes that is known.

    :param keys: what the drawn persons have there, in order, each once
    :param of_person: where the key of each of them is
    :param fits: persons who have a key, by key
    """

    names: tuple[str, ...]
    keys: Counts
    of_person: Counts
    fits: Counts


class Knowledge:
    """
    What an attacker may know of drawn persons.

    :param sample: a row of each drawn person, by attribute
    :param known: how many attributes the attacker knows, five at most: the values of more would not
        fit in one number; all of them when there are fewer
    :param seed: of the sets that are drawn when there are many
    """

    def __init__(self, sample: Columns, *, known: int, seed: int, sets: int = SETS) -> None:
        names = sorted(sample)
        self.known = min(known, len(names))
        self._codes = {name: _codes_of(sample[name]) for name in names}
        codes = {name: self._coded(name, sample[name]) for name in names}
        chance = np.random.default_rng(seed)
        chosen = drawn_sets(len(names), self.known, sets, chance) if names else []
        self._sets = [self._set(tuple(names[each] for each in one), codes) for one in chosen]

    def add(self, columns: Columns, persons: npt.NDArray[np.integer[Any]]) -> None:
        """
        Ask the persons of one part whether they fit.

        :param persons: number of the person of each row, -1 for nobody
        """
        codes = {name: self._coded(name, columns[name]) for name in self._codes}
        for one in self._sets:
            rows = np.flatnonzero(persons != NOBODY)
            for name in one.names:
                rows = rows[codes[name][rows] != _NONE]
            keys = self._keys(one.names, {name: codes[name][rows] for name in one.names})
            at = np.searchsorted(one.keys, keys)
            at[at == len(one.keys)] = 0
            fits = np.flatnonzero(one.keys[at] == keys) if len(one.keys) else at
            if len(fits):
                who = np.asarray(persons)[rows[fits]].astype(np.int64)
                once, _ = combinations([at[fits], who])
                one.fits += np.bincount(at[fits][once], minlength=len(one.keys))

    @property
    def share(self) -> float:
        """Return the share of the drawn persons who alone fit, averaged over the sets; 0 for none."""
        shares = [(one.fits[one.of_person] == 1).mean() for one in self._sets if len(one.keys)]
        return float(np.mean(shares)) if shares else 0.0

    def _set(self, names: tuple[str, ...], codes: Mapping[str, Counts]) -> _Set:
        keys, of_person = np.unique(self._keys(names, codes), return_inverse=True)
        return _Set(names, keys, of_person, np.zeros(len(keys), np.int64))

    def _keys(self, names: Sequence[str], codes: Mapping[str, Counts]) -> Counts:
        """Return one number for the values of some attributes."""
        key = np.zeros(len(codes[names[0]]), np.int64)
        for name in names:
            key = key * len(self._codes[name]) + codes[name]
        return key

    def _coded(self, name: str, column: pa.Array) -> Counts:
        """Return the code of each row, -1 for a value that no drawn person has."""
        encoded = column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
        values = [*encoded.dictionary.to_pylist(), None]
        known = self._codes[name]
        codes = np.array([known.get(same_value(value), _NONE) for value in values], np.int64)
        place = encoded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
        found: Counts = codes[place]
        return found


def _codes_of(column: pa.Array) -> dict[Any, int]:
    values = dict.fromkeys(map(same_value, column.to_pylist()))
    return {value: number for number, value in enumerate(values)}
