"""The guide of curl is run as it stands: it is documentation that cannot grow old."""

import os
import subprocess

import pytest

from hub.embedded.setting import REPOSITORY
from tests.factories.whole_hub import PATIENCE, WholeHub

pytestmark = pytest.mark.whole
GUIDE = REPOSITORY / "docs" / "guides" / "curl-journey.sh"


def walk(hub: WholeHub) -> subprocess.CompletedProcess[str]:
    """Run the guide on a hub."""
    return subprocess.run(
        ["sh", str(GUIDE), hub.base],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_the_guide_of_curl_walks_from_a_file_to_a_checked_extract(whole_hub: WholeHub) -> None:
    walked = walk(whole_hub)

    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert walked.stderr == ""
    assert "published as « open »" in walked.stdout
    assert "published as « extract »" in walked.stdout
    assert "data.csv: OK" in walked.stdout
    assert "data.parquet: OK" in walked.stdout
    assert walked.stdout.count("stranger gets 404") == 4


def test_the_guide_of_curl_can_be_walked_again(whole_hub: WholeHub) -> None:
    walked = walk(whole_hub)

    assert walked.returncode == 0, walked.stdout + walked.stderr
    registered = whole_hub.ask(
        "select count(*) from catalog_dataset where title like 'Lecture au collège%%'"
    )
    assert registered[0][0] >= 2


def test_the_guide_of_curl_stops_at_the_first_refusal_and_shows_it(whole_hub: WholeHub) -> None:
    refused = subprocess.run(
        ["sh", str(GUIDE), whole_hub.base],
        env={**os.environ, "HUB_DEMO_PASSWORD": "not this one"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert refused.returncode == 1
    assert "401" in refused.stderr
    assert "Traceback" not in refused.stderr
