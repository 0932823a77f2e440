"""What every test may ask for, and what holds for all of them."""

from hypothesis import settings

from tests.factories.whole_hub import whole_hub as whole_hub

# A test never fails because a machine is slow.
settings.register_profile("hub", deadline=None)
settings.load_profile("hub")
