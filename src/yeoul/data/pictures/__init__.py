"""Pictures with captions: read, checked, squeezed into squares, kept in the cache and split."""
