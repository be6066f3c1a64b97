"""Pictures into sentences."""
