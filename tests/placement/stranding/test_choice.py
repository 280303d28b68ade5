"""Where a replica goes, one sentence a case."""

import numpy as np
import pytest

from autoscaler.placement import compiling
from autoscaler.placement.stranding import Classes, Nodes, Place, Placer, plain
from autoscaler.placement.stranding.board import fastest

Node = tuple[int, int, list[int]]
"""Cpu, memory, milli free of each device."""

Class = tuple[int, int, int, int]
"""Cpu, memory, whole devices, milli of one."""

WHOLE_ONE: Class = (4, 4, 1, 0)
HALF: Class = (2, 2, 0, 500)
TENTH: Class = (1, 1, 0, 100)
PLAIN: Class = (4, 4, 0, 0)


def nodes(*all_of_them: Node) -> Nodes:
    most = max(len(devices) for _, _, devices in all_of_them)
    return Nodes(
        free=np.array([node[:2] for node in all_of_them], np.int64),
        devices=np.array([devices + [0] * (most - len(devices)) for _, _, devices in all_of_them], np.int64).reshape(
            len(all_of_them), most
        ),
        kind=np.zeros(len(all_of_them), np.int64),
    )


def classes(*all_of_them: Class) -> Classes:
    columns = np.array(all_of_them, np.int64)
    allowed = np.ones((len(all_of_them), 1), np.bool_)
    return Classes(requests=columns[:, :2].copy(), whole=columns[:, 2].copy(), share=columns[:, 3].copy(), allowed=allowed)


@pytest.mark.parametrize(
    ("there", "known", "comes", "place"),
    [
        pytest.param([(9, 9, [1000, 1000]), (9, 9, [1000, 500])], [WHOLE_ONE, HALF], HALF, Place(1, (1,)), id="a share goes where one is"),
        pytest.param([(9, 9, [900, 100])], [WHOLE_ONE, TENTH], TENTH, Place(0, (1,)), id="a small share fills the fullest device"),
        pytest.param([(9, 9, [1000]), (9, 9, [])], [WHOLE_ONE, PLAIN], PLAIN, Place(1), id="one without a GPU leaves GPU nodes alone"),
        pytest.param([(9, 9, [1000]), (2, 9, [])], [WHOLE_ONE, PLAIN], PLAIN, Place(0), id="but takes one if no other node has room"),
        pytest.param([(90, 90, [1000]), (9, 9, [1000])], [WHOLE_ONE, PLAIN], PLAIN, Place(0), id="one without a GPU takes cpu to spare"),
        pytest.param([(9, 9, [999, 999])], [WHOLE_ONE, HALF], WHOLE_ONE, None, id="a shared device is no whole one"),
        pytest.param([(9, 9, [1000, 1000])], [(4, 4, 2, 0)], (4, 4, 2, 0), Place(0, (0, 1)), id="two whole devices are two devices"),
        pytest.param([(3, 9, [1000])], [WHOLE_ONE], WHOLE_ONE, None, id="a free device without cpu is no room"),
        pytest.param([(9, 9, []), (5, 9, [])], [PLAIN, (5, 5, 0, 0)], PLAIN, Place(0), id="nodes without devices keep room for others"),
        pytest.param([(9, 9, [1000]), (9, 9, [1000])], [WHOLE_ONE], WHOLE_ONE, Place(0, (0,)), id="of equals the first is taken"),
    ],
)
def test_goes(there: list[Node], known: list[Class], comes: Class, place: Place | None) -> None:
    placer = Placer(nodes(*there), classes(*known))
    assert placer.choose(known.index(comes)) == place


def test_without_the_extra_it_reckons_in_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "COMPILED", False)
    fastest.cache_clear()
    try:
        assert fastest() is plain
    finally:
        fastest.cache_clear()
