"""Pairs of texts or series, and how close the two of each are: read, checked, split and cut into batches."""
