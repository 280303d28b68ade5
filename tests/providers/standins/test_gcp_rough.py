"""Google Cloud at its worst: fifty seeds, a few of them where there is little time."""

import pytest

from tests.providers.standins.rough import Place, run
from tests.providers.standins.test_gcp_end_to_end import CREATE, DELETE, POOL, ZONE, cloud

FEW, ALL = 2, 50
GROUPS = "compute.instanceGroupManagers"
GOOGLE = Place(
    cloud=cloud,
    machines=lambda found: found.machines,  # type: ignore[attr-defined]
    pool=POOL,
    writes=(CREATE, DELETE),
    reads=(f"{GROUPS}.get", f"{GROUPS}.listManagedInstances", f"{GROUPS}.listErrors", "compute.zoneOperations.get"),
    throttled=("rateLimitExceeded", 403),
    sold=(("e2-standard-2", ZONE),),
)


@pytest.mark.parametrize("seed", range(FEW))
def test_nothing_is_lost_leaked_or_launched_twice(seed: int) -> None:
    assert run(seed, GOOGLE).wrong == []


@pytest.mark.clouds
@pytest.mark.parametrize("seed", range(FEW, ALL))
def test_nothing_is_lost_leaked_or_launched_twice_in_many_seeds(seed: int) -> None:
    assert run(seed, GOOGLE).wrong == []
