"""A pool without a group at a stand-in, our reader and writer of it, and time that passes when we wait."""

from dataclasses import dataclass, replace

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.nodes import Instance
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler_aws.fleet_reader import FleetReader
from autoscaler_aws.fleet_settings import Fleet, Market
from autoscaler_aws.fleet_writer import FleetWriter
from autoscaler_aws.settings import AwsPool
from autoscaler_standins.aws.cloud import Aws
from autoscaler_standins.aws.fleets import TemplateSpec
from autoscaler_standins.clock import Clock
from tests.providers.aws.pool_stage import AGES, LARGE, RUNTIME, SOON, XLARGE, ZONES
from tests.providers.granted import Granted

SUBNETS = {"subnet-0000000a": ZONES[0], "subnet-0000000b": ZONES[1]}
OURS = {"poolkeeper:cluster": "shop", "poolkeeper:fleet": "burst", "poolkeeper:token": "before"}
TAGS = [{"Key": "poolkeeper:cluster", "Value": "shop"}]
TEMPLATE = TemplateSpec(
    name="shop-burst",
    id="lt-0123456789abcdef0",
    data={
        "InstanceType": LARGE.name,
        "ImageId": "ami-0123456789abcdef0",
        "InstanceInitiatedShutdownBehavior": "terminate",
        "TagSpecifications": [{"ResourceType": kind, "Tags": TAGS} for kind in ("volume", "network-interface")],
    },
)
ONE = Fleet(launch_template="shop-burst", types=(LARGE.name,), subnets=tuple((zone, subnet) for subnet, zone in SUBNETS.items()))
SEVERAL = replace(ONE, types=(LARGE.name, XLARGE.name), markets=(Market.ON_DEMAND, Market.SPOT))


class CloudTime(SystemRuntime):
    """The cloud's clock; who waits makes it pass."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> Instant:
        """The cloud's."""
        return self._clock.now()

    def monotonic(self) -> int:
        """As real time, and what was skipped."""
        return super().monotonic() + self._clock.ahead

    def sleep(self, span: Duration) -> None:
        """It is over at once."""
        self._clock.skip(span)


@dataclass(frozen=True, slots=True)
class FleetStage:
    """One pool, listening once it is told to."""

    aws: Aws
    served: Granted
    settings: AwsPool
    site: Site
    reader: FleetReader
    writer: FleetWriter

    @classmethod
    def of(cls, fleet: Fleet, *, count: int = 2, template: TemplateSpec = TEMPLATE, **settings: object) -> "FleetStage":
        """With so many machines that run."""
        aws = Aws(RUNTIME, [], [LARGE, XLARGE], templates=[template], subnets=SUBNETS)
        aws.fleets.add(LARGE.name, ZONES[0], OURS, count)
        aws.clock.skip(AGES)
        aws.step()
        served = Granted(aws, RUNTIME)
        found = AwsPool(region="eu-central-1", fleet=fleet, ec2_endpoint_url=Url(served.url))
        found = replace(found, **{"types": (LARGE,), **settings})  # type: ignore[arg-type]
        site = Site(name="burst", cluster=ClusterName("shop"), runtime=CloudTime(aws.clock))
        return cls(aws, served, found, site, FleetReader(found, fleet, site), FleetWriter(found, fleet, site))

    def look(self) -> PoolState:
        """The pool now."""
        return self.reader.observe(SOON)

    def there(self) -> list[Instance]:
        """Its instances now, oldest first."""
        return list(self.look().instances)

    def settle(self) -> None:
        """Whatever boots has booted, whatever stops has stopped."""
        for _ in range(2):
            self.aws.clock.skip(AGES)
            self.aws.step()

    def leave(self, count: int = 0) -> None:
        """So many are left of one type in the first zone, and nothing else."""
        for kind in self.aws.kinds:
            for zone in ZONES:
                self.aws.machines.stock[kind, zone] = 0
        self.aws.machines.stock[LARGE.name, ZONES[0]] = count

    def resize(self, count: int) -> None:
        """Somebody else launches with the pool's tags."""
        self.aws.fleets.add(LARGE.name, ZONES[0], OURS, count - self.counted())

    def counted(self) -> int:
        """Machines that the cloud bills."""
        return sum(one.counts for one in self.aws.machines.all.values())
