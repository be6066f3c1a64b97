"""Pairs of sequences: from a source to its target."""
