"""The number to beat: simple models that every other one is measured against."""
