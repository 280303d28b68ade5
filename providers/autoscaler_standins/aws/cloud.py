"""One account in one region of AWS: which operation does what."""

from collections.abc import Callable, Iterable, Mapping

from autoscaler.contracts.runtime import Runtime
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws import protocol
from autoscaler_standins.aws.balancing import Balancing, TargetGroupSpec
from autoscaler_standins.aws.behind import Behind
from autoscaler_standins.aws.fleets import Fleets, TemplateSpec
from autoscaler_standins.aws.groups import Group, GroupSpec, moment
from autoscaler_standins.aws.instances import Instances
from autoscaler_standins.aws.market import Market, sold_in
from autoscaler_standins.aws.protocol import Params, Refusal
from autoscaler_standins.aws.warm import label
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault
from autoscaler_standins.machines import Condition, Machine, Machines
from autoscaler_standins.serving import Asked, Reply, Running


class Aws:
    """`groups` by name; `machines` of all of them, and of `fleets`; `balancing`: the target groups that machines may stand in."""

    def __init__(
        self,
        runtime: Runtime,
        groups: Iterable[GroupSpec],
        kinds: Iterable[KindSpec],
        target_groups: Iterable[TargetGroupSpec] = (),
        *,
        region: str = "eu-central-1",
        templates: Iterable[TemplateSpec] = (),
        subnets: Mapping[str, str] | None = None,
    ) -> None:
        self.clock = Clock(runtime)
        self.machines = Machines(clock=self.clock)
        self.kinds = {kind.name: kind for kind in kinds}
        self.region = region
        self.groups = {spec.name: Group(spec, self.machines, spec.desired) for spec in groups}
        self.behind = Behind(self._group)
        self.fleets = Fleets(machines=self.machines, kinds=self.kinds, templates=tuple(templates), subnets=subnets or {})
        self.instances = Instances(machines=self.machines, kinds=self.kinds, region=region, tags=self._tags, reasons=self.fleets.reasons)
        zones = sold_in([*(group.spec.zones for group in self.groups.values()), self.fleets.subnets.values()], region)
        market = Market(clock=self.clock, region=region, zones=zones, kinds=self.kinds)
        self.balancing = Balancing(self.machines, region)
        self.balancing.add(target_groups)
        self._handlers: dict[str, Callable[[Params], Params]] = {
            **self.balancing.handlers(),
            "autoscaling.DescribeAutoScalingGroups": self._describe_groups,
            "autoscaling.DescribeScalingActivities": self._describe_activities,
            "autoscaling.DescribeWarmPool": lambda params: self._group(params).warm.describe(params, self._member),
            "autoscaling.CompleteLifecycleAction": lambda params: self._group(params).hooks.complete(params),
            "autoscaling.DescribeLifecycleHooks": lambda params: self._group(params).hooks.describe(params["AutoScalingGroupName"]),
            "autoscaling.DescribePolicies": self.behind.policies,
            "autoscaling.DescribeScheduledActions": self.behind.schedule,
            "autoscaling.DescribeInstanceRefreshes": self.behind.refreshes,
            "iam.SimulatePrincipalPolicy": self.behind.simulate,
            "service-quotas.GetServiceQuota": self.behind.quota,
            "sts.GetCallerIdentity": self.behind.who,
            "autoscaling.SetDesiredCapacity": self._set_desired,
            "autoscaling.LaunchInstances": lambda params: self._group(params).launch(params),
            "autoscaling.TerminateInstanceInAutoScalingGroup": self._terminate,
            "autoscaling.SetInstanceProtection": self._protect,
            "ec2.CreateFleet": self._fleet,
            "ec2.DescribeInstances": self.instances.describe,
            "ec2.DescribeInstanceTypes": market.types,
            "ec2.DescribeInstanceTypeOfferings": market.offerings,
            "ec2.DescribeLaunchTemplates": self.fleets.described,
            "ec2.DescribeLaunchTemplateVersions": self._describe_template,
            "ec2.DescribeSpotPriceHistory": market.spot,
            "ec2.TerminateInstances": self.instances.terminate,
            "pricing.GetProducts": market.products,
        }

    def operation(self, asked: Asked) -> tuple[str, bool]:
        """By AWS's model."""
        model = protocol.operation(asked)
        return protocol.name_of(model), protocol.mutates(model, asked)

    def answer(self, operation: str, asked: Asked) -> Reply:
        """Come up to now, do it, come up to now."""
        model = protocol.operation(asked)
        self.step()
        try:
            result = self._handlers.get(operation, _unknown)(protocol.request(model, asked))
        except Refusal as refusal:
            return protocol.refused(str(model.service_model.metadata["protocol"]), refusal)
        return protocol.response(model, result)

    def refusal(self, fault: Fault) -> Reply:
        """An error of AWS's, in the protocol of the operation it befalls."""
        service = fault.operation.partition(".")[0]
        said = "query" if service == "*" else protocol.protocol_of(service)
        return protocol.refused(said, Refusal(fault.code, "told to say so", fault.status))

    def running(self) -> list[Running]:
        """By their private DNS names."""
        self.step()
        return self.machines.running(self.kinds, self.instances.dns)

    def step(self) -> None:
        """Come up to now."""
        self.machines.age()
        for group in self.groups.values():
            group.step()
        self.fleets.step()
        self.balancing.step()

    def _group(self, params: Params) -> Group:
        name = params["AutoScalingGroupName"]
        if name not in self.groups:
            raise Refusal("ValidationError", "AutoScalingGroup name not found - null")
        return self.groups[name]

    def _describe_groups(self, params: Params) -> Params:
        names = params.get("AutoScalingGroupNames") or sorted(self.groups)
        return {"AutoScalingGroups": [self._shown(self.groups[name]) for name in names if name in self.groups]}

    def _shown(self, group: Group) -> Params:
        spec, template = group.spec, {"LaunchTemplateId": f"lt-{group.spec.name}", "LaunchTemplateName": group.spec.name, "Version": "1"}
        mixed = {
            "LaunchTemplate": {"LaunchTemplateSpecification": template, "Overrides": [{"InstanceType": kind} for kind in spec.kinds]},
            "InstancesDistribution": {
                "OnDemandBaseCapacity": spec.base or 0,
                "OnDemandPercentageAboveBaseCapacity": 0 if spec.spot or spec.base is not None else 100,
            },
        }
        made = {"MixedInstancesPolicy": mixed} if len(spec.kinds) > 1 or spec.base is not None else {"LaunchTemplate": template}
        return {
            "AutoScalingGroupName": spec.name,
            "AutoScalingGroupARN": f"arn:aws:autoscaling:{self.region}:000000000000:autoScalingGroup:0:autoScalingGroupName/{spec.name}",
            **(made if spec.template else {"LaunchConfigurationName": spec.name}),
            "MinSize": spec.least,
            "MaxSize": spec.most,
            "DesiredCapacity": group.desired,
            "DefaultCooldown": 300,
            "AvailabilityZones": list(spec.zones),
            "HealthCheckType": "EC2",
            "HealthCheckGracePeriod": 300,
            "CreatedTime": moment(self.clock.now()),
            "NewInstancesProtectedFromScaleIn": group.protected_new,
            "SuspendedProcesses": [{"ProcessName": name, "SuspensionReason": "User suspended"} for name in group.suspended],
            **(
                {"WarmPoolConfiguration": group.warm.configuration, "WarmPoolSize": len(group.warm.members)}
                if group.warm.size is not None
                else {}
            ),
            "CapacityRebalance": group.others.rebalances_capacity,
            **({"MaxInstanceLifetime": group.others.lifetime} if group.others.lifetime else {}),
            "Tags": [{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in group.tags.items()],
            "Instances": [{**self._member(one), "LifecycleState": group.state(one)} for one in self.machines.listed(spec.name)],
        }

    @staticmethod
    def _member(machine: Machine) -> Params:
        return {
            "InstanceId": machine.id,
            "InstanceType": machine.kind,
            "AvailabilityZone": machine.zone,
            "HealthStatus": "Healthy",
            "ProtectedFromScaleIn": machine.protected,
        }

    def _describe_activities(self, params: Params) -> Params:
        return {"Activities": list(self._group(params).activities)[: params.get("MaxRecords", 100)]}

    def _set_desired(self, params: Params) -> Params:
        self._group(params).set_desired(params["DesiredCapacity"])
        return {}

    def _terminate(self, params: Params) -> Params:
        machine = self._machine(params["InstanceId"])
        if machine.group not in self.groups:
            raise Refusal("ValidationError", f"The instance {machine.id} is in a warm pool.")
        return {"Activity": self.groups[machine.group].terminate(machine, decrement=params["ShouldDecrementDesiredCapacity"])}

    def _protect(self, params: Params) -> Params:
        for one in params["InstanceIds"]:
            self._machine(one).protected = params["ProtectedFromScaleIn"]
        return {}

    def _machine(self, name: str) -> Machine:
        machine = self.machines.all.get(name)
        if machine is None or machine.condition is Condition.GONE:
            raise Refusal("ValidationError", f"Instance Id not found - No managed instance found for instance ID: {name}")
        return machine

    def _tags(self, machine: Machine) -> dict[str, str]:
        """A group gives its own to its machines, those of its warm pool among them."""
        for name, group in self.groups.items():
            if machine.group in (name, label(name)):
                return {"aws:autoscaling:groupName": name, **group.tags}
        return self.fleets.tags.get(machine.id, {})

    def _describe_template(self, params: Params) -> Params:
        group = next((one for one in self.groups.values() if params.get("LaunchTemplateId") == f"lt-{one.spec.name}"), None)
        if group is None:
            found = self.fleets.template(params)
            return {"LaunchTemplateVersions": [_version(found.id, found.data)]}
        market = {"InstanceMarketOptions": {"MarketType": "spot"}} if group.spec.spot else {}
        return {"LaunchTemplateVersions": [_version(params["LaunchTemplateId"], {"InstanceType": group.spec.kinds[0], **market})]}

    def _fleet(self, params: Params) -> Params:
        """CreateFleet; a dry run says whether it may be asked for."""
        return self.behind.fleet(params) if params.get("DryRun") else self.fleets.create(params)


def _version(template: str, data: Params) -> Params:
    return {"LaunchTemplateId": template, "VersionNumber": 1, "DefaultVersion": True, "LaunchTemplateData": data}


def _unknown(_: Params) -> Params:
    raise Refusal("InvalidAction", "this operation is not stood in for", status=501)
