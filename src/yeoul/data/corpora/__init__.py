"""Long texts: where they come from, and their parts for training, validation and test."""
