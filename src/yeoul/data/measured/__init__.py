"""Measurements over time: from a table to regular series, and from these to windows."""
