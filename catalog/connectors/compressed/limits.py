"""How much a compressed file may unpack to, before it is refused with a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """Bounds on one compressed file."""

    unpacked_bytes: int = 4_000_000_000
    ratio: int = 200
    """How many bytes one compressed byte may give. Tables give 5 to 50, bombs 1 000 and more."""
    ratio_after: int = 64_000_000
    """Below this size the ratio is not looked at: small repetitive files are no danger."""


LIMITS = UnpackLimits()
