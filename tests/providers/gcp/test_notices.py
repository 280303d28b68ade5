"""Subscriptions of Pub/Sub keep the promises of a queue of notices, at a stand-in that is held to Google's own model."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.errors import PolicyError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.testing.notices import SOON, Notices, NoticesContract
from autoscaler_gcp.notice_queue import MOST, PubSubNoticeQueue
from autoscaler_gcp.notice_reader import PubSubNoticeReader
from autoscaler_gcp.notice_settings import GcpNotices
from autoscaler_standins.faults import Kind
from tests.providers.gcp.notice_stage import SPOT, NoticeStage, staged

PATIENCE = Duration(61_000)


@pytest.fixture
def stage() -> Iterator[NoticeStage]:
    with staged() as found:
        yield found


class TestSubscription(NoticesContract):
    @pytest.fixture
    def notices(self, stage: NoticeStage) -> Notices:
        nobody = replace(stage.settings, subscription="nobody")
        return Notices(
            reader=stage.reader,
            queue=stage.queue,
            tell=stage.tell,
            babble=lambda: stage.put("hello"),
            patience=lambda: stage.cloud.clock.skip(PATIENCE),
            nobody=PubSubNoticeReader(nobody, stage.site),
            nowhere=PubSubNoticeQueue(nobody, stage.site),
            throttle=lambda: stage.befall(Kind.REFUSE, "rateLimitExceeded", 429),
            deny=lambda: stage.befall(Kind.REFUSE, "forbidden", 403),
            lose_reply=lambda: stage.befall(Kind.CUT),
        )


def test_looking_asks_for_nothing_that_changes_anything(stage: NoticeStage) -> None:
    stage.reader.waiting(SOON)
    assert [one.operation for one in stage.served.calls] == ["pubsub.projects.subscriptions.get", "monitoring.projects.timeSeries.list"]
    assert stage.served.changed() == []


def test_a_depth_that_was_not_counted_yet_is_unknown_and_not_nought(stage: NoticeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage.cloud.pubsub, "counts", False)
    with pytest.raises(UnavailableError, match="how many wait is not known"):
        stage.reader.waiting(SOON)


def test_an_empty_subscription_costs_one_call_and_a_full_one_no_more_than_it_must(stage: NoticeStage) -> None:
    stage.queue.take(SOON)
    assert len(stage.served.calls) == 1
    for number in range(MOST + 1):
        stage.tell(f"machine-{number}")
    stage.served.reset()
    letters = stage.queue.take(SOON)
    assert (len(letters), len(stage.served.calls)) == (MOST + 1, 3)
    stage.queue.drop(letters)
    assert len(stage.served.calls) == 4


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("", id="nothing"),
        pytest.param("%%%", id="no base64"),
        pytest.param("/w==", id="no UTF-8"),
    ],
)
def test_a_message_that_cannot_be_read_is_given_to_be_dropped(stage: NoticeStage, data: str) -> None:
    stage.cloud.pubsub.put(SPOT, data)
    (letter,) = stage.queue.take(SOON)
    assert letter.notice is None
    stage.queue.drop((letter,))
    assert stage.reader.waiting(SOON) == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        pytest.param({"project": "Shop"}, "is no project", id="a project in capitals"),
        pytest.param({"subscription": "projects/p/subscriptions/s"}, "is no subscription's id", id="a whole name"),
        pytest.param({"url": "ftp://pubsub"}, "by http or https", id="another protocol"),
        pytest.param({"timeout": Duration(0)}, "without time", id="no time"),
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, object], told: str) -> None:
    from autoscaler.config.secrets import Url

    given = {"project": "shop-prod", "subscription": SPOT} | {key: Url(str(one)) if key == "url" else one for key, one in wrong.items()}
    with pytest.raises(PolicyError, match=told):
        GcpNotices(**given)  # type: ignore[arg-type]
