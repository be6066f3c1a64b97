"""Texts to a model that continues them, measured as a language model."""
