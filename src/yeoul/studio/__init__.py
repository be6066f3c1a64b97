"""The studio: a local page on which a person trains, watches, tries, compares and understands."""
