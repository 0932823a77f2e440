"""The bench: an ungoverned copy and governed extracts, side by side in one run."""
