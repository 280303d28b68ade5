"""Grows an Auto Scaling group by LaunchInstances, which takes a token and says at once what it could not have; shrinks it by name.

A group of both markets knows no LaunchInstances: its desired capacity is raised, to an absolute count, and never below the one just read.
What stands by in a warm pool is started by that, too, for LaunchInstances would leave it aside; only what lacks beside it is launched.
"""

from collections import Counter
from collections.abc import Iterable
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.errors import ConflictError, NoCapacityError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import InstanceRef, OfferingName, Token
from autoscaler_aws.calls import begun, write
from autoscaler_aws.groups import mixed_kinds, ref_of, shelf_of, warms
from autoscaler_aws.pool_clients import PoolClients, group_of, ready
from autoscaler_aws.settings import AwsPool

if TYPE_CHECKING:
    from types_boto3_autoscaling import AutoScalingClient
    from types_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef, LaunchInstancesErrorTypeDef, LaunchInstancesRequestTypeDef

MOST_AT_ONCE = 100
"""Instances in one call of LaunchInstances."""

WITHIN = Duration(8000)
"""For all of one release: less than the engine waits for a call."""

PAUSE = Duration(1000)
"""Between two looks at whether a machine waits in a hook."""

OVER = "No active Lifecycle Action"
GOING = ("Terminating", "Terminated")
HELD, UNDER_WAY = "Terminating:Wait", ("InService", "Terminating")
QUOTA = ("VcpuLimitExceeded", "MaxSpotInstanceCountExceeded", "InstanceLimitExceeded")


class GroupWriter:
    """One group."""

    def __init__(self, settings: AwsPool, site: Site) -> None:
        self._settings = settings
        self._runtime = site.runtime
        self._clients = PoolClients(settings, site.runtime)

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        """In the zone that the offering names, else evenly. Each zone takes a call for each hundred; the count is true between them."""
        with self._clients.within(self._settings.timeout) as (scaling, _):
            group = group_of(self._settings, scaling)
            if not _to_grow(group, seen, wanted):
                return
            started = self._standing_by(scaling, group, wanted - seen)
            if started:
                self._raise_count(scaling, seen + started)
            for number, (zone, count) in enumerate(_lots(group, wanted - seen - started, offering)):
                with begun(sent=number > 0 or started > 0):
                    self._launch(scaling, count, f"{token}-{number}", zone)

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        """One call each, so that one that is refused keeps no other; protection from scale-in holds the group's own choice back, not ours.

        What waits in a warm pool is not the group's: it is never named here.
        """
        del token  # exact ids: giving them back twice is giving them back once
        ends = self._runtime.monotonic() + WITHIN.ms
        with self._clients.within(self._settings.timeout) as (scaling, _):
            names = _there(group_of(self._settings, scaling), gone)
            for number, name in enumerate(names):
                with begun(sent=number > 0):
                    write(partial(scaling.terminate_instance_in_auto_scaling_group, InstanceId=name, ShouldDecrementDesiredCapacity=True))
            if self._settings.complete_hooks:
                with begun(sent=bool(names)):
                    self._complete(scaling, gone, ends)

    def _complete(self, scaling: "AutoScalingClient", gone: frozenset[InstanceRef], ends: int) -> None:
        """Who was given back and waits in a hook of ours may end: it is empty. Who does not wait yet is looked for while there is time.

        Whom somebody else ends may still hold replicas, and keeps the time that its hook gives it.
        https://docs.aws.amazon.com/autoscaling/ec2/userguide/completing-lifecycle-hooks.html
        """
        while True:
            members = group_of(self._settings, scaling).get("Instances", [])
            states = {one["InstanceId"]: one["LifecycleState"] for one in members if ref_of(one["InstanceId"]) in gone}
            for name, hook in product(sorted(name for name, state in states.items() if state == HELD), self._settings.complete_hooks):
                complete(scaling, self._settings.auto_scaling_group, hook, name)
            if not any(state in UNDER_WAY for state in states.values()) or self._runtime.monotonic() + PAUSE.ms > ends:
                return
            self._runtime.sleep(PAUSE)

    def _standing_by(self, scaling: "AutoScalingClient", group: "AutoScalingGroupTypeDef", count: int) -> int:
        """How many of them a higher count brings: where that is the only way all, else those that wait in a warm pool."""
        if warms(group):
            return min(count, ready(self._settings, scaling))
        return 0 if shelf_of(group, mixed_kinds(group) or ()).chosen else count

    def _raise_count(self, scaling: "AutoScalingClient", wanted: int) -> None:
        name = self._settings.auto_scaling_group
        write(lambda: scaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=wanted, HonorCooldown=False))

    def _launch(self, scaling: "AutoScalingClient", count: int, token: str, zone: str) -> None:
        asked: LaunchInstancesRequestTypeDef = {
            "AutoScalingGroupName": self._settings.auto_scaling_group,
            "AvailabilityZones": [zone],
            "RequestedCapacity": count,
            "ClientToken": token,
            "RetryStrategy": "none",  # the engine retries, elsewhere if need be
        }
        answer = write(lambda: scaling.launch_instances(**asked))
        got = sum(len(one.get("InstanceIds", [])) for one in answer["Instances"])
        if got < count:
            raise _lacking(got, count, answer["Errors"])


