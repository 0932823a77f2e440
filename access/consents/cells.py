"""What the cells of a file of words may say, and what is said when they do not. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any
from uuid import UUID

from access.consents.rules import DecidedBy, Decision
from catalog.vocabularies.purposes import Purpose
from hub.kernel.identifiers import looks_like_ine
from hub.kernel.periods import PARIS
from hub.kernel.refusals import Refusal

LONGEST_IDENTIFIER = 64
WRONG: Any = object()

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "identifier": ("identifiant", "ine", "identifier", "id", "identifiant_eleve", "id_eleve"),
        "decision": ("decision", "avis", "choix", "reponse"),
        "decided_at": ("date", "decided_at", "date_decision", "date_de_decision", "le"),
        "until": ("until", "jusqu_au", "jusqu_a", "date_fin", "fin", "expire_le"),
        "by": ("decided_by", "par", "by", "auteur", "qualite"),
        "holder": ("holder", "titulaire", "responsable", "reference_responsable"),
        "project": ("project", "projet", "demande"),
        "purpose": ("purpose", "finalite"),
        "notice": ("notice", "notice_version", "version_notice", "notice_d_information"),
        "evidence": ("evidence", "preuve", "reference_preuve"),
    }
)
"""What a header may call each column, once folded (:func:`folded`)."""

DECISIONS: Mapping[str, Decision] = MappingProxyType(
    {
        **{decision.value: decision for decision in Decision},
        **dict.fromkeys(
            ("donne", "accord", "accorde", "accepte", "consent", "consentement", "oui", "yes"),
            Decision.GIVEN,
        ),
        **dict.fromkeys(("refus", "refuse", "non", "no"), Decision.REFUSED),
        **dict.fromkeys(("retrait", "retire", "revoque"), Decision.WITHDRAWN),
        **dict.fromkeys(("opposition", "oppose", "objection"), Decision.OBJECTED),
        **dict.fromkeys(
            ("levee", "opposition_levee", "levee_d_opposition"), Decision.OBJECTION_LIFTED
        ),
    }
)
HOLDERS: Mapping[str, DecidedBy] = MappingProxyType(
    {
        **{by.value: by for by in DecidedBy},
        **dict.fromkeys(
            ("eleve", "personne", "lui_meme", "elle_meme", "majeur", "soi"), DecidedBy.SELF
        ),
        **dict.fromkeys(
            ("responsable", "parent", "tuteur", "responsable_legal", "representant"),
            DecidedBy.GUARDIAN,
        ),
    }
)
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%Y%m%d")
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/#-]{0,99}")


FAULTS: tuple[Refusal, ...] = (
    Refusal(
        "line-cells",
        "Lines %(lines)s do not have as many cells as the header.",
        "Check the separators.",
        about="cells",
    ),
    Refusal(
        "line-identifier",
        "Lines %(lines)s have no identifier, or one that is too long.",
        "Give each line the identifier of one person.",
        about="identifier",
    ),
    Refusal(
        "line-decision",
        "Lines %(lines)s have a decision that the hub does not know.",
        "Write given, refused, withdrawn, objected or objection_lifted.",
        about="decision",
    ),
    Refusal(
        "line-decided-at",
        "Lines %(lines)s have a date of decision that cannot be read, or that is not past.",
        "Write dates as 2026-03-31 or 31/03/2026.",
        about="decided_at",
    ),
    Refusal(
        "line-until",
        "Lines %(lines)s have an end that cannot be read, or that is before the decision.",
        "Write dates as 2026-03-31 or 31/03/2026.",
        about="until",
    ),
    Refusal(
        "line-by",
        "Lines %(lines)s do not say whose word it is.",
        "Write self or guardian.",
        about="by",
    ),
    Refusal(
        "line-holder",
        "Lines %(lines)s name a guardian by more than %(most)s signs.",
        about="holder",
    ),
    Refusal(
        "line-project",
        "Lines %(lines)s name a project that cannot be read.",
        "Write the number of the access request, or nothing.",
        about="project",
    ),
    Refusal(
        "line-purpose",
        "Lines %(lines)s have a purpose that the hub does not know.",
        "Write a purpose of the vocabulary, such as research, or nothing.",
        about="purpose",
    ),
    Refusal(
        "line-notice",
        "Lines %(lines)s have a version of the notice that cannot be kept.",
        "Write a short reference: letters, digits, spaces and . _ : / # -",
        about="notice",
    ),
    Refusal(
        "line-evidence",
        "Lines %(lines)s have a reference of evidence that cannot be kept.",
        "Write a short reference: letters, digits, spaces and . _ : / # -",
        about="evidence",
    ),
)


def folded(text: str) -> str:
    """Write a word of a header or of a vocabulary in one way: ``Date de décision`` → ``date_de_decision``."""
    plain = unicodedata.normalize("NFKD", text.strip().lower())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def day(cell: str) -> Any:
    """Read a day, as a machine or a French person writes it."""
    for form in _DATES:
        try:
            found = datetime.strptime(cell, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return found if date(1990, 1, 1) <= found <= date(2199, 12, 31) else WRONG
    return WRONG


def moment(cell: str, latest: datetime) -> Any:
    """Read a day (its first moment in Paris) or a moment (in Paris when it has no zone)."""
    whole = day(cell)
    if whole is not WRONG:
        found = datetime.combine(whole, time.min, tzinfo=PARIS)
    else:
        try:
            found = datetime.fromisoformat(cell)
        except ValueError:
            return WRONG
        found = found if found.tzinfo else found.replace(tzinfo=PARIS)
    return found if datetime(1990, 1, 1, tzinfo=PARIS) <= found < latest else WRONG


def project(cell: str) -> Any:
    """Read the number of an access request."""
    try:
        return UUID(cell)
    except ValueError:
        return WRONG


def purpose(cell: str) -> Any:
    """Read a purpose of the vocabulary."""
    return cell.lower() if cell.lower() in set(Purpose) else WRONG


def reference(cell: str) -> Any:
    """Keep a short reference; what has the shape of an identifier of a person is none."""
    if not _REFERENCE.fullmatch(cell) or looks_like_ine(cell):
        return WRONG
    return cell
