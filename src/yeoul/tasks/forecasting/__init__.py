"""Measurements to what they will be, with intervals."""
