"""A nursery song as names of notes: 나비야, in German Hänschen klein, sung since the 18th century."""

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

NABIYA = "nabiya"
NABIYA_TITLE = "the nursery song 나비야 as names of notes, sung 40 times (traditional)"
NOTES = """
    g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4
    g8 e8 e8 e8 f8 d8 d4 c8 e8 g8 g8 e8 e8 e4
    d8 d8 d8 d8 d8 e8 f4 e8 e8 e8 e8 e8 f8 g4
    g8 e8 e4 f8 d8 d4 c8 e8 g8 g8 e8 e8 e4
"""
"""One syllable of the words each, by the rules of `yeoul.sound.note_names`."""
_TIMES = 40


def nabiya() -> Table:
    """Return the column `notes`: the whole song in every row, so that its end is learned with its beginning."""
    song = " ".join(NOTES.split())
    return made_table(NABIYA, {"notes": [song] * _TIMES})
