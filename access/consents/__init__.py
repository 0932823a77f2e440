"""A person's or a guardian's word about the use of data: given, refused, withdrawn, objected."""
