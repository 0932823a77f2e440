"""The one reader of the environment. What it can read is declared here, and documented from here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the environment: ``default`` is None when the hub cannot start without it."""

    name: str
    default: str | None
    purpose: str


VARIABLES: Mapping[str, Variable] = {
    variable.name: variable
    for variable in (
        Variable("HUB_SECRET_KEY", None, "Django's secret: signs sessions and forms."),
        Variable(
            "HUB_MASTER_KEY",
            None,
            "The key that wraps all the others: `file:/path` to a file that holds 32 bytes in"
            " base64, or the base64 text itself.",
        ),
        Variable(
            "HUB_FORMER_MASTER_KEYS",
            "",
            "Other master keys that still open what they wrapped, comma-separated, each written as"
            " `HUB_MASTER_KEY` is. Only while one key follows another:"
            " [how](../guides/operator.md#changing-the-master-key).",
        ),
        Variable(
            "HUB_GRANT_KEYS",
            "",
            "The folder of the second halves of grants' keys, shared by web and workers: kept out of"
            " every backup. Empty: `grant-keys` in the folder of the hub's data.",
        ),
        Variable("DATABASE_URL", None, "PostgreSQL, as the role that runs the hub (`hub_app`)."),
        Variable(
            "DATABASE_OWNER_URL",
            "",
            "PostgreSQL, as the role that owns the tables: `migrate` alone uses it. Empty:"
            " the same as `DATABASE_URL`.",
        ),
        Variable("REDIS_URL", None, "Valkey or Redis, for the cache and for Celery."),
        Variable("HUB_VAR", "var", "The folder of the hub's data: vault, extracts, logs."),
        Variable("HUB_BASE_URL", "http://127.0.0.1:8000", "Where people reach the hub."),
        Variable("HUB_ALLOWED_HOSTS", "127.0.0.1,localhost", "Host names, comma-separated."),
        Variable("HUB_NAME", "Education Data Hub", "The name shown in the pages."),
        Variable(
            "HUB_OPERATOR",
            "",
            "Who runs this hub, as named in the legal notices.",
        ),
        Variable(
            "HUB_THEME",
            "neutral",
            "`neutral`, or `etat` for services entitled to the State's identity.",
        ),
        Variable("HUB_LANGUAGE", "fr", "The language of a visitor who asks for none: fr or en."),
        Variable("HUB_MAIL_URL", "console:", "`console:`, `file:/folder`, or `smtp://host:port`."),
        Variable("HUB_MAIL_FROM", "hub@localhost", "The sender of the hub's messages."),
        Variable("HUB_LOG_LEVEL", "INFO", "How much is written in the logs."),
        Variable(
            "HUB_UPLOAD_LIMIT",
            str(1024**3),
            "The largest file that a producer may upload, in bytes (1 GiB).",
        ),
        Variable(
            "HUB_SOURCE_HOSTS",
            "",
            "Database hosts that producers' sources may name, comma-separated."
            " Empty: no table can be pointed to.",
        ),
        Variable(
            "HUB_S3_ENDPOINTS",
            "",
            "Stores of objects (S3) that producers' sources may name, comma-separated and whole:"
            " `https://host` or `https://host:port`. Empty: no object can be pointed to.",
        ),
        Variable(
            "HUB_PRIVATE_HOSTS",
            "",
            "Hosts outside the public internet that the hub may nonetheless fetch from, as `host`"
            " or `host:port`, comma-separated: the portals of an intranet.",
        ),
        Variable(
            "HUB_NODE_LIMIT",
            str(50 * 1024**3),
            "The largest file that a producer's node may deliver, in bytes (50 GiB).",
        ),
        Variable("HUB_DB_POOL", "8", "Connections that one process keeps open to PostgreSQL."),
        Variable("HUB_EXTRACT_DAYS", "30", "Days during which a ready extract can be downloaded."),
        Variable(
            "HUB_ESTIMATE_ROWS",
            "10000000",
            "Rows of the largest release that is counted for examiners before they decide.",
        ),
        Variable("HUB_EXTRACT_THREADS", "2", "Threads that one extract may use."),
        Variable(
            "HUB_EXTRACT_MEMORY",
            "700",
            "Memory that one extract should keep to, in MiB: it takes fewer rows at once.",
        ),
        Variable(
            "HUB_EXTRACT_DISK",
            "100",
            "Temporary space that one extract may take, in GiB: beyond, it stops and is tried again.",
        ),
        Variable(
            "HUB_STATISTICAL_ROWS",
            "2000000",
            "Rows of the largest extract that also comes for SPSS and Stata: these files are whole in"
            " the memory of their worker, beside the rest, some 300 bytes a row of ten columns.",
        ),
        Variable("HUB_SMALLEST_K", "5", "The smallest group of persons that an extract may show."),
        Variable(
            "HUB_LARGEST_SUPPRESSION",
            "0.05",
            "The largest share of rows that may be suppressed to reach k; above, the run stops.",
        ),
        Variable(
            "HUB_REIDENTIFICATION_PERSONS",
            "20",
            "Persons whom one demand may have named, for a legal need.",
        ),
        Variable(
            "HUB_REIDENTIFICATION_DEMANDS",
            "5",
            "Demands to name persons that a dataset may have in a year; 0 allows none.",
        ),
        Variable(
            "HUB_DOMINANCE_N",
            "1",
            "In tables of results: so many contributors may not make too much of a sum.",
        ),
        Variable(
            "HUB_DOMINANCE_K", "85", "What is too much of a sum, in percent: above, it is hidden."
        ),
        Variable(
            "HUB_TABLE_SOLVER",
            "own",
            "In tables of results, who chooses what to hide beside what the rules hide: own, or"
            " tauargus (tau-Argus, which hides as little as can be; install it first).",
        ),
        Variable("HUB_DEMO_PUPILS", "60000", "How many pupils the demo world draws."),
        Variable("HUB_REQUIRE_TOTP", "1", "1: officers sign in with a second factor."),
    )
}


def read(name: str) -> str:
    """
    Return the text of a declared variable.

    :raises ImproperlyConfigured: when it is required and absent
    """
    variable = VARIABLES[name]
    text = os.environ.get(name) or variable.default
    if text is None:
        raise ImproperlyConfigured(f"{name} is not set. {variable.purpose}")
    return text


def read_list(name: str) -> list[str]:
    """Return the comma-separated items of a declared variable."""
    return [item.strip() for item in read(name).split(",") if item.strip()]


def page() -> str:
    """Return the reference page of the settings, ready to be written."""
    rows = [
        f"| `{v.name}` | {'required' if v.default is None else f'`{v.default}`' if v.default else 'empty'} | {v.purpose} |"
        for v in VARIABLES.values()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Generated from `hub/settings/environment.py`. All are variables of the environment.",
            "`make demo` sets those that are required.",
            "",
            "| variable | default | purpose |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )
