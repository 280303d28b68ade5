"""The reading shell: everything read at once under a deadline; what could not be read is unknown."""

from autoscaler.observing.eyes import Eyes
from autoscaler.observing.looking import Queries, observe
from autoscaler.observing.past import read_past, remembers

__all__ = ["Eyes", "Queries", "observe", "read_past", "remembers"]
