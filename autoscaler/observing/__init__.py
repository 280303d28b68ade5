"""The reading shell: everything read at once under a deadline; what could not be read is unknown."""

from autoscaler.observing.eyes import Eyes
from autoscaler.observing.looking import Queries, observe

__all__ = ["Eyes", "Queries", "observe"]
