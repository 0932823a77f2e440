"""What every test may ask for."""

from tests.factories.whole_hub import whole_hub as whole_hub
