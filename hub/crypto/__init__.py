"""Keys, pseudonyms over columns, and files that are unreadable at rest. No Django."""
