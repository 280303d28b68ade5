"""An Auto Scaling group at a stand-in, our reader and writer of it, and time that passes when told."""

from dataclasses import dataclass, replace

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.nodes import Instance
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Cpu, Duration, Memory, Money
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler_aws.pool_reader import GroupReader
from autoscaler_aws.pool_writer import GroupWriter
from autoscaler_aws.settings import AwsPool
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws.cloud import Aws
from autoscaler_standins.aws.groups import GroupSpec
from tests.providers.granted import Granted

RUNTIME = SystemRuntime()
SITE = Site(name="general", cluster=ClusterName("shop"), runtime=RUNTIME)
ZONES = ("eu-central-1a", "eu-central-1b")
LARGE = KindSpec(name="m7g.large", cpu=Cpu(2000), memory=Memory(8 * 2**30), price=Money(95_000), spot_price=Money(40_000))
XLARGE = KindSpec(name="m7g.xlarge", cpu=Cpu(4000), memory=Memory(16 * 2**30), price=Money(190_000))
GROUP = GroupSpec(name="shop-general", kinds=(LARGE.name,), zones=ZONES, desired=2)
SOON = Duration(10_000)
AGES = Duration(300_000)


@dataclass(frozen=True, slots=True)
class Stage:
    """One group, listening."""

    aws: Aws
    served: Granted
    settings: AwsPool
    reader: GroupReader
    writer: GroupWriter

    @classmethod
    def of(cls, group: GroupSpec, **settings: object) -> "Stage":
        """Not yet listening; the group's first machines run."""
        aws = Aws(RUNTIME, [group], [LARGE, XLARGE])
        aws.step()
        aws.clock.skip(AGES)
        served = Granted(aws, RUNTIME)
        found = AwsPool(
            region="eu-central-1", auto_scaling_group=group.name, endpoint_url=Url(served.url), ec2_endpoint_url=Url(served.url)
        )
        found = replace(found, **{"types": (LARGE,), **settings})  # type: ignore[arg-type]
        return cls(aws, served, found, GroupReader(found, SITE), GroupWriter(found, SITE))

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

    def sell_out(self) -> None:
        """Nothing more to be had anywhere."""
        for kind in self.aws.kinds:
            for zone in ZONES:
                self.aws.machines.stock[kind, zone] = 0

    def leave(self, count: int) -> None:
        """So many are left, in the first zone."""
        self.sell_out()
        self.aws.machines.stock[LARGE.name, ZONES[0]] = count

    def counted(self) -> int:
        """Machines that the cloud bills and the group counts."""
        return sum(one.counts for one in self.aws.machines.all.values())
