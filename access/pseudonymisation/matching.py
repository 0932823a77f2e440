"""
Keys with holes: which keys match which when a missing value may be anything. Pure.

A key is a combination of codes, 0 where the value is missing. Two keys match when they are equal
wherever both are present. This is not an equivalence: one that is full of holes matches two that
do not match each other, hence pairs and not classes.
"""

import numpy as np
import numpy.typing as npt

from access.pseudonymisation.disclosure import Counts, combinations

Pairs = tuple[Counts, Counts]


def matching(keys: Counts) -> Pairs:
    """
    Return every pair (a, b) of keys that match, each with itself included.

    Keys are joined pattern of holes by pattern of holes, so the cost is that of the answer, not of
    the square of the number of keys.

    :param keys: (n, columns), distinct rows, 0 for a hole
    """
    patterns, pattern = np.unique(keys > 0, axis=0, return_inverse=True)
    members = [np.flatnonzero(pattern == number) for number in range(len(patterns))]
    found: list[Pairs] = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for left, left_present in zip(members, patterns, strict=True):
        for right, right_present in zip(members, patterns, strict=True):
            shared = np.flatnonzero(left_present & right_present)
            a, b = _joined(keys[left][:, shared], keys[right][:, shared])
            found.append((left[a], right[b]))
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def expanded(starts: Counts, counts: Counts) -> Pairs:
    """
    Enumerate several ranges.

    :returns: for each item of each range, the number of the range and the item
    """
    of = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    return of, np.arange(int(counts.sum())) - before[of] + starts[of]


def _joined(left: Counts, right: Counts) -> Pairs:
    """Return the pairs of equal rows of two matrices; all pairs when they have no column."""
    both = np.concatenate([left, right])
    columns: list[npt.NDArray[np.int64]] = [np.zeros(len(both), np.int64), *both.T]
    _, key = combinations(columns)
    key_left, key_right = key[: len(left)], key[len(left) :]
    order = np.argsort(key_right, kind="stable")
    starts = np.searchsorted(key_right[order], key_left, "left")
    ends = np.searchsorted(key_right[order], key_left, "right")
    a, item = expanded(starts, ends - starts)
    return a, order[item]
