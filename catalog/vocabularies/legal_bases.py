"""Legal bases of a processing of personal data, and what each lets a person do about it."""

from catalog.vocabularies.labelled import Labelled


class LegalBasis(Labelled):
    """A basis of article 6(1) of the GDPR."""

    CONSENT = "consent", "Consent (GDPR 6(1)(a))"
    CONTRACT = "contract", "Contract (GDPR 6(1)(b))"
    LEGAL_OBLIGATION = "legal_obligation", "Legal obligation (GDPR 6(1)(c))"
    VITAL_INTERESTS = "vital_interests", "Vital interests (GDPR 6(1)(d))"
    PUBLIC_TASK = "public_task", "Public task (GDPR 6(1)(e))"
    LEGITIMATE_INTERESTS = "legitimate_interests", "Legitimate interests (GDPR 6(1)(f))"

    @property
    def needs_consent(self) -> bool:
        """Tell whether only rows of persons with a valid consent may be used (opt-in)."""
        return self is LegalBasis.CONSENT

    @property
    def can_be_objected(self) -> bool:
        """Tell whether a person may object (opt-out). Source: GDPR, article 21(1)."""
        return self in {LegalBasis.PUBLIC_TASK, LegalBasis.LEGITIMATE_INTERESTS}
