"""What somebody else's system did not give us, as a sentence for a person. Pure."""

from collections.abc import Mapping

from hub.kernel.refusals import Refusal


class Failure(Exception):
    """
    Something outside did not answer as it should.

    :ivar explanation: and ``remedy``: English message identifiers with ``%(name)s`` places filled
        from ``values``: positions, counts and names, never a value of the data or an address
    :ivar permanent: whether trying again without changing anything is useless
    """

    def __init__(
        self,
        code: str,
        explanation: str,
        *,
        values: Mapping[str, object] | None = None,
        remedy: str = "",
        permanent: bool = True,
    ) -> None:
        self.code = code
        self.explanation = explanation
        self.values: Mapping[str, object] = dict(values or {})
        self.remedy = remedy
        self.permanent = permanent
        super().__init__(explanation % self.values if self.values else explanation)

    def as_refusal(self, *, about: str = "") -> Refusal:
        """Return the same answer as a refusal, which pages and API know how to show."""
        return Refusal(
            self.code, self.explanation, remedy=self.remedy, values=self.values, about=about
        )
