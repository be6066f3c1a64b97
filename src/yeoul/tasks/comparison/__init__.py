"""The task compare: how close two texts or two series are."""
