"""Pairs that are made on the spot: their answers are known exactly, and they are the same on every machine."""
