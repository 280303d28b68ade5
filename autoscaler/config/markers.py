"""What a type annotation alone does not say of a setting: `Annotated[int, Least(1)]`. Binder and schema both read them."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Least:
    """A whole number of at least `least`; a list or a map with at least as many parts."""

    least: int


@dataclass(frozen=True, slots=True)
class Spelt:
    """Text, or a quantity's text, of this pattern as well; `hint` says what to write instead."""

    pattern: str
    hint: str


@dataclass(frozen=True, slots=True)
class Defines:
    """The names here are defined by being written: each may be given once over all files."""

    what: str


@dataclass(frozen=True, slots=True)
class Beside:
    """The plugin's key stands beside the other keys of its map, as in `general: {cluster: shop, aws: {…}}`."""


class Section(Enum):
    """Where a one-key map names a plugin; the value says what it offers there."""

    CLUSTERS = "cluster"
    SOURCES = "metric source"
    TRAFFIC = "traffic"
    POOLS = "pool"
    NOTICES = "queue of notices"
    RULES = "rule"
    POOL_RULES = "rule of a pool"


POSITIVE = Spelt(r"(?=.*[1-9]).*", "write more than zero")
AT_MOST_WHOLE = Spelt(r"0*(100(\.0)?|[0-9]{1,2}(\.[0-9])?)%", "write a share from 0% to 100%")
FILLED = Spelt(r"(?=.*\S)[\s\S]*", "write something, or remove the key")
AT_MOST_AN_HOUR = Spelt(
    r"0*1h|0*60m|(?:[0-5]?[0-9]m)?(?:[0-5]?[0-9]s)?(?:[0-9]{1,3}ms)?|(?:3600|3[0-5][0-9]{2}|[12]?[0-9]{1,3})s|[0-9]{1,6}ms",
    "write at most 1h, as 30m or 1h: windows look back no further",
)
