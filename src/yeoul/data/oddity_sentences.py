"""What the data doctor found odd, in words."""

from yeoul.data.oddities import Oddity
from yeoul.language import say


def said(oddity: Oddity) -> str:
    """Say what is odd, with how many rows it concerns."""
    values = {"count": f"{oddity.count:,}", "column": oddity.column, **oddity.values}
    match oddity.kind:
        case "empty text":
            return say("{count} rows have no text", values)
        case "empty label":
            return say("{count} rows have no label in {column}; training refuses them", values)
        case "duplicate":
            return say("{count} rows repeat the text of an earlier row", values)
        case "conflicting":
            return say("{count} rows have a text that occurs with another label too", values)
        case "overlap":
            return say(
                "{count} test rows have a text that is among the training rows too: scores come out too good",
                values,
            )
        case "near overlap":
            return say(
                "{count} test rows are a training row with up to {edits} letters changed: scores come out too good",
                values,
            )
        case "same owner":
            return say(
                "{count} test rows share their {column} with training rows: scores come out too good for a new one",
                values,
            )
        case "shared steps":
            return say(
                "{count} rows begin with steps of another row, as windows over one series do:"
                " a split by chance puts the same steps on both sides",
                values,
            )
        case "unreadable series":
            return say("the series cannot be read, training refuses them: {reason}", values)
        case "label in text":
            return say(
                "{count} rows hold their label in the text, in {share} % of the texts with any: a model reads it off",
                values,
            )
        case "too good":
            return say(
                "the words alone tell {share} % of the labels of rows not learned from, which is too good to be true"
                " unless a rule made the labels; look at {words}",
                values,
            )
        case "broken list":
            return say(
                "{count} rows have a list of labels in {column} that is no JSON; training refuses them",
                values,
            )
        case "rare label":
            return say("{classes} labels have fewer than 3 rows, {count} in all: {labels}", values)
        case "label variants":
            return say("labels that may be one, {count} rows spelled the rarer way: {labels}", values)
        case "imbalance":
            return say(
                "{share} % of the rows have the label {label}: look at macro-F1, not at accuracy", values
            )
        case "label like an identifier":
            return say("{column} has {labels} different values: a name or a number, not a class", values)
        case "identifier":
            return say("{column} is different in every row: an identifier, of no use as input", values)
        case "gives the target away":
            return say("{column} tells {target} in {share} % of the rows: leave it out of the inputs", values)
        case "sentinel":
            return say("{number} in {column} looks like a mark for a missing value, {count} times", values)
        case "placeholder":
            return say("{count} cells of {column} hold a word for nothing: {words}", values)
        case "control character":
            return say("{count} rows have control or invisible characters in {column}", values)
        case "not composed":
            return say(
                "{count} rows have text that is not composed (NFC) in {column}; reading composes it", values
            )
        case "replacement character":
            return say("{count} rows have characters lost in a conversion (U+FFFD) in {column}", values)
        case "mojibake":
            return say("{count} rows of {column} were once read in a wrong encoding", values)
        case "html":
            return say("{count} rows have remains of HTML in {column}", values)
