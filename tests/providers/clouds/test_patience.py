"""Long readings: busy clouds are asked again, later each time, and lists end."""

import pytest

from autoscaler.errors import SetupError, UnavailableError
from autoscaler_clouds.patience import MOST_PAGES, PACE, PAUSES, Patience
from tests.providers.hurried import Hurried


class Busy:
    """Unavailable so many times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        self.left -= 1
        if self.left >= 0:
            raise UnavailableError("busy", hint="wait")
        return "answer"


@pytest.mark.parametrize("times", [0, 1, len(PAUSES)])
def test_who_is_busy_is_asked_again(times: int) -> None:
    busy = Busy(times)
    assert Patience(Hurried()).ask(busy) == "answer"
    assert busy.asked == times + 1


def test_not_for_ever_and_later_each_time() -> None:
    busy, runtime = Busy(100), Hurried()
    with pytest.raises(UnavailableError):
        Patience(runtime).ask(busy)
    pauses = [one.ms for one in runtime.slept if one.ms >= PAUSES[0].ms // 2]
    assert busy.asked == len(PAUSES) + 1
    assert all(pause.ms // 2 <= slept <= pause.ms for pause, slept in zip(PAUSES, pauses, strict=True))


def test_what_asking_again_does_not_mend_is_told_at_once() -> None:
    def denied() -> None:
        raise SetupError("denied", hint="grant it")

    runtime = Hurried()
    with pytest.raises(SetupError):
        Patience(runtime).ask(denied)
    assert runtime.slept == []


def test_calls_follow_each_other_at_a_pace() -> None:
    runtime = Hurried()
    patience = Patience(runtime)
    for _ in range(3):
        patience.ask(lambda: None)
    assert len(runtime.slept) == 2
    assert sum(one.ms for one in runtime.slept) > PACE.ms


def test_a_list_is_read_page_by_page() -> None:
    pages = {"": ([1, 2], "b"), "b": ([], "c"), "c": ([3], "")}
    assert list(Patience(Hurried()).pages(lambda token: pages[token])) == [1, 2, 3]


def test_a_list_without_an_end_is_ended() -> None:
    found = Patience(Hurried()).pages(lambda token: ([0], "again"))
    assert sum(1 for _ in zip(range(MOST_PAGES), found, strict=False)) == MOST_PAGES
    with pytest.raises(UnavailableError, match="pages"):
        next(found)
