"""What a replica is taken to need."""

from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.workloads import Workload
from autoscaler.planning.conditions.context import Context


def request_of(ctx: Context, workload: Workload) -> Resources:
    """What one replica is taken to need: the cluster's default where nothing is asked, never nothing."""
    return workload.shape.requests if workload.shape.requests != NOTHING else ctx.policies.request
