"""The Education Data Hub."""
