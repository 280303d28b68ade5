"""The warm pool of an Auto Scaling group: machines that were made and stopped, which the group starts before it launches any.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from autoscaler.model.quantities import later
from autoscaler_standins.aws.protocol import Params, page
from autoscaler_standins.machines import NEVER, Condition, Machine, Machines, OverQuota, SoldOut

STATES = {
    Condition.BOOTING: "Warmed:Pending",
    Condition.RUNNING: "Warmed:Pending",
    Condition.STOPPED: "Warmed:Stopped",
    Condition.FAILED: "Warmed:Pending",
    Condition.STOPPING: "Warmed:Terminating",
    Condition.GONE: "Warmed:Terminated",
}
PAGE = 50
"""Machines in one answer."""


def label(group: str) -> str:
    """What its machines' group is called, until it takes them."""
    return f"{group}, warm"


@dataclass(slots=True, kw_only=True)
class WarmPool:
    """Of `size`, none where that is None. `reuses`: what the group gives back comes here again, which is not done here."""

    group: str
    kind: str
    zones: tuple[str, ...]
    machines: Machines
    size: int | None = None
    reuses: bool = False

    @property
    def members(self) -> list[Machine]:
        """Those that are not gone."""
        return self.machines.of(label(self.group))

    @property
    def configuration(self) -> Params:
        """As it was put."""
        whole = {"MinSize": self.size, "MaxGroupPreparedCapacity": self.size, "PoolState": "Stopped"}
        return {**whole, "InstanceReusePolicy": {"ReuseOnScaleIn": self.reuses}}

    @property
    def shown(self) -> Params:
        """With its group."""
        return {} if self.size is None else {"WarmPoolConfiguration": self.configuration, "WarmPoolSize": len(self.members)}

    def step(self) -> None:
        """Stop who has come up, end who has not, and make what lacks."""
        for one in self.members:
            if one.condition is Condition.RUNNING:
                one.condition, one.next_at = Condition.STOPPED, NEVER
            elif one.condition is Condition.FAILED:
                self.machines.terminate(one)
        here = Counter(one.zone for one in self.members if one.condition in (Condition.BOOTING, Condition.STOPPED))
        for _ in range((self.size or 0) - sum(here.values())):
            zone = min(self.zones, key=lambda zone: here[zone])
            try:
                self.machines.launch(label(self.group), self.kind, zone)
            except (SoldOut, OverQuota):
                return
            here[zone] += 1

    def draw(self) -> Machine | None:
        """One that is started and the group's from now on, if there is any."""
        found = next((one for one in self.members if one.condition is Condition.STOPPED), None)
        if found:
            now = self.machines.clock.now()
            found.group, found.condition, found.launched_at = self.group, Condition.BOOTING, now
            found.next_at = later(now, self.machines.boot)
        return found

    def describe(self, params: Params, shown: Callable[[Machine], Params]) -> Params:
        """DescribeWarmPool."""
        asked = {**params, "MaxResults": params.get("MaxRecords")}
        some, more = page([one for one in self.members if one.condition is not Condition.GONE], asked, PAGE)
        found = [{**shown(one), "LifecycleState": STATES[one.condition]} for one in some]
        return {"Instances": found, **({"WarmPoolConfiguration": self.configuration} if self.size is not None else {}), **more}
