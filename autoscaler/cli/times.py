"""Spans and instants as they are typed."""

from datetime import UTC, datetime

import click

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Instant


class Span(click.ParamType[Duration]):
    """`30s`, `2h`, `1d`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Duration:
        """A Duration, or wrong usage."""
        if isinstance(value, Duration):
            return value
        try:
            return Duration.parse(str(value))
        except PolicyError as error:
            self.fail(f"{error}; {error.hint}", param, ctx)


class Moment(click.ParamType[Instant | Duration]):
    """`2026-03-29T14:00`, in UTC unless it names its offset; or `2h`, that long ago."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Instant | Duration:
        """An Instant, a Duration before now, or wrong usage."""
        if isinstance(value, Duration | int):
            return value if isinstance(value, Duration) else Instant(value)
        try:
            return Duration.parse(str(value))
        except PolicyError:
            return self._instant(str(value), param, ctx)

    def _instant(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> Instant:
        try:
            at = datetime.fromisoformat(text)
            return Instant(int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000))
        except (ValueError, OverflowError):
            self.fail(f"{text[:40]!r} is no time; write 2026-03-29T14:00 (UTC), or 2h for two hours ago", param, ctx)


def instant(given: Instant | Duration | None, now: Instant) -> Instant:
    """What was typed, as an instant; now when nothing was."""
    if given is None:
        return now
    return Instant(now - given.ms) if isinstance(given, Duration) else given
