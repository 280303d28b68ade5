"""Storage queues keep the promises of a queue of notices, at a stand-in that asks of each request what Azure's pages do."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler.testing.notices import SOON, Notices, NoticesContract
from autoscaler_azure.notice_queue import MOST, StorageNoticeQueue
from autoscaler_azure.notice_reader import StorageNoticeReader
from autoscaler_azure.notice_settings import AzureNotices
from autoscaler_standins.faults import Kind
from tests.providers.azure.notice_stage import SPOT, NoticeStage, staged

PATIENCE = Duration(61_000)


@pytest.fixture
def stage(no_proxy: None) -> Iterator[NoticeStage]:
    with staged() as found:
        yield found


class TestStorageQueue(NoticesContract):
    @pytest.fixture
    def notices(self, stage: NoticeStage) -> Notices:
        nobody = replace(stage.settings, queue=Url(stage.settings.queue.text.replace(SPOT, "nobody")))
        return Notices(
            reader=stage.reader,
            queue=stage.queue,
            tell=stage.tell,
            babble=lambda: stage.put("hello"),
            patience=lambda: stage.cloud.clock.skip(PATIENCE),
            nobody=StorageNoticeReader(nobody, stage.site),
            nowhere=StorageNoticeQueue(nobody, stage.site),
            throttle=lambda: stage.befall(Kind.REFUSE, "ServerBusy", 503),
            deny=lambda: stage.befall(Kind.REFUSE, "AuthorizationPermissionMismatch", 403),
            lose_reply=lambda: stage.befall(Kind.CUT),
        )


def test_looking_asks_for_nothing_that_changes_anything(stage: NoticeStage) -> None:
    stage.reader.waiting(SOON)
    assert ([one.operation for one in stage.served.calls], stage.served.changed()) == (["Queue.GetProperties"], [])


def test_an_empty_queue_costs_one_call_and_a_full_one_as_many_as_it_must(stage: NoticeStage) -> None:
    for count, calls in ((0, 1), (MOST - 1, 1), (MOST + 1, 2)):
        for number in range(count):
            stage.tell(f"machine-{number}")
        stage.served.reset()
        letters = stage.queue.take(SOON)
        assert (len(letters), len(stage.served.calls)) == (count, calls)
        stage.queue.drop(letters)


def test_what_is_no_notice_may_hold_anything(stage: NoticeStage) -> None:
    stage.put("</MessageText><PopReceipt>&")
    (letter,) = stage.queue.take(SOON)
    stage.queue.drop((letter,))
    assert (letter.notice, stage.reader.waiting(SOON)) == (None, 0)


def test_a_message_that_has_come_again_is_left_for_who_took_it_then(stage: NoticeStage) -> None:
    stage.tell("one")
    first = stage.queue.take(SOON)
    stage.cloud.clock.skip(PATIENCE)
    second = stage.queue.take(SOON)
    stage.queue.drop(first)
    assert stage.reader.waiting(SOON) == 1
    stage.queue.drop(second)
    assert stage.reader.waiting(SOON) == 0


@pytest.mark.parametrize(
    "queue",
    [
        pytest.param("https://shop.queue.core.windows.net", id="an account alone"),
        pytest.param("https://shop.queue.core.windows.net/shop?sig=secret", id="an address with a signature"),
        pytest.param("https://shop.queue.core.windows.net/Shop", id="capitals"),
        pytest.param("http://shop.queue.core.windows.net/shop", id="plain http to anywhere but this machine"),
    ],
)
def test_settings_that_cannot_be(queue: str) -> None:
    with pytest.raises(PolicyError, match="has an address of Azure's"):
        AzureNotices(queue=Url(queue))


@pytest.mark.parametrize("queue", ["https://shop.queue.core.windows.net/shop-spot", "https://shop.queue.core.chinacloudapi.cn/shop"])
def test_settings_that_can(queue: str) -> None:
    assert AzureNotices(queue=Url(queue)).queue.text == queue
