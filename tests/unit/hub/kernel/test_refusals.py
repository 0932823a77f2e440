"""A refusal says why, and what to do."""

import pytest

from hub.kernel.refusals import Refusal, Refused, require


def test_require_goes_on_when_nothing_is_refused() -> None:
    require([])


def test_require_raises_every_reason_at_once() -> None:
    listed = [Refusal("a", "Not %(what)s.", values={"what": "this"}), Refusal("b", "Not that.")]

    with pytest.raises(Refused, match=r"Not this\.; Not that\.") as refused:
        require(listed)

    assert refused.value.refusals == tuple(listed)
