"""Names: how a Python field is spelt in YAML, what a name may look like, and which one was probably meant."""

import difflib
from collections.abc import Iterable
from itertools import islice

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
"""What clusters, pools, policies and the like may be called; no slash, for `cluster/workload` splits at it."""

NAME_HINT = "use letters, digits, dots, dashes and underscores, at most 63"

_SPELT = {"api_version": "apiVersion"}
"""The one key that is not spelt as its field; it is so in every tool that has an apiVersion."""

_LONGEST = 60
"""Comparing is quadratic: longer words are no typing error."""

_MOST_COMPARED = 500
_MOST_LISTED = 15


def yaml_key(field: str) -> str:
    """The key of a dataclass field: its name, without the underscore that keeps `for_` from being a reserved word."""
    return _SPELT.get(field, field.rstrip("_"))


def meant(word: str, known: Iterable[str]) -> str | None:
    """The known name closest to `word`, if any is close."""
    by_folded = {_folded(name): name for name in islice(sorted(known), _MOST_COMPARED)}
    found = difflib.get_close_matches(_folded(word[:_LONGEST]), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def suggestion(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """A did-you-mean for the hint, or `otherwise`."""
    guess = meant(word, known)
    return f"did you mean {guess!r}?" if guess else otherwise


def listed(names: Iterable[str], *, nothing: str = "none") -> str:
    """Names in order, with commas; of very many the first few."""
    every = sorted(names)
    more = [f"and {len(every) - _MOST_LISTED} more"] if len(every) > _MOST_LISTED else []
    return ", ".join([*every[:_MOST_LISTED], *more]) or nothing


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")
