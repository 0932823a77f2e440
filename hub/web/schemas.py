"""Messages of programmes, checked against their JSON Schema before anything reads them."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from hub.kernel.refusals import Invalid, Refusal

MOST_SAID = 10


def checked(message: Any, schema: Mapping[str, Any]) -> Any:
    """
    Return a message that is of its schema.

    :raises Invalid: with the places that are not; never with what stands there
    """
    errors = sorted(
        Draft202012Validator(schema).iter_errors(message), key=lambda one: one.json_path
    )
    if errors:
        raise Invalid(
            [
                Refusal(
                    "not-of-schema",
                    "The message is not of its schema: see the reference of the protocol.",
                    about=one.json_path,
                )
                for one in errors[:MOST_SAID]
            ]
        )
    return message
