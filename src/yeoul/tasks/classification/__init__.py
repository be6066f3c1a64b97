"""Classes, labels or a number for a text or a series."""
