"""The source's words in a reason: one line, and short. Pure."""

from autoscaler.model.reasons import Code
from autoscaler.model.samples import LONGEST, Unknown


def unknown(why: Code, words: str) -> Unknown:
    """The reason with the words on one line, cut to what an Unknown may hold; what a terminal would obey is shown as `?`."""
    line = " ".join(words.split())[:LONGEST]
    return Unknown(why, "".join(each if each.isprintable() else "?" for each in line) or "nothing but blanks")
