"""What a connector says when it cannot read: a sentence for a person, never a cell's value."""

from hub.kernel.failures import Failure


class ConnectorError(Failure):
    """A source cannot be read as it is."""

    @classmethod
    def of(cls, failure: Failure) -> "ConnectorError":
        """Say as a connector what went wrong below it."""
        return cls(
            failure.code,
            failure.explanation,
            values=failure.values,
            remedy=failure.remedy,
            permanent=failure.permanent,
        )
