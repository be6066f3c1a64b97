"""Tags of the words of a sentence, or of the sentences of a document."""
