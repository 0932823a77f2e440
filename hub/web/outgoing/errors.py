"""What goes wrong when the hub asks another server for something: sentences, never an address."""

from hub.kernel.failures import Failure


class FetchFailed(Failure):
    """Nothing was received, or not all of it."""
