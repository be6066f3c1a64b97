"""Melodies and sounds: ABC and note names, MIDI, WAV, and samples as characters that a language model reads."""
