"""Settings are written as a policy file would say them."""

from autoscaler.config.writing import written
from autoscaler.model.pool_asks import RoomFor
from autoscaler.model.refs import ClusterName, WorkloadRef


def test_a_workload_is_written_by_its_name() -> None:
    room = RoomFor(workload=WorkloadRef(ClusterName("shop"), "default/web"), count=2)
    assert written(room) == {"workload": "shop/default/web", "count": 2}
