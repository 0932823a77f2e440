"""The table of the producers' own hierarchies: route, method, who gets what, what others get."""

from typing import Any

from tests.promises.sweep_pages import AUDITOR, EDITOR, NOT_EVEN_TO_SIGN_IN, STEWARD
from tests.promises.sweeping import HIDDEN, REFUSED, line, those

PAGE: dict[str, Any] = {"slug": "{draft_dataset}", "position": "1"}
LEVELS: dict[str, Any] = {"reference": "{draft_dataset}", "name": "uai"}
PAGES = (
    line("dataset_hierarchy", "GET", those(EDITOR), REFUSED, **PAGE),
    line("dataset_hierarchy", "POST", those(EDITOR, status=302), REFUSED, {"remove": "1"}, **PAGE),
)
API = (
    line(
        "api_hierarchy",
        "GET",
        those(EDITOR, STEWARD, AUDITOR) | NOT_EVEN_TO_SIGN_IN,
        HIDDEN,
        **LEVELS,
    ),
    line("api_hierarchy", "PUT", those(EDITOR), REFUSED, "0440001M;44\n0440002N;44\n", **LEVELS),
    line("api_hierarchy", "DELETE", those(EDITOR), REFUSED, **LEVELS),
)
