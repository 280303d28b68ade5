"""Groups, members, machines and operations as Compute Engine's JSON shows them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from autoscaler.model.quantities import Instant
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.gcp.groups import NONE, Failure, Group, Member, Template
from autoscaler_standins.gcp.operations import Operation
from autoscaler_standins.gcp.standby import STARTING, SUSPENDED
from autoscaler_standins.gcp.words import Trouble
from autoscaler_standins.machines import Condition, Machine

Json = dict[str, Any]
ROOT = "https://www.googleapis.com/compute/v1"
FIRST_ID = 7_000_000_000_000_000_000
PACIFIC = timezone(timedelta(hours=-8))
"""Its times are those of its engineers."""
RESUMES = {action: kind for kind, action in STARTING.items()}
STATUS = {Condition.BOOTING: "STAGING", Condition.RUNNING: "RUNNING", Condition.STOPPING: "STOPPING", Condition.GONE: "TERMINATED"}


class Views:
    """Of one project."""

    def __init__(self, project: str) -> None:
        self.base = f"{ROOT}/projects/{project}"

    def group(self, group: Group) -> Json:
        """An InstanceGroupManager."""
        where = "regions" if group.regional else "zones"
        here = f"{self.base}/{where}/{group.place}"
        shown = {
            "kind": "compute#instanceGroupManager",
            "id": str(FIRST_ID + sum(group.name.encode())),
            "creationTimestamp": moment(Instant(1_760_000_000_000)),
            "name": group.name,
            "baseInstanceName": group.base,
            "instanceTemplate": self.template_url(group.template),
            "versions": [{"instanceTemplate": self.template_url(group.template), "targetSize": {"calculated": group.size}}],
            "instanceGroup": f"{here}/instanceGroups/{group.name}",
            "targetSize": group.size,
            "listManagedInstancesResults": "PAGINATED" if group.paged else "PAGELESS",
            "instanceLifecyclePolicy": {"defaultActionOnFailure": "REPAIR" if group.repairs else "DO_NOTHING"},
            "status": {"isStable": len(group.staying) == group.size and all(one.action == NONE for one in group.members.values())},
            "selfLink": f"{here}/instanceGroupManagers/{group.name}",
        }
        self._others(group, shown, here)
        if any(group.standby.wanted().values()) or group.standby.refills:
            shown |= {"targetStoppedSize": group.standby.stopped, "targetSuspendedSize": group.standby.suspended}
            shown["standbyPolicy"] = {"mode": "SCALE_OUT_POOL" if group.standby.refills else "MANUAL", "initialDelaySec": 0}
        if group.kinds:
            selections = {f"rank-{place}": {"machineTypes": [kind], "rank": place} for place, kind in enumerate(group.kinds)}
            shown["instanceFlexibilityPolicy"] = {"instanceSelections": selections}
        return shown | (self._region(group) if group.regional else {"zone": here})

    @staticmethod
    def _others(group: Group, shown: Json, here: str) -> None:
        """What else Google does with it."""
        others = group.others
        shown["updatePolicy"] = {"type": others.updates, "minimalAction": "REPLACE"}
        if group.regional:
            shown["updatePolicy"]["instanceRedistributionType"] = others.redistributes
        if others.autoscaled:
            shown["status"]["autoscaler"] = f"{here}/autoscalers/{group.name}"
        if others.heals:
            shown["autoHealingPolicies"] = [{"initialDelaySec": 300}]

    def _region(self, group: Group) -> Json:
        zones = [{"zone": f"{self.base}/zones/{zone}"} for zone in group.zones]
        shape = "EVEN" if group.even else "ANY"
        return {"region": f"{self.base}/regions/{group.place}", "distributionPolicy": {"zones": zones, "targetShape": shape}}

    def member(self, group: Group, member: Member) -> Json:
        """A ManagedInstance."""
        shown: Json = {
            "name": member.name,
            "currentAction": member.action,
            "targetStatus": "DELETED" if member.action == "DELETING" else member.stands or "RUNNING",
            "version": {"instanceTemplate": self.template_url(member.template)},
        }
        if member.zone or not group.regional:
            shown["instance"] = self.machine_url(member.name, member.zone or group.place)
        if member.machine:
            shown |= {"id": machine_id(member.machine), "instanceStatus": _status(member, member.machine)}
        if member.lingers:
            span = {"seconds": str(member.template.graceful.ms // 1000)}
            shown["shutdownDetails"] = {"requestTimestamp": moment(member.asked_at), "maxDuration": span}
        if member.machine and member.machine.ends_at and group.ends:
            shown["scheduling"] = {"terminationTimestamp": moment(member.machine.ends_at)}
        if group.kinds and member.kind:
            shown["propertiesFromFlexibilityPolicy"] = {"machineType": member.kind}
        if member.trouble:
            shown["lastAttempt"] = {"errors": {"errors": [_error(member.trouble)]}}
        return shown

    def failure(self, failure: Failure) -> Json:
        """An InstanceManagedByIgmError."""
        instance = self.machine_url(failure.name, failure.zone)
        return {
            "error": _error(failure.trouble),
            "instanceActionDetails": {"action": failure.action, "instance": instance},
            "timestamp": moment(failure.at),
        }

    def machine(self, machine: Machine, started_at: Instant) -> Json:
        """An Instance, with what anybody asked for yet."""
        zone = f"{self.base}/zones/{machine.zone}"
        return {
            "kind": "compute#instance",
            "id": machine_id(machine),
            "name": machine.id,
            "creationTimestamp": moment(machine.launched_at),
            "lastStartTimestamp": moment(started_at),
            "status": STATUS[machine.condition],
            "zone": zone,
            "networkInterfaces": [{"name": "nic0", "networkIP": machine.address}],
            "machineType": f"{zone}/machineTypes/{machine.kind}",
            "selfLink": self.machine_url(machine.id, machine.zone),
        }

    def machine_url(self, name: str, zone: str) -> str:
        """Where it is."""
        return f"{self.base}/zones/{zone}/instances/{name}"

    def template_url(self, template: Template) -> str:
        """Where it is."""
        where = f"regions/{template.region}" if template.region else "global"
        return f"{self.base}/{where}/instanceTemplates/{template.name}"

    def template(self, template: Template) -> Json:
        """An InstanceTemplate."""
        scheduling = {"provisioningModel": "SPOT" if template.spot else "STANDARD", "preemptible": template.spot}
        properties: Json = {"machineType": template.kind, "scheduling": scheduling}
        if template.gpus[1]:
            properties["guestAccelerators"] = [{"acceleratorType": template.gpus[0], "acceleratorCount": template.gpus[1]}]
        return {
            "kind": "compute#instanceTemplate",
            "id": str(FIRST_ID + sum(template.name.encode())),
            "name": template.name,
            "properties": properties,
            "selfLink": self.template_url(template),
        }

    def kind(self, kind: KindSpec, zone: str) -> Json:
        """A MachineType."""
        shown: Json = {
            "kind": "compute#machineType",
            "name": kind.name,
            "guestCpus": kind.cpu.milli // 1000,
            "memoryMb": kind.memory.bytes // 2**20,
            "architecture": "X86_64",
            "zone": zone,
            "selfLink": f"{self.base}/zones/{zone}/machineTypes/{kind.name}",
        }
        if kind.gpus:
            shown["accelerators"] = [{"guestAcceleratorType": kind.gpu, "guestAcceleratorCount": kind.gpus}]
        return shown

    def operation(self, operation: Operation, now: Instant) -> Json:
        """An Operation, as far as it is by now."""
        where = "regions" if operation.regional else "zones"
        here = f"{self.base}/{where}/{operation.place}"
        done = now >= operation.done_at
        shown: Json = {
            "kind": "compute#operation",
            "id": str(FIRST_ID + operation.number),
            "name": operation.name,
            "operationType": operation.kind,
            "targetLink": f"{here}/{operation.target}",
            "status": "DONE" if done else "RUNNING",
            "progress": 100 if done else 0,
            "insertTime": moment(operation.begun_at),
            "startTime": moment(operation.begun_at),
            "region" if operation.regional else "zone": here,
            "selfLink": f"{here}/operations/{operation.name}",
        }
        if operation.request:
            shown["clientOperationId"] = operation.request
        if done:
            shown["endTime"] = moment(operation.done_at)
        if done and operation.trouble:
            failed = {"httpErrorStatusCode": 400, "httpErrorMessage": "BAD REQUEST"}
            shown |= {"error": {"errors": [_error(operation.trouble)]}, **failed}
        return shown


def _status(member: Member, machine: Machine) -> str:
    waits = machine.condition is Condition.GONE and SUSPENDED in (member.stands, RESUMES.get(member.action))
    if member.lingers:
        return "PENDING_STOP"
    return SUSPENDED if waits else STATUS[machine.condition]


def machine_id(machine: Machine) -> str:
    """The number that no other machine ever has."""
    return str(FIRST_ID + machine.number)


def moment(at: Instant) -> str:
    """RFC 3339, with the vendor's own offset."""
    found = datetime.fromtimestamp(at / 1000, UTC).astimezone(PACIFIC)
    return found.isoformat(timespec="milliseconds")


def _error(trouble: Trouble) -> Json:
    return {"code": trouble.code, "message": trouble.message}
