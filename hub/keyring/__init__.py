"""The keys of this house: where they are read, what they wrap, how one follows another."""
