"""What became of a call whose reply is not known, read back from the world."""

from enum import StrEnum


class Landing(StrEnum):
    """APPLIED: it arrived. UNTOUCHED: the world is still as it was, sending again is safe. CHANGED: neither, somebody else was there.

    UNSEEN: what would tell cannot be read now. Neither sent again nor given up before it can.
    """

    APPLIED = "applied"
    UNTOUCHED = "untouched"
    CHANGED = "changed"
    UNSEEN = "unseen"
