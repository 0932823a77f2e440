"""How far an extract is, for those who wait for it."""

import re

import pytest

from access.extracts.models import Extract
from access.extracts.workflow import State
from tests import people
from tests.integration.access.extracts.making import asked, granted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]


def test_the_page_of_an_extract_under_way_says_how_many_rows_and_bytes_were_read() -> None:
    extract = asked(granted())
    Extract.objects.filter(pk=extract.pk).update(
        state=State.RUNNING,
        stage="reading",
        rows_done=500,
        bytes_done=1 << 20,
        bytes_total=3 << 20,
    )
    page = people.ada().browser().get(f"/extracts/{extract.pk}/progress").content.decode()
    assert re.search(r"500 \w+ \w+ 2\s000, 1,0\sM\w+ \w+ 3,0\sM", page)


def test_the_api_says_how_many_bytes_were_read() -> None:
    extract = asked(granted())
    Extract.objects.filter(pk=extract.pk).update(bytes_done=5, bytes_total=12)
    read = people.ada().api().get(f"extracts/{extract.pk}").json()
    assert read["progress"] == {
        "stage": "", "done": 0, "total": 2000, "percent": 0, "bytes_done": 5, "bytes_total": 12,
    }  # fmt: skip
