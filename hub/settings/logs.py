"""Logs: one JSON object a line, of events and opaque identifiers, never of personal values."""

import sys
from typing import Any
from uuid import UUID

import structlog
from django.urls import Resolver404, resolve

FORBIDDEN = frozenset({"email", "name", "first_name", "last_name", "ip", "user_agent", "request"})


def without_personal_values(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Leave out what could name a person, and what people write in addresses."""
    for name in FORBIDDEN & event.keys():
        if name == "request":
            method, _space, path = str(event[name]).partition(" ")
            event[name] = f"{method} {known_address(path)}"
        else:
            del event[name]
    # Django names the address of the requests that it refuses.
    asked = getattr(event.get("_record"), "request", None)
    if asked is not None:
        event["event"] = str(event["event"]).replace(asked.path, known_address(asked.path))
    return event


def known_address(path: str) -> str:
    """
    Return the pattern of an address, with its opaque identifiers alone.

    People look for people: an address may hold the name or the number of a pupil, in its query or
    in its path.
    """
    try:
        found = resolve(path.split("?", 1)[0])
    except Resolver404:
        return "an unknown address"
    identifiers = [str(one) for one in found.kwargs.values() if isinstance(one, UUID)]
    return " ".join([f"/{found.route}", *identifiers])


SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_personal_values,
]

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


def only_the_kind_of_error(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """
    Replace a traceback by the chain of error types and places.

    The text of an exception may quote a cell or a parameter; its type and place never do.
    """
    info = event.pop("exc_info", None)
    if not info:
        return event
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    chain = []
    while isinstance(error, BaseException):
        places = []
        trace = error.__traceback__
        while trace:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
            trace = trace.tb_next
        chain.append(f"{type(error).__module__}.{type(error).__qualname__} {' '.join(places)}")
        error = error.__cause__ or error.__context__
    event["error"] = chain
    return event


def logging_config(level: str) -> dict[str, Any]:
    """Return the configuration of :mod:`logging` for a level such as ``INFO``."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    only_the_kind_of_error,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
                "foreign_pre_chain": [*SHARED],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"level": level},
            "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            "uvicorn.access": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
