"""Asks a source several questions within one deadline, a few at a time."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Call
from autoscaler.errors import AutoscalerError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown

Question = TypeVar("Question")
Answer = TypeVar("Answer")

AT_ONCE = 8
"""Questions in flight: hundreds end within a tick's deadline, and no server feels eight."""

MARGIN = Duration(100)
"""A question ends that much before its deadline, so that its own reason is told."""


def ask_each(
    site: Site,
    questions: Iterable[Question],
    deadline: Duration,
    ask: Callable[[Question, Duration], Answer],
    *,
    at_once: int = AT_ONCE,
) -> dict[Question, Answer | Unknown]:
    """Each distinct question's answer. `ask` is told how long it may take.

    Once a question is not answered at all, no more are asked and those left are unknown; without any answer its error is raised.
    """
    clock = site.runtime.monotonic
    ends, left = clock() + deadline.ms, list(dict.fromkeys(questions))
    found: dict[Question, Answer | Unknown] = dict.fromkeys(
        left, Unknown(Code.UNAVAILABLE, "the source stopped answering before this query")
    )
    answered, broken = 0, None
    while left and not broken:
        batch, left = left[:at_once], left[at_once:]
        for question, answer in zip(batch, _ask_all(site, batch, Duration(ends - clock()), ask), strict=True):
            if isinstance(answer, AutoscalerError):
                broken = broken or answer
            else:
                found[question], answered = answer, answered + 1
    if broken and not (answered and isinstance(broken, UnavailableError)):
        raise broken
    return found


def _ask_all(
    site: Site, batch: list[Question], left: Duration, ask: Callable[[Question, Duration], Answer]
) -> list[Answer | Unknown | AutoscalerError]:
    within = Duration(left.ms - MARGIN.ms)
    if within.ms <= 0:
        return [Unknown(Code.LATE, "no time was left to ask") for _ in batch]
    return site.runtime.gather([Call(site.name, partial(ask, question, within)) for question in batch], left)
