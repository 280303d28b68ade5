"""Looks at what an object rests on and nothing else tells: who we are, what we may, and what its world does behind us."""

from dataclasses import dataclass
from typing import Protocol

from autoscaler.model.quantities import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`name`: what was looked at. `hint`: what to do where it is not `ok`; where it is, what had better be done all the same.

    What cannot be known is `ok`, says so, and its hint says how it could be.
    """

    name: str
    ok: bool
    says: str
    hint: str = ""


class Inspector(Protocol):
    """One object."""

    def examine(self, deadline: Duration) -> tuple[Finding, ...]:
        """All that can be found without changing anything. What hinders one part hinders none of the others; no error is raised for it."""
        ...
