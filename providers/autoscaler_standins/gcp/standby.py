"""Members that a group makes beforehand, and stops or suspends until they are needed.

https://cloud.google.com/compute/docs/instance-groups/accelerate-mig-scale-out-with-standby-pools
"""

from dataclasses import dataclass, field

from autoscaler.model.quantities import Instant, later
from autoscaler_standins.machines import Condition, Machine, Machines, SoldOut

STOPPED, SUSPENDED = "STOPPED", "SUSPENDED"
STANDING = {STOPPED: "STOPPING", SUSPENDED: "SUSPENDING"}
"""What a group does to a member that is to stand by so."""

STARTING = {STOPPED: "STARTING", SUSPENDED: "RESUMING"}
"""And once it is needed."""


@dataclass(slots=True, kw_only=True)
class Standby:
    """How many of each kind a group is told to keep. `refills`: it starts them when it is resized, and makes others in their place.

    `started`: when each machine was started last, by its name.
    """

    stopped: int = 0
    suspended: int = 0
    refills: bool = False
    started: dict[str, Instant] = field(default_factory=dict)

    def wanted(self) -> dict[str, int]:
        """By kind."""
        return {SUSPENDED: self.suspended, STOPPED: self.stopped}

    def take(self, kind: str) -> None:
        """One less: whoever names the members to start means to have fewer afterwards."""
        if kind == STOPPED:
            self.stopped -= 1
        else:
            self.suspended -= 1

    def start(self, machine: Machine, machines: Machines) -> None:
        """Boot it once more. SoldOut: what it had was sold to others meanwhile."""
        left = machines.stock.get((machine.kind, machine.zone))
        if left is not None:
            if left <= 0:
                raise SoldOut
            machines.stock[machine.kind, machine.zone] = left - 1
        now = machines.clock.now()
        machine.condition, machine.next_at = Condition.BOOTING, later(now, machines.boot)
        self.started[machine.id] = now
