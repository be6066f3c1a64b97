"""Pairs of sequences, a source and a target a row: read, checked, split and cut into batches."""
