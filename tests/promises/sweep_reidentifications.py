"""The table of demands to name persons: route, method, who gets what, what everybody else gets."""

from typing import Any

from tests.promises.sweep_pages import AUDITOR, DPO, EXAMINERS, GRANT, STEWARD
from tests.promises.sweeping import HIDDEN, line, members, those

A_DEMAND: dict[str, Any] = {"demand_id": "{demand}"}
APPROVED: dict[str, Any] = {"demand_id": "{approved_demand}"}
A_FILING = {
    "need": "Une réquisition.",
    "reference": "Article 2",
    "recipient": "Un service",
    "pseudonyms": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
}
BOTH_KEYS = {"filing_key": "{filing_key}", "approval_key": "{approval_key}"}
ASKED = (STEWARD, DPO)
PAGES = (
    line("reidentifications", "GET", members()),
    line("grant_reidentifications", "GET", those(*EXAMINERS), HIDDEN, **GRANT),
    line(
        "grant_reidentifications",
        "POST",
        those(*ASKED) | those(AUDITOR, status=409),
        HIDDEN,
        {**A_FILING, "dataset": "{dataset_id}"},
        grant_id="{fresh_grant}",
    ),
    line("reidentification", "GET", those(*EXAMINERS), HIDDEN, **A_DEMAND),
    line("reidentification", "GET", those(*EXAMINERS), HIDDEN, **APPROVED),
    *(
        line(
            "reidentification_step",
            "POST",
            dict.fromkeys(EXAMINERS, 409) | those(who, status=status),
            HIDDEN,
            {"reason": "Parce que."},
            step=step,
            **A_DEMAND,
        )
        for step, who, status in (
            ("approve", DPO, 200),
            ("refuse", DPO, 302),
            ("close", STEWARD, 302),
        )
    ),
    line(
        "reidentification_match",
        "POST",
        those(*ASKED) | those(AUDITOR, status=409),
        HIDDEN,
        {**BOTH_KEYS, "candidates": "1234567890A"},
        **APPROVED,
    ),
)
API = (
    line("api_reidentifications", "GET", members()),
    line("api_grant_reidentifications", "GET", those(*EXAMINERS), HIDDEN, **GRANT),
    line(
        "api_grant_reidentifications",
        "POST",
        those(*ASKED, status=201) | those(AUDITOR, status=409),
        HIDDEN,
        {**A_FILING, "pseudonyms": [A_FILING["pseudonyms"]]},
        grant_id="{fresh_grant}",
    ),
    line("api_reidentification", "GET", those(*EXAMINERS), HIDDEN, **A_DEMAND),
    *(
        line(
            f"api_reidentification_{what}",
            "POST",
            dict.fromkeys(EXAMINERS, 409) | those(who),
            HIDDEN,
            {"reason": "Parce que."},
            **A_DEMAND,
        )
        for what, who in (("approval", DPO), ("refusal", DPO), ("closing", STEWARD))
    ),
    line(
        "api_reidentification_match",
        "POST",
        those(*ASKED) | those(AUDITOR, status=409),
        HIDDEN,
        {**BOTH_KEYS, "candidates": ["1234567890A"]},
        **APPROVED,
    ),
)

LINES = (*PAGES, *API)
