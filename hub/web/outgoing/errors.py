"""What goes wrong when the hub asks another server for something: sentences, never an address."""

from collections.abc import Mapping


class FetchFailed(Exception):
    """
    Nothing was received, or not all of it.

    ``explanation`` and ``remedy`` are English message identifiers, filled from ``values``.
    ``permanent`` says whether trying again without changing anything is useless.
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
