"""Target groups at a stand-in, our reader and writer of them, and time that passes when told."""

from dataclasses import dataclass, replace

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.traffic import Member, RotationState
from autoscaler.service.runtime import SystemRuntime
from autoscaler_aws.traffic_reader import TargetGroupReader
from autoscaler_aws.traffic_settings import AwsTraffic
from autoscaler_aws.traffic_writer import TargetGroupWriter
from autoscaler_standins.aws.balancing import TargetGroupSpec
from autoscaler_standins.aws.cloud import Aws
from autoscaler_standins.faults import Fault, Kind
from tests.providers.aws.pool_stage import GROUP, LARGE
from tests.providers.granted import Granted

RUNTIME = SystemRuntime()
SITE = Site(name="edge", cluster=ClusterName("shop"), runtime=RUNTIME)
WEB, API, NOBODY = (WorkloadRef(SITE.cluster, name) for name in ("web", "api", "nobody"))
ONE, TWO, THREE = (f"10.0.0.{number}:8080" for number in (1, 2, 3))
BY_ADDRESS = TargetGroupSpec(name="web")
BY_INSTANCE = TargetGroupSpec(name="web", kind="instance")
SOON = Duration(10_000)
AGES = Duration(3_600_000)


@dataclass(frozen=True, slots=True)
class TrafficStage:
    """Machines that run, in front of them a target group for `web`."""

    aws: Aws
    served: Granted
    settings: AwsTraffic
    reader: TargetGroupReader
    writer: TargetGroupWriter

    @classmethod
    def of(cls, *groups: TargetGroupSpec, machines: int = 3, **settings: object) -> "TrafficStage":
        """Not yet listening."""
        aws = Aws(RUNTIME, [replace(GROUP, desired=machines)], [LARGE], groups)
        aws.step()
        aws.clock.skip(AGES)
        aws.step()
        served = Granted(aws, RUNTIME)
        found = AwsTraffic(region="eu-central-1", endpoint_url=Url(served.url), ec2_endpoint_url=Url(served.url))
        found = replace(found, **settings)  # type: ignore[arg-type]
        return cls(aws, served, found, TargetGroupReader(found, SITE), TargetGroupWriter(found, SITE))

    def look(self, *workloads: WorkloadRef) -> RotationState:
        """The rotation now."""
        return self.reader.observe(workloads or (WEB,), SOON)

    def member(self, address: str) -> Member | None:
        """Who is there now."""
        return next((one for one in self.look().members if one.address == address), None)

    def pass_(self, seconds: int) -> None:
        """So much time."""
        self.aws.clock.skip(Duration(seconds * 1000))
        self.aws.step()

    def settle(self) -> None:
        """Whatever is checked or drains has been."""
        self.aws.clock.skip(AGES)
        self.aws.step()

    def refuse(self, code: str, status: int = 400, *, times: int = 1, operation: str = "*") -> None:
        """AWS says so, that often."""
        self.served.faults.add([Fault(operation=operation, kind=Kind.REFUSE, times=times, code=code, status=status)])
