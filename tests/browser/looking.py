"""What a page must never do: fail, complain, scroll sideways, or shut somebody out."""

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, ViewportSize

from tests.browser.conftest import DESKTOP

PHONE: ViewportSize = {"width": 390, "height": 844}
# Called on the page: the elements that stick out of it, to name them.
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= width) return []
  const out = [...document.querySelectorAll('body *')].filter(
    one => one.getBoundingClientRect().right > width + 1)
  return out.slice(0, 3).map(one => one.outerHTML.slice(0, 120)).concat(
    [`${document.documentElement.scrollWidth} > ${width}`])
}"""


@dataclass
class Watch:
    """Notes what the browser complains about: errors of scripts, files not found, refused by CSP."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def look(self, path: str, *, status: int = 200) -> list[str]:
        """Open a page and return what is wrong with it, on a desk and on a phone."""
        self.complaints.clear()
        self.page.set_viewport_size(DESKTOP)
        answer = self.page.goto(path)
        wrong = []
        if answer is None or answer.status != status:
            wrong.append(f"status {answer.status if answer else 'none'}")
        elif self.page.url.split("#")[0].endswith(path) is False:
            wrong.append(f"led to {self.page.url}")
        wrong += self._sideways("on a desk")
        self.page.set_viewport_size(PHONE)
        wrong += self._sideways("on a phone")
        return wrong + self.complaints

    def _sideways(self, where: str) -> list[str]:
        return [f"scrolls sideways {where}: {one}" for one in self.page.evaluate(STICKING_OUT)]


def shut_out(page: Page) -> list[str]:
    """Return what axe finds against people who do not see, hear or point as others do."""
    found = []
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        results = Axe().run(page)
        found += [
            f"{one['id']} at {size['width']}: {node['html'][:160]}"
            for one in results.response["violations"]
            for node in one["nodes"][:3]
        ]
    return found
