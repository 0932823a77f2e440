"""A laptop: the demo, and a developer's own hub."""

import os

# Nobody has a telephone at hand for each person of the demo: officers may still enrol one.
os.environ.setdefault("HUB_REQUIRE_TOTP", "0")

from hub.settings.base import *
