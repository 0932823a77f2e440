"""The pseudonyms of a demand open with the two keys and the secret of the grant, and no fewer."""

from itertools import product
from uuid import UUID

import pytest

from access.reidentification.sealing import (
    APPROVAL,
    FILING,
    Keys,
    Typed,
    are_right,
    digest,
    opened,
    sealed,
    sealed_again,
    typed,
)
from hub.crypto.held_keys import new_key
from hub.crypto.keys import Secret, new_secret
from hub.kernel.refusals import Invalid, Refused

NUMBER, OTHER = UUID(int=1), UUID(int=2)
PIDS = [bytes([n]) * 16 for n in range(3)]


def test_it_takes_the_two_keys_and_the_secret() -> None:
    first, second, secret = new_key(), new_key(), new_secret()
    keys = typed(Keys(first, second))
    filed = sealed(PIDS, NUMBER, key=first, secret=secret)
    stored = sealed_again(filed, NUMBER, key=second, secret=secret)

    assert opened(stored, NUMBER, keys=keys, secret=secret) == PIDS
    right = (keys.filing, keys.approval, secret, NUMBER)
    wrong = (typed(Keys(new_key(), first)).filing, keys.filing, new_secret(), OTHER)
    for chosen in product((False, True), repeat=4):
        if any(chosen):
            filing, approval, of_grant, number = (
                bad if is_bad else good
                for good, bad, is_bad in zip(right, wrong, chosen, strict=True)
            )
            assert isinstance(filing, Secret)
            assert isinstance(approval, Secret)
            assert isinstance(of_grant, Secret)
            assert isinstance(number, UUID)
            with pytest.raises(Refused):
                opened(stored, number, keys=Typed(filing, approval), secret=of_grant)


def test_what_was_filed_is_open_to_nobody_before_the_approval() -> None:
    first, secret = new_key(), new_secret()
    filed = sealed(PIDS, NUMBER, key=first, secret=secret)
    keys = typed(Keys(first, first))

    with pytest.raises(Refused):
        opened(filed, NUMBER, keys=keys, secret=secret)
    with pytest.raises(Refused):
        sealed_again(filed[:-1], NUMBER, key=new_key(), secret=secret)


def test_digests_tell_both_keys_each_for_its_own() -> None:
    first, second = new_key(), new_key()
    digests = {
        "filing": digest(first, NUMBER, FILING),
        "approval": digest(second, NUMBER, APPROVAL),
    }

    assert are_right(typed(Keys(first, second)), NUMBER, **digests)
    for filing, approval in ((second, first), (first, first), (second, second)):
        assert not are_right(typed(Keys(filing, approval)), NUMBER, **digests)
    assert not are_right(typed(Keys(first, second)), OTHER, **digests)
    assert not are_right(typed(Keys(first, second)), NUMBER, filing=b"", approval=b"")


def test_what_is_no_key_is_said_field_by_field_and_never_shown() -> None:
    with pytest.raises(Invalid) as error:
        typed(Keys("short", new_key()))

    assert [one.about for one in error.value.refusals] == ["filing_key"]
    assert "short" not in repr(error.value)
    assert "short" not in repr(Keys("short", ""))