def _to_grow(group: "AutoScalingGroupTypeDef", seen: int, wanted: int) -> bool:
    """Whether there is anything to launch."""
    name, here, most = group["AutoScalingGroupName"], group["DesiredCapacity"], group["MaxSize"]
    if here == wanted and seen < wanted:
        return False
    if here != seen or wanted <= seen:
        raise ConflictError(f"group {name} wants {here}, not {seen}", hint="read it again and decide again")
    if wanted > most:
        raise SetupError(
            f"group {name} may have {most} instances, not {wanted}", hint="raise its maximum, or lower `nodes: {max: …}` of the pool"
        )
    return True


def _lots(group: "AutoScalingGroupTypeDef", count: int, offering: OfferingName | None) -> list[tuple[str, int]]:
    """Zones and how many there, at most a hundred each time."""
    named = [zone for zone in group["AvailabilityZones"] if offering and zone in offering.split("/")]
    here = Counter(one["AvailabilityZone"] for one in group.get("Instances", []))
    each = Counter[str]()
    for _ in range(count):
        each[min(named or group["AvailabilityZones"], key=lambda zone: (here[zone] + each[zone], zone))] += 1
    return [(zone, min(MOST_AT_ONCE, each[zone] - start)) for zone in sorted(each) for start in range(0, each[zone], MOST_AT_ONCE)]


def _there(group: "AutoScalingGroupTypeDef", gone: frozenset[InstanceRef]) -> list[str]:
    """Those of them that the group has and does not end already."""
    members = [one for one in group.get("Instances", []) if ref_of(one["InstanceId"]) in gone]
    return sorted(one["InstanceId"] for one in members if not one["LifecycleState"].startswith(GOING))


def _lacking(got: int, count: int, errors: Iterable["LaunchInstancesErrorTypeDef"]) -> NoCapacityError:
    said = [f"{one.get('ErrorCode', '?')} for {one.get('InstanceType', '?')} in {one.get('AvailabilityZone', '?')}" for one in errors]
    quota = any(word in text for text in said for word in QUOTA)
    hint = "raise the account's quota" if quota else "another zone or instance type may do, or wait"
    return NoCapacityError(f"{got} of {count} launched: {', '.join(dict.fromkeys(said))}"[:200], hint=hint)


def complete(scaling: "AutoScalingClient", group: str, hook: str, name: str) -> None:
    """Once; a hook that is over, or holds others, is none of this machine's."""
    try:
        write(
            lambda: scaling.complete_lifecycle_action(
                AutoScalingGroupName=group, LifecycleHookName=hook, InstanceId=name, LifecycleActionResult="CONTINUE"
            )
        )
    except SetupError as error:
        if OVER not in str(error):
            raise
