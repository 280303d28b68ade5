"""EC2 Fleet of type instant: machines at once, by launch template and overrides, and nothing that keeps their number afterwards.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instant-fleet.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws.groups import QUOTA, SOLD_OUT, WORDS
from autoscaler_standins.aws.protocol import Params, Refusal
from autoscaler_standins.machines import Condition, Machine, Machines, OverQuota, SoldOut

FLEET = "an instant fleet"
"""What the machines' group is called, which is none."""

NO_TEMPLATE = "The specified launch template, with template {of}, does not exist."
TAKEN = ("instance", "fleet")
BROKEN, RECLAIMED = "Server.InternalError", "Server.SpotInstanceTermination"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSpec:
    """A launch template. `data`: what DescribeLaunchTemplateVersions tells of its only version. `tags`: its own."""

    name: str
    id: str
    data: Params
    tags: Mapping[str, str] = field(default_factory=lambda: {"poolkeeper:cluster": "shop"})


@dataclass(slots=True, kw_only=True)
class Fleets:
    """`subnets`: the zone of each. `tags`, `reasons`: of machines, by their ids. `answers`: by token, with what was asked."""

    machines: Machines
    kinds: Mapping[str, KindSpec]
    templates: tuple[TemplateSpec, ...]
    subnets: Mapping[str, str]
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[Params, Params]] = field(default_factory=dict)

    def template(self, named: Mapping[str, str]) -> TemplateSpec:
        """By name or id."""
        of = named.get("LaunchTemplateId") or named.get("LaunchTemplateName") or ""
        found = next((one for one in self.templates if of in (one.id, one.name)), None)
        if found is None:
            which = "Id.NotFound" if "LaunchTemplateId" in named else "Name.NotFoundException"
            raise Refusal(f"InvalidLaunchTemplate{which}", NO_TEMPLATE.format(of=of))
        return found

    def described(self, params: Params) -> Params:
        """DescribeLaunchTemplates, by name or id."""
        names = params.get("LaunchTemplateNames", [])
        found = [self.template({"LaunchTemplateName": name}) for name in names]
        found += [self.template({"LaunchTemplateId": name}) for name in params.get("LaunchTemplateIds", [])]
        return {
            "LaunchTemplates": [
                {
                    "LaunchTemplateId": one.id,
                    "LaunchTemplateName": one.name,
                    "Tags": [{"Key": key, "Value": value} for key, value in one.tags.items()],
                }
                for one in found
            ]
        }

    def create(self, params: Params) -> Params:
        """CreateFleet. A token that was used gives its answer again."""
        asked = {name: value for name, value in params.items() if name != "ClientToken"}
        token = params.get("ClientToken", "")
        if token and token in self.answers:
            before, answer = self.answers[token]
            if before != asked:
                raise Refusal("IdempotentParameterMismatch", "The client token was used with other parameters.")
            return answer
        answer = self._created(params)
        self.answers[token] = (asked, answer)
        return answer

    def add(self, kind: str, zone: str, tags: Mapping[str, str], count: int) -> None:
        """As if they had been launched before."""
        for _ in range(count):
            self.tags[self.machines.launch(FLEET, kind, zone).id] = dict(tags)

    def step(self) -> None:
        """Who cannot start ends."""
        for one in self.machines.of(FLEET):
            if one.condition is Condition.FAILED:
                self.reasons[one.id] = BROKEN
                self.machines.terminate(one)
            elif one.ends_at is not None:
                self.reasons.setdefault(one.id, RECLAIMED)

    def _created(self, params: Params) -> Params:
        (config,) = params["LaunchTemplateConfigs"]
        spec = config["LaunchTemplateSpecification"]
        template = self.template(spec)
        if params.get("Type") != "instant":
            raise Refusal("InvalidAction", "only instant fleets are stood in for", status=501)
        if "InstanceMarketOptions" in template.data:
            raise Refusal("InvalidLaunchTemplate", "InstanceMarketOptions is not supported for fleets.")
        if strange := {one.get("ResourceType", "") for one in params.get("TagSpecifications", [])} - {*TAKEN}:
            raise Refusal("InvalidParameterValue", f"{strange} cannot be tagged by a fleet")
        wanted = params["TargetCapacitySpecification"]
        spot = wanted.get("DefaultTargetCapacityType") == "spot"
        overrides = config.get("Overrides") or [{"InstanceType": template.data["InstanceType"], "SubnetId": next(iter(self.subnets))}]
        made, errors = self._launched(overrides, wanted["TotalTargetCapacity"], self._given(params, template), spot=spot)
        which = "spot" if spot else "on-demand"

        def about(place: int) -> Params:
            return {"LaunchTemplateAndOverrides": {"LaunchTemplateSpecification": spec, "Overrides": overrides[place]}, "Lifecycle": which}

        return {
            "FleetId": f"fleet-{len(self.answers):08x}-0000-0000-0000-000000000000",
            "Instances": [
                {**about(place), "InstanceIds": [one.id for one in ones], "InstanceType": ones[0].kind} for place, ones in made.items()
            ],
            "Errors": [{**about(place), "ErrorCode": code, "ErrorMessage": words} for place, (code, words) in errors.items()],
        }

    @staticmethod
    def _given(params: Params, template: TemplateSpec) -> dict[str, str]:
        """Tags of an instance: the template's, and the request's."""
        every = [*template.data.get("TagSpecifications", []), *params.get("TagSpecifications", [])]
        return {tag["Key"]: tag["Value"] for one in every if one.get("ResourceType") == "instance" for tag in one.get("Tags", [])}

    def _launched(
        self, overrides: list[Params], count: int, tags: dict[str, str], *, spot: bool
    ) -> tuple[dict[int, list[Machine]], dict[int, tuple[str, str]]]:
        """By the place of the override; the cheapest first."""
        made: dict[int, list[Machine]] = {}
        errors: dict[int, tuple[str, str]] = {}
        left = self._cheapest(overrides, spot=spot)
        for _ in range(count):
            while left:
                one = self._try(overrides[left[0]], spot=spot)
                if isinstance(one, Machine):
                    self.tags[one.id] = tags
                    made.setdefault(left[0], []).append(one)
                    break
                errors[left.pop(0)] = one
        return made, errors

    def _cheapest(self, overrides: Iterable[Params], *, spot: bool) -> list[int]:
        kinds = [self.kinds.get(one["InstanceType"]) for one in overrides]
        prices = [(kind.spot_price if spot else kind.price).micro if kind else 0 for kind in kinds]
        return sorted(range(len(prices)), key=lambda place: prices[place])

    def _try(self, override: Params, *, spot: bool) -> Machine | tuple[str, str]:
        kind, zone = override["InstanceType"], self.subnets.get(override["SubnetId"])
        if zone is None:
            return "InvalidSubnetID.NotFound", f"The subnet ID '{override['SubnetId']}' does not exist"
        if kind not in self.kinds:
            return "InvalidParameterValue", f"Invalid value '{kind}' for InstanceType."
        try:
            return self.machines.launch(FLEET, kind, zone, spot=spot)
        except SoldOut:
            return SOLD_OUT, WORDS[SOLD_OUT].format(kind=kind, zone=zone)
        except OverQuota:
            return ("MaxSpotInstanceCountExceeded" if spot else QUOTA), WORDS[QUOTA].format(kind=kind)
