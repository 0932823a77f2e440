"""Every page, by everyone who reads it, in both languages, on a desk and on a phone."""

from collections.abc import Mapping

import pytest

from tests.browser.conftest import Entering
from tests.browser.looking import Watch, shut_out
from tests.browser.places import Known, known, pages
from tests.factories.whole_hub import WholeHub

pytestmark = [pytest.mark.whole, pytest.mark.browser]
PEOPLE = (
    "",
    "chercheuse",
    "producteur",
    "instructeur",
    "editeur",
    "dpd",
    "auditeur",
    "administratrice",
)


def said(wrong: Mapping[str, list[str]]) -> str:
    """Return everything that is wrong, a line each."""
    return "\n".join(f"{path}: {one}" for path, found in wrong.items() for one in found)


@pytest.fixture(scope="module")
def know(whole_hub: WholeHub) -> Known:
    return known(whole_hub)


@pytest.fixture(scope="module")
def readers(know: Known) -> Mapping[str, tuple[str, ...]]:
    return pages(know)


def test_every_person_of_the_list_is_visited(readers: Mapping[str, tuple[str, ...]]) -> None:
    assert tuple(readers) == PEOPLE


@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_is_read_without_a_complaint_and_fits_a_phone(
    entering: Entering, readers: Mapping[str, tuple[str, ...]], name: str
) -> None:
    watch = Watch(entering(name).new_page())

    wrong = {path: found for path in readers[name] if (found := watch.look(path))}

    assert not wrong, said(wrong)


@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_shuts_nobody_out_and_stands_in_english(
    entering: Entering, readers: Mapping[str, tuple[str, ...]], name: str
) -> None:
    """Each page once, by the first person who reads it."""
    before = {path for other in PEOPLE[: PEOPLE.index(name)] for path in readers[other]}
    page = entering(name, language="en").new_page()
    watch = Watch(page)

    wrong = {}
    for path in readers[name]:
        if path in before:
            continue
        found = [*watch.look(path), *shut_out(page)]
        if page.locator("html").get_attribute("lang") != "en":
            found.append("is not in English")
        if found:
            wrong[path] = found

    assert not wrong, said(wrong)


def test_a_page_that_is_not_there_and_one_that_is_not_yours_say_so_like_the_others(
    entering: Entering,
) -> None:
    page = entering("chercheuse").new_page()
    for path, status in (("/nothing/here", 404), ("/my/datasets/new", 403)):
        watch = Watch(page)
        found = watch.look(path, status=status)
        assert [one for one in found if f"status of {status}" not in one] == []
        assert shut_out(page) == []
        assert page.locator("h1").count() == 1
