"""Who waits long is told why."""

import pytest

from autoscaler.cli import reassuring as module
from autoscaler.cli.reassuring import reassuring
from autoscaler.model.quantities import Duration
from autoscaler.service.runtime import Wake

HOUR = Duration(3_600_000)


def test_who_waits_long_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Wake()
    monkeypatch.setattr(module, "progress", lambda _: told.ring())
    with reassuring("still there", Duration(0)):
        assert told.wait(HOUR)


def test_who_does_not_wait_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[str]()
    monkeypatch.setattr(module, "progress", told.append)
    with reassuring("still there", HOUR):
        pass
    assert told == []
