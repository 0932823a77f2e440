"""The table of the hub's pages: route, method, who gets what, what everybody else gets."""

from typing import Any

from tests.promises.sweeping import (
    CLOSED,
    HIDDEN,
    REFUSED,
    Who,
    anyone,
    line,
    members,
    those,
)

VISITOR, STRANGER, COLLEAGUE = Who.VISITOR, Who.STRANGER, Who.COLLEAGUE
APPLICANT, OTHER_STEWARD, EDITOR = Who.APPLICANT, Who.OTHER_STEWARD, Who.EDITOR
STEWARD, DPO, HUB_ADMIN, AUDITOR = Who.STEWARD, Who.DPO, Who.HUB_ADMIN, Who.AUDITOR

TEAM = (APPLICANT, COLLEAGUE)
EXAMINERS = (STEWARD, DPO, AUDITOR)
EDITORS = (EDITOR, OTHER_STEWARD)
RESEARCHERS = (APPLICANT, COLLEAGUE, Who.OTHER_APPLICANT)
WITHOUT_ORGANISATION = {STRANGER: 409}
NOT_EVEN_TO_SIGN_IN = {VISITOR: 404}
"""Public routes: what is not published is not there."""

REQUEST = {"context": "Un contexte.", "hosting": "Ici.", "version": "{draft_version}"}
REASON = {"reason": "Parce que.", "version": "{waiting_version}"}

