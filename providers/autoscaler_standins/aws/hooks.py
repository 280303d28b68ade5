"""A hook of termination: it holds a machine that goes, until somebody completes it or its time is over.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
"""

from dataclasses import dataclass, field

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_standins.aws.protocol import Params, Refusal
from autoscaler_standins.machines import Condition, Machine, Machines

ENDING = "autoscaling:EC2_INSTANCE_TERMINATING"
NO_ACTION = "No active Lifecycle Action found with instance ID {name}"


@dataclass(slots=True, kw_only=True)
class Hooks:
    """`holds`: the time of each hook of termination, by its name. `enters`: how long a machine takes until it waits in them.

    `held`: since when each machine waits, and for whom.
    """

    machines: Machines
    holds: dict[str, Duration] = field(default_factory=dict)
    enters: Duration = Duration(0)
    held: dict[str, tuple[Instant, set[str]]] = field(default_factory=dict)

    def hold(self, machine: Machine) -> None:
        """Who has just begun to end."""
        if self.holds and machine.condition is Condition.STOPPING and machine.id not in self.held:
            begins = later(self.machines.clock.now(), self.enters)
            self.held[machine.id] = (begins, set(self.holds))
            machine.next_at = later(begins, max(self.holds.values(), key=lambda one: one.ms))

    def waits(self, machine: Machine) -> bool:
        """Whether it waits now."""
        begins, left = self.held.get(machine.id, (Instant(0), set()))
        return bool(left) and begins <= self.machines.clock.now() and machine.condition is Condition.STOPPING

    def complete(self, params: Params) -> Params:
        """CompleteLifecycleAction: once for each hook."""
        name, hook = params["InstanceId"], params["LifecycleHookName"]
        machine = self.machines.all.get(name)
        if machine is None or not self.waits(machine) or hook not in self.held[name][1]:
            raise Refusal("ValidationError", NO_ACTION.format(name=name))
        self.held[name][1].discard(hook)
        if not self.held[name][1]:
            machine.next_at = later(self.machines.clock.now(), self.machines.stop)
        return {}

    def describe(self, group: str) -> Params:
        """DescribeLifecycleHooks."""
        found = [
            {
                "AutoScalingGroupName": group,
                "LifecycleHookName": name,
                "LifecycleTransition": ENDING,
                "HeartbeatTimeout": span.ms // 1000,
                "DefaultResult": "CONTINUE",
            }
            for name, span in self.holds.items()
        ]
        return {"LifecycleHooks": found}
