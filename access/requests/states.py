"""The words of a request's life: states, steps, the parts that people play. Pure."""

from collections.abc import Mapping

from catalog.vocabularies.labelled import Labelled


class State(Labelled):
    """Where a request stands."""

    DRAFT = "draft", "draft"
    SUBMITTED = "submitted", "submitted"
    IN_REVIEW = "in_review", "in review"
    CHANGES_REQUESTED = "changes_requested", "changes requested"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"
    WITHDRAWN = "withdrawn", "withdrawn"
    LAPSED = "lapsed", "lapsed"


EDITABLE = frozenset({State.DRAFT, State.CHANGES_REQUESTED})
WAITING = frozenset({State.SUBMITTED, State.IN_REVIEW})
CLOSED = frozenset({State.APPROVED, State.REJECTED, State.WITHDRAWN, State.LAPSED})


class Step(Labelled):
    """What may be done with a request."""

    SAVE = "save", "Save"
    SUBMIT = "submit", "Submit the request"
    START_REVIEW = "start_review", "Start the examination"
    REQUEST_CHANGES = "request_changes", "Ask for changes"
    GIVE_OPINION = "give_opinion", "Give the opinion"
    APPROVE = "approve", "Approve"
    REJECT = "reject", "Reject"
    WITHDRAW = "withdraw", "Withdraw the request"
    LAPSE = "lapse", "Let lapse"


class Part(Labelled):
    """Which part somebody plays in one request."""

    APPLICANT = "applicant", "applicant"
    STEWARD = "steward", "steward of the data"
    SIGNATORY = "signatory", "signatory of the producer"
    DPO = "dpo", "data protection officer"
    COMMITTEE = "committee", "member of the committee"
    AUDITOR = "auditor", "auditor"
    TEAM = "team", "member of the team"
    TIME = "time", "time"


class Adviser(Labelled):
    """In which role an opinion is given."""

    DPO = "dpo", "data protection officer"
    COMMITTEE = "committee", "committee"
    STEWARD = "steward", "steward of the data"


class Verdict(Labelled):
    """What was decided."""

    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"


EVENTS: Mapping[str, str] = {
    "request.start": "Draft started",
    "request.save": "Saved",
    "request.submit": "Submitted",
    "request.start_review": "Examination started",
    "request.request_changes": "Changes requested",
    "request.give_opinion": "Opinion given",
    "request.approve": "Approved by a signatory",
    "request.reject": "Rejected",
    "request.withdraw": "Withdrawn by the applicant",
    "request.lapse": "Lapsed",
}
"""What the trail's events of a request are called on its page."""
