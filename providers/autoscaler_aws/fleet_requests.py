"""What EC2 Fleet is asked with. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFleet.html
"""

from typing import TYPE_CHECKING

from autoscaler.errors import NotFoundError
from autoscaler.model.refs import OfferingName
from autoscaler_aws.fleet_settings import Fleet, Market
from autoscaler_aws.fleets import choices, template_of

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import CreateFleetRequestTypeDef, FleetLaunchTemplateOverridesRequestTypeDef, TagTypeDef


def first_choice(fleet: Fleet) -> "tuple[Market, list[FleetLaunchTemplateOverridesRequestTypeDef]]":
    """Any type in any zone, by the first market."""
    market = fleet.markets[0]
    return market, [override for of, override in choices(fleet).values() if of is market]


def choice(fleet: Fleet, offering: OfferingName) -> "tuple[Market, list[FleetLaunchTemplateOverridesRequestTypeDef]]":
    """That one alone; NotFoundError where the fleet has it not."""
    every = choices(fleet)
    if offering not in every:
        raise NotFoundError(f"the fleet has no {offering}", hint="read the pool again and decide again")
    market, override = every[offering]
    return market, [override]


def request(
    fleet: Fleet, count: int, market: Market, overrides: "list[FleetLaunchTemplateOverridesRequestTypeDef]", tags: "list[TagTypeDef]"
) -> "CreateFleetRequestTypeDef":
    """For so many at once, without a token."""
    return {
        "Type": "instant",
        "LaunchTemplateConfigs": [{"LaunchTemplateSpecification": template_of(fleet), "Overrides": overrides}],
        "TargetCapacitySpecification": {"TotalTargetCapacity": count, "DefaultTargetCapacityType": market.value},
        "SpotOptions": {"AllocationStrategy": "price-capacity-optimized", "InstanceInterruptionBehavior": "terminate"},
        "OnDemandOptions": {"AllocationStrategy": "lowest-price"},
        "TagSpecifications": [{"ResourceType": "instance", "Tags": tags}],
    }
