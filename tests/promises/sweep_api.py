"""The table of the API: route, method, who gets what, what everybody else gets."""

from typing import Any

from hub.crypto.letters import new_identity, recipient_of
from tests.promises.sweep_pages import (
    APPLICANT,
    AUDITOR,
    COLLEAGUE,
    DPO,
    EDITOR,
    EDITORS,
    EXAMINERS,
    NOT_EVEN_TO_SIGN_IN,
    OTHER_STEWARD,
    RESEARCHERS,
    STEWARD,
    TEAM,
    WITHOUT_ORGANISATION,
)
from tests.promises.sweeping import (
    CLOSED,
    HIDDEN,
    NO_NODE,
    REFUSED,
    anyone,
    line,
    members,
    those,
)

DRAFT: dict[str, Any] = {"reference": "{draft_dataset}"}
DATASET: dict[str, Any] = {"reference": "{dataset}"}
PLACE = (
    line("api_schema", "GET", anyone()),
    line("api_me", "GET", members()),
    line("api_tokens", "GET", members()),
    line("api_tokens", "POST", members(403), body={"label": "x", "scopes": ["read"]}),
    line("api_token", "DELETE", members(403), token_id="{token}"),
    line("api_organisations", "GET", anyone()),
    line("api_organisation", "GET", anyone(), slug="depp"),
    line("api_trail", "GET", those(AUDITOR, DPO), CLOSED),
    line("api_trail_verification", "GET", those(AUDITOR, DPO), CLOSED),
    line("api_transparency", "GET", anyone()),
)
CATALOGUE = (
    line("api_datasets", "GET", anyone()),
    line("api_datasets", "POST", those(*EDITORS, status=201), CLOSED, {"title": "Nouvelle"}),
    line("api_dataset", "GET", anyone(), **DATASET),
    line(
        "api_dataset",
        "GET",
        those(EDITOR, STEWARD, AUDITOR) | NOT_EVEN_TO_SIGN_IN,
        HIDDEN,
        **DRAFT,
    ),
    line("api_dataset", "PATCH", those(EDITOR), REFUSED, {"summary": "Une phrase."}, **DRAFT),
    line(
        "api_fields", "GET", those(EDITOR, STEWARD, AUDITOR) | NOT_EVEN_TO_SIGN_IN, HIDDEN, **DRAFT
    ),
    line("api_fields", "PATCH", those(EDITOR), REFUSED, {"confirm_all": True}, **DRAFT),
    line("api_upload", "PUT", those(EDITOR), REFUSED, "uai;effectif\n0440001M;5\n", **DRAFT),
    line("api_upload", "POST", those(EDITOR, status=415), REFUSED, **DRAFT),
    line("api_source", "GET", those(EDITOR), REFUSED, **DRAFT),
    line(
        "api_source",
        "PUT",
        those(EDITOR, status=422),
        REFUSED,
        {
            "host": "nowhere",
            "database": "base",
            "table": "t",
            "user": "u",
            "password": "p",
        },
        **DRAFT,
    ),
    line(
        "api_releases",
        "GET",
        those(EDITOR, STEWARD, AUDITOR) | NOT_EVEN_TO_SIGN_IN,
        HIDDEN,
        **DRAFT,
    ),
    line("api_releases", "POST", those(EDITOR, status=201), REFUSED, {"label": "2027"}, **DATASET),
    line("api_withdrawal", "POST", those(EDITOR), REFUSED, {"reason": "Remplacée."}, **DATASET),
    line("api_ingestion", "GET", those(EDITOR, status=404), REFUSED, **DRAFT),
    line("api_ingestion", "POST", those(EDITOR, status=202), REFUSED, **DRAFT),
    line("api_publication", "GET", those(EDITOR), REFUSED, **DRAFT),
    line("api_publication", "POST", those(EDITOR, status=409), REFUSED, **DRAFT),
    line("api_download", "GET", anyone(403), file_format="csv", **DATASET),
    line(
        "api_download",
        "GET",
        anyone(),
        writes=True,
        reference="{open_dataset}",
        file_format="parquet",
    ),
    line(
        "api_consents",
        "GET",
        those(EDITOR, STEWARD, DPO),
        REFUSED,
        dataset_id="{dataset_id}",
    ),
    line(
        "api_consents",
        "POST",
        those(EDITOR, STEWARD, DPO, status=201),
        REFUSED,
        {"identifier": "1234567890A", "decision": "objected"},
        dataset_id="{dataset_id}",
    ),
)
KEY_OF_A_NODE = recipient_of(new_identity())
A_NODE: dict[str, Any] = {"node_id": "{node}"}
OF_AN_EXTRACT: dict[str, Any] = {"extract_id": "{queued_extract}"}
OF_AN_INTAKE: dict[str, Any] = {"job_id": "{queued_extract}"}
NODES = (
    line("api_nodes", "GET", those(STEWARD, OTHER_STEWARD), CLOSED),
    line(
        "api_nodes",
        "POST",
        those(STEWARD, OTHER_STEWARD, status=201),
        CLOSED,
        {"name": "Salle", "recipient": KEY_OF_A_NODE},
    ),
    line("api_node_secret", "POST", those(STEWARD), REFUSED, **A_NODE),
    line("api_node_closure", "POST", those(STEWARD), REFUSED, {"reason": "Remplacé."}, **A_NODE),
    line("api_node_source", "GET", those(EDITOR), REFUSED, **DRAFT),
    line(
        "api_node_source",
        "PUT",
        those(EDITOR, status=404),
        REFUSED,
        {"node": "{node}", "name": "nothing"},
        **DRAFT,
    ),
    line("api_signing_key", "GET", anyone()),
    # What follows is for nodes alone, with their own credentials: people have none that count.
    line("api_node_sources", "PUT", {}, NO_NODE),
    line("api_node_next", "GET", {}, NO_NODE),
    line("api_node_progress", "POST", {}, NO_NODE, **OF_AN_EXTRACT),
    line("api_node_consents", "GET", {}, NO_NODE, **OF_AN_EXTRACT),
    line("api_node_file", "GET", {}, NO_NODE, name="data.csv", **OF_AN_EXTRACT),
    line("api_node_file", "PUT", {}, NO_NODE, name="data.csv", **OF_AN_EXTRACT),
    line("api_node_end", "POST", {}, NO_NODE, **OF_AN_EXTRACT),
    line("api_node_refusal", "POST", {}, NO_NODE, **OF_AN_EXTRACT),
    line("api_node_intake_progress", "POST", {}, NO_NODE, **OF_AN_INTAKE),
    line("api_node_intake_end", "POST", {}, NO_NODE, **OF_AN_INTAKE),
    line("api_node_intake_refusal", "POST", {}, NO_NODE, **OF_AN_INTAKE),
)
CHARTERS = (
    line("api_charters", "GET", anyone()),
    line("api_charter", "GET", anyone(), profile="researcher"),
    line(
        "api_charter_signature",
        "GET",
        those(*RESEARCHERS),
        HIDDEN,
        profile="researcher",
    ),
    line(
        "api_charter_signature",
        "POST",
        members(409) | those(*RESEARCHERS, status=201),
        body={"number": 1, "agreed": True},
        profile="researcher",
    ),
)
ON_DRAFT: dict[str, Any] = {"request_id": "{draft}"}
REQUESTS = (
    line("api_requests", "GET", members()),
    line(
        "api_requests",
        "POST",
        members(201) | WITHOUT_ORGANISATION,
        body={"title": "Un projet", "datasets": ["{dataset}"]},
    ),
    line("api_requests_to_examine", "GET", those(*EXAMINERS, OTHER_STEWARD), CLOSED),
    line("api_request", "GET", those(APPLICANT), HIDDEN, **ON_DRAFT),
    line("api_request", "GET", those(*TEAM, *EXAMINERS), HIDDEN, request_id="{waiting}"),
    line("api_request", "PATCH", those(APPLICANT), HIDDEN, {"title": "Autre"}, **ON_DRAFT),
    line(
        "api_requested_dataset",
        "PUT",
        those(APPLICANT),
        HIDDEN,
        {"wishes": [{"name": "niveau"}]},
        dataset="{dataset}",
        **ON_DRAFT,
    ),
    line(
        "api_requested_dataset",
        "DELETE",
        those(APPLICANT),
        HIDDEN,
        dataset="{dataset}",
        **ON_DRAFT,
    ),
    line(
        "api_request_team",
        "POST",
        those(APPLICANT, status=201),
        HIDDEN,
        {"email": "autre-chercheur@demo.example"},
        **ON_DRAFT,
    ),
    line(
        "api_request_team_member",
        "DELETE",
        those(APPLICANT),
        HIDDEN,
        member_id="{member}",
        **ON_DRAFT,
    ),
    line("api_request_plan", "GET", those(APPLICANT), HIDDEN, **ON_DRAFT),
    line("api_request_plan", "GET", those(*TEAM, *EXAMINERS), HIDDEN, request_id="{waiting}"),
    line("api_request_estimates", "GET", those(*EXAMINERS), HIDDEN, request_id="{waiting}"),
    line(
        "api_request_estimates",
        "POST",
        those(STEWARD, DPO, status=202),
        HIDDEN,
        request_id="{waiting}",
    ),
    line("api_request_step", "POST", those(APPLICANT), HIDDEN, step="submit", **ON_DRAFT),
    *(
        line(
            "api_request_step",
            "POST",
            those(*TEAM, *EXAMINERS, status=409) | those(*deciders),
            HIDDEN,
            {"reason": "Parce que."} | more,
            request_id=of,
            step=step,
        )
        for step, of, deciders, more in (
            ("withdraw", "{waiting}", (APPLICANT,), {}),
            ("start_review", "{submitted}", (STEWARD,), {}),
            ("request_changes", "{waiting}", (STEWARD,), {}),
            ("reject", "{waiting}", (STEWARD,), {}),
            ("approve", "{waiting}", (STEWARD,), {"dataset": "{dataset}"}),
            ("give_opinion", "{waiting}", (DPO,), {"role": "dpo", "favourable": True}),
        )
    ),
)
GRANT: dict[str, Any] = {"grant_id": "{grant}"}
EXTRACT: dict[str, Any] = {"extract_id": "{extract}"}
GRANTS = (
    line("api_grants", "GET", members()),
    line("api_grant", "GET", those(*TEAM, *EXAMINERS), HIDDEN, **GRANT),
    *(
        line(
            "api_grant_step",
            "POST",
            those(*TEAM, *EXAMINERS, status=409) | those(whose),
            HIDDEN,
            {"reason": "Parce que."},
            step=step,
            **GRANT,
        )
        for step, whose in (("suspend", STEWARD), ("revoke", STEWARD), ("close", APPLICANT))
    ),
    line("api_extracts", "GET", those(*TEAM, *EXAMINERS), HIDDEN, **GRANT),
    line(
        "api_extracts",
        "POST",
        those(COLLEAGUE, *EXAMINERS, status=409) | those(APPLICANT, status=202),
        HIDDEN,
        {},
        **GRANT,
    ),
    line("api_extract", "GET", those(*TEAM, *EXAMINERS), HIDDEN, **EXTRACT),
    line(
        "api_extract_cancel",
        "POST",
        those(*TEAM),
        HIDDEN,
        extract_id="{queued_extract}",
    ),
    line(
        "api_extract_recall",
        "GET",
        those(*TEAM),
        HIDDEN,
        upto="{recall}",
        extract_id="{recalled_extract}",
    ),
    line(
        "api_extract_attest",
        "POST",
        those(*TEAM),
        HIDDEN,
        {"statement": "Les lignes sont effacées."},
        upto="{recall}",
        extract_id="{recalled_extract}",
    ),
    line(
        "api_extract_file",
        "GET",
        those(COLLEAGUE, *EXAMINERS, status=409) | those(APPLICANT),
        HIDDEN,
        writes=True,
        name="data.csv",
        **EXTRACT,
    ),
)

LINES = (*PLACE, *CATALOGUE, *NODES, *CHARTERS, *REQUESTS, *GRANTS)
