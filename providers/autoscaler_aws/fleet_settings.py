"""What a policy file says of a pool without a group: `fleet: {launch_template: shop-burst, types: […], subnets: {…}}`."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from autoscaler.config.markers import FILLED, Least, Spelt
from autoscaler.errors import PolicyError

SUBNET = re.compile(r"subnet-[0-9a-f]{8,17}")
ZONE = re.compile(r"[a-z]{2,4}(-[a-z0-9]{1,12}){1,6}[a-z]")
BY_ID = re.compile(r"lt-[0-9a-f]{8,17}")


class Market(StrEnum):
    """How a machine is paid for."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What EC2 Fleet launches machines of: `launch_template` by name or id, in `version`.

    `types`: instance types that may come. `subnets`: where, one for each zone, by the zone's name. `markets`: on-demand, spot or both.
    """

    launch_template: Annotated[str, FILLED]
    version: Annotated[str, Spelt(r"\$Default|\$Latest|[1-9][0-9]{0,8}", "write a number in quotes, $Default or $Latest")] = "$Default"
    types: Annotated[tuple[str, ...], Least(1)]
    subnets: Annotated[tuple[tuple[str, str], ...], Least(1)]
    markets: Annotated[tuple[Market, ...], Least(1)] = (Market.ON_DEMAND,)

    def __post_init__(self) -> None:
        for what, found in (("type", self.types), ("market", self.markets), ("subnet", [one for _, one in self.subnets])):
            if len(set(found)) < len(found):
                raise PolicyError(f"a {what} of the fleet is there twice", hint="name each once")
        for zone, subnet in self.subnets:
            if not ZONE.fullmatch(zone) or not SUBNET.fullmatch(subnet):
                raise PolicyError(
                    f"{zone[:40]}: {subnet[:40]} is no subnet of a zone", hint="write subnets: {eu-central-1a: subnet-0a1b2c3d}"
                )