PLACE = (
    line("home", "GET", anyone()),
    line("help", "GET", anyone()),
    line("page", "GET", anyone(), name="legal"),
    line("transparency", "GET", anyone()),
    line("api_docs", "GET", anyone()),
    line("live", "GET", anyone()),
    line("ready", "GET", anyone()),
    line("language", "POST", anyone(302), body={"language": "en"}),
)
ACCOUNT = (
    line("account", "GET", members()),
    line(
        "account",
        "POST",
        members(),
        body={"label": "le mien", "scopes": "read", "days": "3"},
    ),
    line("act_as", "POST", those(APPLICANT, status=302), HIDDEN, {"membership": "{membership}"}),
    line("revoke_token", "POST", those(APPLICANT, status=302), HIDDEN, token_id="{token}"),
)
CATALOGUE = (
    line("catalogue", "GET", anyone()),
    line("producers", "GET", anyone()),
    line("producer", "GET", anyone(), slug="depp"),
    line("dataset", "GET", anyone(), slug="{dataset}"),
    line(
        "dataset",
        "GET",
        those(EDITOR, STEWARD, AUDITOR) | NOT_EVEN_TO_SIGN_IN,
        HIDDEN,
        slug="{draft_dataset}",
    ),
    line(
        "dataset_download",
        "GET",
        anyone(),
        writes=True,
        slug="{open_dataset}",
        file_format="csv",
    ),
    line(
        "dataset_download",
        "GET",
        anyone(403),
        slug="{dataset}",
        file_format="csv",
    ),
    line("my_datasets", "GET", members()),
    line("register_dataset", "GET", those(*EDITORS), CLOSED),
    line("register_dataset", "POST", those(*EDITORS, status=302), CLOSED, {"title": "Nouvelle"}),
    line("dataset_describe", "GET", those(EDITOR), REFUSED, slug="{draft_dataset}"),
    line(
        "dataset_describe",
        "POST",
        those(EDITOR, status=302),
        REFUSED,
        {"title": "Base renommée"},
        slug="{draft_dataset}",
    ),
    line("dataset_data", "GET", those(EDITOR), REFUSED, slug="{draft_dataset}"),
    line(
        "dataset_data",
        "POST",
        those(EDITOR, status=422),
        REFUSED,
        slug="{draft_dataset}",
    ),
    line("dataset_conditions", "GET", those(EDITOR), REFUSED, slug="{draft_dataset}"),
    line(
        "dataset_conditions",
        "POST",
        those(EDITOR, status=302),
        REFUSED,
        {"crossing_rule": "forbidden"},
        slug="{draft_dataset}",
    ),
    line("dataset_release", "GET", those(EDITOR), REFUSED, slug="{dataset}"),
    line(
        "dataset_release",
        "POST",
        those(EDITOR, status=302),
        REFUSED,
        {"label": "2027"},
        slug="{dataset}",
    ),
    line("dataset_fields", "GET", those(EDITOR), REFUSED, slug="{draft_dataset}"),
    line("dataset_fields", "POST", those(EDITOR, status=302), REFUSED, slug="{draft_dataset}"),
    line("dataset_ingest", "POST", those(EDITOR, status=302), REFUSED, slug="{draft_dataset}"),
    line("dataset_progress", "GET", those(EDITOR), REFUSED, slug="{draft_dataset}"),
    line("dataset_publish", "GET", those(EDITOR), REFUSED, slug="{draft_dataset}"),
    line("dataset_publish", "POST", those(EDITOR, status=409), REFUSED, slug="{draft_dataset}"),
    line(
        "dataset_withdraw",
        "POST",
        those(EDITOR, status=302),
        REFUSED,
        {"reason": "Remplacée."},
        slug="{dataset}",
    ),
    line("dataset_consents", "GET", those(EDITOR, STEWARD, DPO), REFUSED, slug="{dataset}"),
    line(
        "dataset_consents",
        "POST",
        those(EDITOR, STEWARD, DPO),
        REFUSED,
        slug="{dataset}",
    ),
)
NODES = (
    line("my_nodes", "GET", those(STEWARD, OTHER_STEWARD), CLOSED),
    line(
        "my_nodes",
        "POST",
        those(STEWARD, OTHER_STEWARD, status=422),
        CLOSED,
        {"name": "Salle", "recipient": "age1"},
    ),
    line("node_secret", "POST", those(STEWARD), REFUSED, node_id="{node}"),
    line(
        "node_close",
        "POST",
        those(STEWARD, status=302),
        REFUSED,
        {"reason": "Remplacé."},
        node_id="{node}",
    ),
    line("dataset_at_node", "GET", those(EDITOR), REFUSED, slug="{draft_dataset}"),
    line(
        "dataset_at_node",
        "POST",
        those(EDITOR, status=404),
        REFUSED,
        {"node": "{node}", "source": "nothing"},
        slug="{draft_dataset}",
    ),
)
CHARTERS = (
    line("my_charters", "GET", members()),
    line("charter", "GET", members(), profile="researcher"),
    line(
        "charter",
        "POST",
        members(409) | those(*RESEARCHERS, status=302),
        body={"agreed": "on", "number": "1"},
        profile="researcher",
    ),
    line("charter_version", "GET", members(), profile="researcher", number="1"),
    line("edit_charters", "GET", those(HUB_ADMIN, AUDITOR), CLOSED),
    line("edit_charter", "GET", those(HUB_ADMIN), CLOSED, profile="school"),
    line(
        "edit_charter",
        "POST",
        those(HUB_ADMIN, status=302),
        CLOSED,
        {
            "title_fr": "Charte",
            "title_en": "Charter",
            "text_fr": "Texte.",
            "text_en": "Text.",
            "max_tier": "extract",
            "highest_level": "3",
            "longest_days": "100",
            "purposes": "research",
            "grace_days": "30",
            "publish": "yes",
        },
        profile="school",
    ),
)
DRAFT: dict[str, Any] = {"request_id": "{draft}"}
REQUESTS = (
    line("my_requests", "GET", members()),
    line("new_request", "GET", members()),
    line(
        "new_request",
        "POST",
        members(302) | WITHOUT_ORGANISATION,
        body={"title": "Un projet", "dataset": "{dataset}"},
    ),
    line("request", "GET", those(APPLICANT), HIDDEN, **DRAFT),
    line("request", "GET", those(*TEAM, *EXAMINERS), HIDDEN, request_id="{waiting}"),
    line("request_project", "GET", those(APPLICANT), HIDDEN, **DRAFT),
    line("request_project", "POST", those(APPLICANT, status=302), HIDDEN, REQUEST, **DRAFT),
    line("request_data", "GET", those(APPLICANT), HIDDEN, **DRAFT),
    line(
        "request_data",
        "POST",
        those(APPLICANT, status=302),
        HIDDEN,
        {"drop": "{dataset_id}"},
        **DRAFT,
    ),
    line(
        "request_fields",
        "GET",
        those(APPLICANT),
        HIDDEN,
        dataset_id="{dataset_id}",
        **DRAFT,
    ),
    line(
        "request_fields",
        "POST",
        those(APPLICANT, status=302),
        HIDDEN,
        {"ask-1": "on", "why-1": "Pour compter."},
        dataset_id="{dataset_id}",
        **DRAFT,
    ),
    line("request_conditions", "GET", those(APPLICANT), HIDDEN, **DRAFT),
    line("request_conditions", "POST", those(APPLICANT, status=302), HIDDEN, REQUEST, **DRAFT),
    line("request_team", "GET", those(APPLICANT), HIDDEN, **DRAFT),
    line(
        "request_team",
        "POST",
        those(APPLICANT, status=302),
        HIDDEN,
        {"email": "autre-chercheur@demo.example", "version": "{draft_version}"},
        **DRAFT,
    ),
    line("request_review", "GET", those(APPLICANT), HIDDEN, **DRAFT),
    line(
        "request_step",
        "POST",
        those(APPLICANT, status=302),
        HIDDEN,
        step="submit",
        **DRAFT,
    ),
    line(
        "request_step",
        "POST",
        those(APPLICANT, status=302) | those(COLLEAGUE, *EXAMINERS, status=409),
        HIDDEN,
        request_id="{waiting}",
        step="withdraw",
    ),
    line("administration", "GET", those(*EXAMINERS, OTHER_STEWARD, HUB_ADMIN), CLOSED),
    line("examine_requests", "GET", those(*EXAMINERS, OTHER_STEWARD), CLOSED),
    line("examine_request", "GET", those(*EXAMINERS), REFUSED, request_id="{waiting}"),
    line(
        "examine_estimate",
        "POST",
        those(STEWARD, DPO, status=302),
        REFUSED,
        request_id="{waiting}",
        dataset_id="{dataset_id}",
    ),
    *(
        line(
            "examine_step",
            "POST",
            dict.fromkeys(EXAMINERS, 409) | those(*deciders, status=302),
            REFUSED,
            REASON | more,
            request_id=of,
            step=step,
        )
        for step, of, deciders, more in (
            ("start_review", "{submitted}", (STEWARD,), {}),
            ("request_changes", "{waiting}", (STEWARD,), {}),
            ("reject", "{waiting}", (STEWARD,), {}),
            ("approve", "{waiting}", (STEWARD,), {"dataset_id": "{dataset_id}"}),
            ("give_opinion", "{waiting}", (DPO,), {"adviser": "dpo", "favourable": "yes"}),
        )
    ),
)
GRANT: dict[str, Any] = {"grant_id": "{grant}"}
GRANTS = (
    line("my_grants", "GET", members()),
    line("grants_on_my_data", "GET", those(STEWARD, OTHER_STEWARD), CLOSED),
    line("grant", "GET", those(*TEAM, *EXAMINERS), HIDDEN, **GRANT),
    *(
        line(
            "grant_step",
            "POST",
            those(*TEAM, *EXAMINERS, status=409) | those(whose, status=302),
            HIDDEN,
            {"reason": "Parce que."},
            step=step,
            **GRANT,
        )
        for step, whose in (("suspend", STEWARD), ("revoke", STEWARD), ("close", APPLICANT))
    ),
)
EXTRACT: dict[str, Any] = {"extract_id": "{extract}"}
EXTRACTS = (
    line("grant_extracts", "GET", those(*TEAM, *EXAMINERS), HIDDEN, **GRANT),
    line("grant_extracts", "GET", those(*TEAM, *EXAMINERS), HIDDEN, grant_id="{fresh_grant}"),
    line(
        "grant_extracts",
        "POST",
        those(COLLEAGUE, *EXAMINERS, status=409) | those(APPLICANT, status=302),
        HIDDEN,
        {"dataset": "{dataset_id}"},
        **GRANT,
    ),
    line("extract", "GET", those(*TEAM, *EXAMINERS), HIDDEN, **EXTRACT),
    line("extract_progress", "GET", those(*TEAM, *EXAMINERS), HIDDEN, **EXTRACT),
    line(
        "extract_cancel",
        "POST",
        those(*TEAM, status=302),
        HIDDEN,
        extract_id="{queued_extract}",
    ),
    line(
        "extract_recall",
        "GET",
        those(*TEAM),
        HIDDEN,
        upto="{recall}",
        extract_id="{recalled_extract}",
    ),
    line(
        "extract_attest",
        "POST",
        those(*TEAM, status=302),
        HIDDEN,
        {"statement": "Les lignes sont effacées."},
        upto="{recall}",
        extract_id="{recalled_extract}",
    ),
    line(
        "extract_file",
        "GET",
        those(COLLEAGUE, *EXAMINERS, status=409) | those(APPLICANT),
        HIDDEN,
        writes=True,
        name="data.csv",
        **EXTRACT,
    ),
)
TRAIL = (line("trail", "GET", those(AUDITOR, DPO), CLOSED),)

LINES = (
    *PLACE,
    *ACCOUNT,
    *CATALOGUE,
    *NODES,
    *CHARTERS,
    *REQUESTS,
    *GRANTS,
    *EXTRACTS,
    *TRAIL,
)
