"""What fits where: pure, integers only, the same problem always gives the same answer.

In: machines, what stands on them, what is to come, what may be bought. Out: where it goes, what to open, which machines could go.
Nothing here knows a policy, a plan or a window of time: which of the superfluous machines really go is `planning`'s to say.
"""

from autoscaler.placement.answer import Assignment, Kept, Lacking, Opening, Placement, Rejected, Relocation, Swap, Unplaced
from autoscaler.placement.engine import place
from autoscaler.placement.keeping import no_devices
from autoscaler.placement.levelling import level
from autoscaler.placement.paying import weighed
from autoscaler.placement.problem import Bidding, Demand, Host, HostState, KeepGoing, Load, Offer, PoolOptions, Problem, Resident, always
from autoscaler.placement.standing import bereaved, device_places, hindered, places_for, uprooted

__all__ = [
    "Assignment",
    "Bidding",
    "Demand",
    "Host",
    "HostState",
    "KeepGoing",
    "Kept",
    "Lacking",
    "Load",
    "Offer",
    "Opening",
    "Placement",
    "PoolOptions",
    "Problem",
    "Rejected",
    "Relocation",
    "Resident",
    "Swap",
    "Unplaced",
    "always",
    "bereaved",
    "device_places",
    "hindered",
    "level",
    "no_devices",
    "place",
    "places_for",
    "uprooted",
    "weighed",
]
