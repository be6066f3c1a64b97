"""From a file or a public set to rows with a place, in splits that share no text."""
