"""A log names events and opaque identifiers, never a person or a value."""

import logging

from django.test import RequestFactory

from hub.settings.logs import (  # noqa: TID251 - the processors themselves are what is tested
    known_address,
    logging_config,
    only_the_kind_of_error,
    without_personal_values,
)


def test_personal_values_are_left_out() -> None:
    event = {"event": "x", "email": "a@b.c", "ip": "1.2.3.4", "request": "GET /datasets?q=dupont"}

    assert without_personal_values(None, "info", event) == {
        "event": "x",
        "request": "GET /datasets",
    }


def test_what_somebody_writes_in_an_address_is_left_out() -> None:
    extract = "01a20026-f63f-7071-9592-faffc10eac15"

    assert known_address("/datasets/dupont-paul") == "/datasets/<slug:slug>"
    assert known_address("/dupont/paul") == "an unknown address"
    assert known_address(f"/extracts/{extract}") == f"/extracts/<uuid:extract_id> {extract}"


def test_the_address_that_django_refuses_is_left_out() -> None:
    record = logging.makeLogRecord({"request": RequestFactory().get("/dupont/paul")})
    event = {"event": "Not Found: /dupont/paul", "_record": record}

    told = without_personal_values(None, "warning", event)

    assert told["event"] == "Not Found: an unknown address"


def failing() -> Exception:
    try:
        try:
            raise KeyError("DUPONT")
        except KeyError as cause:
            raise ValueError("0123456789A is not right") from cause
    except ValueError as error:
        return error


def test_an_error_is_told_by_its_types_and_places_not_its_text() -> None:
    told = only_the_kind_of_error(None, "error", {"event": "x", "exc_info": failing()})

    assert "DUPONT" not in str(told)
    assert "0123456789A" not in str(told)
    assert [line.split(" ")[0] for line in told["error"]] == [
        "builtins.ValueError",
        "builtins.KeyError",
    ]


def test_an_error_in_flight_is_found() -> None:
    try:
        raise OSError("secret")
    except OSError:
        told = only_the_kind_of_error(None, "error", {"event": "x", "exc_info": True})

    assert told["error"][0].startswith("builtins.OSError")


def test_an_event_without_error_is_left_as_it_is() -> None:
    assert only_the_kind_of_error(None, "info", {"event": "x"}) == {"event": "x"}


def test_the_arguments_of_a_message_are_written_by_our_processors_only() -> None:
    config = logging_config("INFO")

    assert config["root"]["handlers"] == ["console"]
    assert logging.getLevelName(config["root"]["level"]) == logging.INFO
