"""Sentences whose words have tags, or documents whose sentences have: read, split, described."""
