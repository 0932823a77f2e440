"""The whole path by the pages: a producer, a researcher and a steward, each in their own browser."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Response, expect

from tests.browser.conftest import Entering
from tests.journeys import steps

pytestmark = [pytest.mark.whole, pytest.mark.browser]
ROWS = 200_000
"""Enough for the page of the extract to be seen while it is made."""
TITLE = "Lecture au collège, par les pages"
PROJECT = "Lire selon le niveau"
LONG = 60_000


def opened(context: BrowserContext) -> Page:
    """Return a page that waits for long works."""
    page = context.new_page()
    page.set_default_timeout(LONG)
    expect.set_options(timeout=LONG)
    return page


def press(page: Page, name: str) -> None:
    """Press a button of the main part of a page, by its whole name."""
    page.locator("main, #content").get_by_role("button", name=name, exact=True).first.click()


def tick(page: Page, identifier: str) -> None:
    """Tick a box as people do: by its label."""
    page.locator(f"label[for='{identifier}']").click()
    expect(page.locator(f"#{identifier}")).to_be_checked()


def test_from_a_file_to_a_checked_extract_by_the_pages(entering: Entering, tmp_path: Path) -> None:
    file = tmp_path / "pupils.csv"
    file.write_bytes(steps.pupils(ROWS, seed=11))
    researcher = opened(entering("collegue", language="en"))

    slug = registered(opened(entering("producteur", language="en")), file)
    signed(researcher)
    request = asked(researcher, slug)
    approved(opened(entering("instructeur", language="en")), request)
    fetched(researcher, request, tmp_path)


def registered(page: Page, file: Path) -> str:
    """Register and publish a dataset by the guided form; return its slug."""
    page.goto("/my/datasets")
    page.get_by_role("link", name="Register a dataset").first.click()
    page.locator("#id_title").fill(TITLE)
    page.locator("#id_release_label").fill("rentrée 2025")
    page.locator("#id_summary").fill("Une ligne par élève.")
    page.locator("#id_description").fill("Des élèves tirés au sort.")
    page.locator("#id_contact_email").fill("donnees@demo.example")
    page.locator("#id_unit").select_option("pupil")
    press(page, "Save and continue")

    page.locator("#id_file").set_input_files(file)
    press(page, "Upload")

    expect(page.locator("main")).to_contain_text("5 fields wait for your confirmation")
    proposed = page.locator("select[name$=-level]")
    assert [proposed.nth(n).input_value() for n in range(5)] == ["5", "5", "2", "2", "3"]
    for name in ("label", "definition"):
        for box in page.locator(f"[name$=-{name}]").all():
            box.fill("Une colonne de la base.")
    press(page, "Confirm all as shown")
    expect(page.get_by_text("Every field is confirmed.")).to_be_visible()
    press(page, "Save and take the rows in")

    # The page follows the work by itself.
    expect(page.locator("#progress")).to_contain_text(re.compile("200,?000|200.000"))
    page.goto(page.url.replace("/publish", "/conditions"))
    page.locator("#id_collection_basis").select_option("public_task")
    page.locator("#id_retention_months").fill("36")
    press(page, "Save and continue")
    expect(page.get_by_text("Nothing is missing")).to_be_visible()
    press(page, "Publish in the catalogue")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    return page.url.rsplit("/", 1)[-1]


def signed(page: Page) -> None:
    """Read the charter of researchers and sign it."""
    page.goto("/charters")
    page.get_by_role("link", name="Read and sign the charter").click()
    tick(page, "id_agreed")
    press(page, "Sign the charter")
    expect(page.get_by_text("Signed", exact=True)).to_be_visible()


def asked(page: Page, slug: str) -> str:
    """Ask for the dataset by the guided path, see the plan, submit; return the request's path."""
    page.goto(f"/datasets/{slug}")
    page.get_by_role("link", name="Ask for these data").click()
    page.locator("#title").fill(PROJECT)
    press(page, "Begin")

    for name in ("context", "question", "outputs"):
        page.locator(f"#id_{name}").fill("Ce que le projet en dit.")
    press(page, "Save and go on")

    page.get_by_role("link", name="Choose and justify the fields").click()
    for name in steps.WISHES:
        label = page.locator("label").filter(has=page.get_by_text(name, exact=True)).first
        number = str(label.get_attribute("for")).removeprefix("ask-")
        tick(page, f"ask-{number}")
        why = page.locator(f"#why-{number}")
        if why.count():
            why.fill("Nécessaire à la question.")
    press(page, "Save and see what I would receive")
    expect(page.locator(".hub-received").first).to_contain_text("a pseudonym of your project")
    assert page.locator(".hub-received").count() == len(steps.WISHES)
    press(page, "Save and go on")

    page.goto(re.sub(r"/data.*", "/conditions", page.url))
    page.locator("#id_purpose").select_option("research")
    page.locator("#id_legal_basis").select_option("public_task")
    end = timezone.localdate() + timedelta(days=90)
    page.locator("#id_ends_on").fill(end.isoformat())
    page.locator("#id_hosting").fill("Serveur du laboratoire.")
    page.locator("#id_security").fill("Chiffré.")
    press(page, "Save and go on")
    page.get_by_role("link", name="Go on").last.click()
    expect(page.locator("main")).to_contain_text("a pseudonym of your project")
    press(page, "Submit the request")
    expect(page.locator("main")).to_contain_text("submitted")
    return re.sub(r"https?://[^/]+", "", page.url)


def approved(page: Page, request: str) -> None:
    """Find the request in the work queue, examine it, approve it."""
    page.goto("/admin/requests/")
    page.get_by_role("link", name=PROJECT).first.click()
    assert request.rsplit("/", 1)[-1] in page.url
    page.locator("#step-start_review button").click()
    expect(page.locator("#risks")).to_contain_text("sexe")
    approval = page.locator("[id^=step-approve]")
    approval.locator("textarea[name=reason]").fill("Proportionné à la question.")
    approval.locator("button").click()
    expect(page.locator("#content")).to_contain_text("approved", ignore_case=True)


def fetched(page: Page, request: str, folder: Path) -> None:
    """Start the extract, see it move, download it, check it against what the page says."""
    page.goto(request)
    page.get_by_role("link", name="See the grant").click()
    page.locator("main a[href$='/extracts']").first.click()
    looks: list[Response] = []
    page.on("response", lambda one: looks.append(one) if one.url.endswith("/progress") else None)
    page.get_by_role("button", name="Start an extract").click()

    expect(page.locator("progress, a[download]").first).to_be_visible()
    expect(page.locator("a[download]").first).to_be_visible()
    assert looks, "The page never asked how far the extract was."
    sums = {
        row.locator("a").inner_text(): row.locator("code").inner_text()
        for row in page.locator("tr:has(a[download])").all()
    }
    assert {"data.csv", "data.parquet", "SHA256SUMS", "datapackage.json"} <= sums.keys()
    for name in ("data.csv", "SHA256SUMS"):
        with page.expect_download() as waiting:
            page.locator(f"a[download][href$='/{name}']").click()
        kept = folder / name
        waiting.value.save_as(kept)
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == sums[name]
    assert f"{sums['data.csv']}  data.csv" in (folder / "SHA256SUMS").read_text()
    assert (folder / "data.csv").read_bytes().count(b"\n") == ROWS + 1
    assert steps.NAMES not in (folder / "data.csv").read_text()
