"""The one error of this package that a person reads."""


class CannotRun(Exception):
    """The hub cannot start or go on; the text is one sentence that says why and what to do."""
