"""Say a refusal in the reader's language."""

from collections.abc import Iterable
from typing import TypedDict

from django.utils.translation import gettext

from hub.kernel.refusals import Refusal


class Said(TypedDict):
    """A refusal as pages and the API show it."""

    code: str
    explanation: str
    remedy: str
    about: str


def fill(msgid: str, values: object) -> str:
    """Translate a message and fill its places; values that are messages are translated too."""
    if not msgid:
        return ""
    text = gettext(msgid)
    if isinstance(values, dict) and values:
        return text % {name: say_value(value) for name, value in values.items()}
    return text


def say_value(value: object) -> object:
    """Translate a value that is itself a word of the interface; leave the others."""
    return gettext(value) if isinstance(value, str) and value else value


def say(refusal: Refusal) -> Said:
    """Return one refusal in the current language."""
    values = dict(refusal.values)
    return Said(
        code=refusal.code,
        explanation=fill(refusal.explanation, values),
        remedy=fill(refusal.remedy, values),
        about=refusal.about,
    )


def say_all(refusals: Iterable[Refusal]) -> list[Said]:
    """Return refusals in the current language."""
    return [say(refusal) for refusal in refusals]
