"""The words of a request's life: states, steps, the parts that people play. Pure."""

from enum import StrEnum


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


EDITABLE = frozenset({State.DRAFT, State.CHANGES_REQUESTED})
WAITING = frozenset({State.SUBMITTED, State.IN_REVIEW})
CLOSED = frozenset({State.APPROVED, State.REJECTED, State.WITHDRAWN, State.LAPSED})


class Step(StrEnum):
    """What may be done with a request."""

    SAVE = "save"
    SUBMIT = "submit"
    START_REVIEW = "start_review"
    REQUEST_CHANGES = "request_changes"
    GIVE_OPINION = "give_opinion"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


class Part(StrEnum):
    """Which part somebody plays in one request."""

    APPLICANT = "applicant"
    STEWARD = "steward"
    SIGNATORY = "signatory"
    DPO = "dpo"
    COMMITTEE = "committee"
    AUDITOR = "auditor"
    TEAM = "team"
    TIME = "time"


class Adviser(StrEnum):
    """In which role an opinion is given."""

    DPO = "dpo"
    COMMITTEE = "committee"
    STEWARD = "steward"


class Verdict(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    REJECTED = "rejected"
