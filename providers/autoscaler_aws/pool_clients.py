"""The two services a pool is asked at: Auto Scaling for the group, EC2 for its machines and what they are."""

from dataclasses import replace
from typing import TYPE_CHECKING

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import AutoscalerError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler_aws.clients import Clients
from autoscaler_aws.settings import AwsPool

if TYPE_CHECKING:
    from types_boto3_autoscaling import AutoScalingClient
    from types_boto3_ec2 import EC2Client


class PoolClients:
    """Signs in as `settings` say, once for each service."""

    def __init__(self, settings: AwsPool, runtime: Runtime) -> None:
        self._scaling: Clients[AutoScalingClient] = Clients(
            settings, runtime, lambda session, config, url: session.client("autoscaling", config=config, endpoint_url=url)
        )
        self._ec2: Clients[EC2Client] = Clients(
            replace(settings, endpoint_url=settings.ec2_endpoint_url),
            runtime,
            lambda session, config, url: session.client("ec2", config=config, endpoint_url=url),
        )

    def within(self, left: Duration) -> tuple["AutoScalingClient", "EC2Client"]:
        """Clients whose calls end within `left`, for several threads; made by one."""
        return self._scaling.within(left), self._ec2.within(left)

    def failed(self, error: AutoscalerError) -> None:
        """Where our keys are not accepted, sign in anew next time."""
        if isinstance(error, SetupError):
            self._scaling.forget()
            self._ec2.forget()
