"""What a bundle says: titles, licence, charter, in the languages of the hub."""

from collections.abc import Callable

from django.conf import settings
from django.utils.translation import gettext, override

from access.charters.queries import versions_of
from access.extracts.account import Origin, Titles
from access.extracts.bundle import Texts
from access.extracts.datapackage import MEDIA_TYPES, Licence
from access.extracts.models import Extract
from access.extracts.recipes import Approved
from access.plans.fields import field_spec
from access.plans.terms import Format
from catalog.datasets.queries import snapshot
from hub.people.permissions import Profile

_BY_ENDING = {
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".parquet": MEDIA_TYPES[Format.PARQUET],
    ".sav": MEDIA_TYPES[Format.SPSS],
    ".dta": MEDIA_TYPES[Format.STATA],
}
TERMS = (
    "These data were granted for one project, to the persons of its team, until %(end)s. They may"
    " not be passed on, nor crossed with other data to learn who a person is."
)


def texts_for(extract: Extract, approved: Approved) -> Texts:
    """Gather what the bundle of an extract says."""
    known = [snapshot(one.dataset_id, one.release_id, published=False) for one in approved.granted]
    first = extract.asked_by.language or settings.LANGUAGE_CODE
    languages = sorted((code for code, _name in settings.LANGUAGES), key=lambda one: one != first)
    say = {language: _in(language) for language in languages}
    title = say[languages[0]]("Conditions of the grant")
    terms = say[languages[0]](TERMS) % {"end": approved.recipe.end.isoformat()}
    return Texts(
        titles=Titles(
            extract.granted.grant.project,
            tuple(Origin(one.title, one.release.label, one.producer.name) for one in known),
        ),
        licence=Licence("particular", title, settings.HUB_BASE_URL, terms),
        charter=_charter(extract, languages),
        fields=[[field_spec(field) for field in one.fields] for one in known],
        say=say,
    )


def _in(language: str) -> Callable[[str], str]:
    def say(text: str) -> str:
        with override(language):
            return gettext(text)

    return say


def _charter(extract: Extract, languages: list[str]) -> str:
    """Return the charter that binds the team, in every language."""
    version = versions_of(Profile(extract.granted.grant.profile)).first()
    if version is None:
        return ""
    texts = []
    for language in languages:
        with override(language):
            texts.append(f"{version.title}\n\n{version.text}\n")
    return "\n\n".join(texts)


def media_type(name: str) -> str:
    """Return the media type of a file of a bundle."""
    for ending, kind in _BY_ENDING.items():
        if name.endswith(ending):
            return kind
    return "text/plain; charset=utf-8"
