"""Pure: votes are combined, stabilised, rate-limited and clamped into one decision. `docs/deciding.md` has the order, and why it is so.

The past is an argument (`Histories`), never kept here: the same observation and histories give the same bytes.
"""

from autoscaler.deciding.carrying import carried
from autoscaler.deciding.conditions import conditions
from autoscaler.deciding.decision import decide, decide_on, undecided
from autoscaler.deciding.pool_bounds import bounds
from autoscaler.deciding.queries import needs
from autoscaler.deciding.remembering import notes, recommendations
from autoscaler.deciding.seen import Seen
from autoscaler.deciding.selecting import resolve

__all__ = ["Seen", "bounds", "carried", "conditions", "decide", "decide_on", "needs", "notes", "recommendations", "resolve", "undecided"]
