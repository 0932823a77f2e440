"""A Chromium that visits the whole hub, as several people."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright

from hub.demo.settling import PASSWORD, address
from tests.factories.whole_hub import WholeHub

PROGRAMMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
Entering = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a browser; without one the tests are skipped, or fail if it is required."""
    found = next((path for name in PROGRAMMES if (path := shutil.which(name))), None)
    if found:
        return found
    reason = f"No browser is installed: one of {', '.join(PROGRAMMES)} is needed."
    if os.environ.get("HUB_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


# Of a module: while Playwright runs it holds an event loop, in which Django's tests refuse to run.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Return a browser without a window."""
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="module")
def entering(
    whole_hub: WholeHub, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Entering]:
    """
    Return how to open the hub as somebody of the demo world, or as a visitor without a name.

    Everyone signs in once; their cookies serve for the other languages.
    """
    folder = tmp_path_factory.mktemp("browser")
    opened: list[BrowserContext] = []

    def enter(name: str = "", *, language: str = "fr") -> BrowserContext:
        kept = folder / f"{name}.json"
        context = browser.new_context(
            base_url=whole_hub.base,
            viewport=DESKTOP,
            accept_downloads=True,
            reduced_motion="reduce",
            storage_state=kept if name and kept.exists() else None,
        )
        opened.append(context)
        context.add_cookies(
            [{"name": "django_language", "value": language, "url": whole_hub.base}]
        )
        if name and not kept.exists():
            sign_in(context, name, kept)
        return context

    yield enter
    for context in opened:
        context.close()


def sign_in(context: BrowserContext, name: str, kept: Path) -> None:
    """Sign in with the form, and keep the cookies."""
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(address(name))
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/account/")
    page.close()
    context.storage_state(path=kept)
