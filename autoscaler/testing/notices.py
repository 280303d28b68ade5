"""Promises of a queue of notices: `NoticeReader` and `NoticeQueue`."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from autoscaler.contracts.notice_queue import NoticeQueue
from autoscaler.contracts.notice_reader import NoticeReader
from autoscaler.errors import NotFoundError, SetupError, UnavailableError
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration

SOON = Duration(10_000)


@dataclass(frozen=True, kw_only=True)
class Notices:
    """What the fixture gives: a queue that is empty.

    `tell`: a notice of this instance comes. `babble`: something comes that is no notice. `patience`: so long that what was taken and not
    dropped waits again. `nobody`, `nowhere` read a queue that does not exist. The rest is for the next call that takes or drops: it is
    refused since it comes too often, or since we may not; what it does is done and no reply comes, None where a test cannot do that.
    """

    reader: NoticeReader
    queue: NoticeQueue
    tell: Callable[[str], None]
    babble: Callable[[], None]
    patience: Callable[[], None]
    nobody: NoticeReader
    nowhere: NoticeQueue
    throttle: Callable[[], None]
    deny: Callable[[], None]
    lose_reply: Callable[[], None] | None = None

    def take(self) -> list[str]:
        """Whose notices come; nothing stands for what is none."""
        return named(self.queue.take(SOON))


def able(hook: Callable[[], None] | None) -> Callable[[], None]:
    """The hook; a test whose fixture has none is skipped."""
    if hook is None:
        pytest.skip("the fixture cannot do that to this queue")
    return hook


def named(letters: tuple[Letter, ...]) -> list[str]:
    """By instance."""
    return sorted(one.notice.instance if one.notice else "" for one in letters)


class NoticesContract:
    """Give a fixture `notices` of `Notices`."""

    def test_what_is_told_is_taken_with_its_end(self, notices: Notices) -> None:
        notices.tell("one")
        notices.tell("two")
        letters = notices.queue.take(SOON)
        assert named(letters) == ["one", "two"]
        assert all(one.notice and one.notice.ends_at > one.notice.at and one.notice.why for one in letters)

    def test_what_is_taken_is_hidden_and_comes_again_unless_it_is_dropped(self, notices: Notices) -> None:
        notices.tell("one")
        assert (notices.take(), notices.take()) == (["one"], [])
        notices.patience()
        assert notices.take() == ["one"]

    def test_what_is_dropped_is_gone_and_to_drop_it_again_is_harmless(self, notices: Notices) -> None:
        notices.tell("one")
        letters = notices.queue.take(SOON)
        for _ in range(2):
            notices.queue.drop(letters)
        notices.patience()
        assert notices.take() == []

    def test_an_empty_queue_gives_nothing_and_nothing_is_dropped(self, notices: Notices) -> None:
        assert notices.take() == []
        notices.queue.drop(())

    def test_what_is_no_notice_is_given_once_to_be_dropped(self, notices: Notices) -> None:
        notices.babble()
        notices.tell("one")
        letters = notices.queue.take(SOON)
        assert named(letters) == ["", "one"]
        notices.queue.drop(letters)
        notices.patience()
        assert notices.take() == []

    def test_many_are_taken_at_once(self, notices: Notices) -> None:
        told = [f"machine-{number:02}" for number in range(45)]
        for one in told:
            notices.tell(one)
        letters = notices.queue.take(SOON)
        assert named(letters) == told
        notices.queue.drop(letters)
        notices.patience()
        assert notices.take() == []

    def test_looking_counts_them_and_takes_none(self, notices: Notices) -> None:
        notices.tell("one")
        notices.tell("two")
        assert (notices.reader.waiting(SOON), notices.reader.waiting(SOON)) == (2, 2)
        assert notices.take() == ["one", "two"]

    def test_a_queue_that_is_not_there_is_not_an_empty_one(self, notices: Notices) -> None:
        with pytest.raises(NotFoundError):
            notices.nobody.waiting(SOON)
        with pytest.raises(NotFoundError):
            notices.nowhere.take(SOON)

    def test_too_often_is_unavailable_and_loses_nothing(self, notices: Notices) -> None:
        notices.tell("one")
        notices.throttle()
        with pytest.raises(UnavailableError):
            notices.queue.take(SOON)
        assert notices.take() == ["one"]

    def test_not_allowed_says_so(self, notices: Notices) -> None:
        notices.deny()
        with pytest.raises(SetupError):
            notices.queue.take(SOON)

    def test_a_reply_that_is_lost_loses_no_notice(self, notices: Notices) -> None:
        notices.tell("one")
        able(notices.lose_reply)()
        with pytest.raises(UnavailableError):
            notices.queue.take(SOON)
        notices.patience()
        assert notices.take() == ["one"]

    def test_a_drop_whose_reply_is_lost_is_made_good_by_another(self, notices: Notices) -> None:
        notices.tell("one")
        letters = notices.queue.take(SOON)
        able(notices.lose_reply)()
        with pytest.raises(UnavailableError):
            notices.queue.drop(letters)
        notices.queue.drop(letters)
        notices.patience()
        assert notices.take() == []
