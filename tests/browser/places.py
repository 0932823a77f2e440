"""The pages of the hub, and who reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.factories.whole_hub import WholeHub

BASE = "resultats-des-collegiens"
OPEN = "dnb-par-etablissement"
AT_HOME = "traces-d-apprentissage"


@dataclass(frozen=True, slots=True)
class Known:
    """Identifiers of the demo world."""

    granted: str
    draft: str
    dataset: str
    extract: str


def known(hub: WholeHub) -> Known:
    """Return what the demo world holds, with a draft of the researcher's."""
    [[granted]] = hub.ask("select id from access_accessrequest where title like 'Écarts%%'")
    [[dataset]] = hub.ask("select id from catalog_dataset where slug = %s", BASE)
    [[extract]] = hub.ask(
        "select e.id from access_extract e join access_grantdataset g on g.id = e.granted_id"
        " where g.dataset_id = %s order by e.asked_at limit 1",
        dataset,
    )
    draft = hub.person("chercheuse").api(
        "POST", "/requests", {"title": "Un brouillon", "datasets": [BASE]}
    )["id"]
    return Known(str(granted), draft, str(dataset), str(extract))


def pages(know: Known) -> Mapping[str, tuple[str, ...]]:
    """Return the pages that each person reads beside those of everyone, by the name they use."""
    request, grant = f"/requests/{know.granted}", f"/grants/{know.granted}"
    draft, mine = f"/requests/{know.draft}", f"/my/datasets/{BASE}"
    examined = f"/admin/requests/{know.granted}/"
    followed = (request, grant, f"{grant}/extracts", f"/extracts/{know.extract}")
    return {
        "": (*EVERYONE, "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"),
        "chercheuse": (
            *MEMBERS,
            *followed,
            "/requests/new",
            f"/requests/new?dataset={BASE}",
            *(f"{draft}/{part}" for part in ("project", "data", "conditions", "team", "review")),
            f"{draft}/data/{know.dataset}",
            draft,
            f"{request}/review",
            "/accounts/2fa/",
            "/accounts/password/change/",
            "/accounts/logout/",
        ),
        "producteur": (
            *MEMBERS,
            "/my/datasets",
            "/my/datasets/new",
            *(f"{mine}/{step}" for step in STEPS),
            f"{mine}/fields/2/hierarchy",
            f"/datasets/{BASE}/consents",
        ),
        "instructeur": (
            *MEMBERS,
            *followed,
            "/grants/on-my-data",
            "/reidentifications",
            f"{grant}/reidentifications",
            "/admin/",
            "/admin/requests/",
            examined,
        ),
        "editeur": (
            *MEMBERS,
            "/my/nodes",
            *(f"/my/datasets/{AT_HOME}/{step}" for step in ("data", "publish", "node")),
            f"/my/datasets/{AT_HOME}/fields/2/hierarchy",
        ),
        "dpd": (
            *MEMBERS,
            request,
            "/admin/",
            "/admin/trail/",
            "/admin/requests/",
            examined,
            "/reidentifications",
        ),
        "auditeur": (
            *MEMBERS,
            *followed,
            "/admin/",
            "/admin/trail/",
            "/admin/requests/",
            examined,
            "/admin/charters/",
            *ADMINISTRATION,
        ),
        "administratrice": (
            *MEMBERS,
            "/admin/",
            "/admin/charters/",
            "/admin/charters/researcher/",
            *ADMINISTRATION,
            *(f"{page}add/" for page in ADMINISTRATION),
        ),
    }


EVERYONE = (
    "/",
    "/datasets",
    "/datasets?q=brevet",
    "/datasets?q=xyzzy",
    f"/datasets/{OPEN}",
    f"/datasets/{BASE}",
    "/producers",
    "/producers/depp",
    "/transparency",
    "/help",
    "/pages/accessibility",
    "/pages/legal",
    "/pages/privacy",
    "/api/",
)
MEMBERS = (
    "/",
    f"/datasets/{BASE}",
    "/account/",
    "/charters",
    "/charters/researcher",
    "/charters/researcher/versions/1",
    "/requests",
    "/grants",
)
STEPS = ("describe", "data", "fields", "conditions", "release", "publish")
ADMINISTRATION = ("/admin/hub/user/", "/admin/hub/organisation/", "/admin/hub/membership/")
