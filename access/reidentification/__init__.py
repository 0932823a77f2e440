"""Who stands behind a pseudonym, for a legal need: two people, two keys."""
