"""Reads counts, all of them in one round trip."""

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_redis.answers import behind, value
from autoscaler_redis.commands import Command, command
from autoscaler_redis.server import Server
from autoscaler_redis.settings import RedisSettings
from autoscaler_sources.asking import ask_each
from autoscaler_sources.freshness import fresh

ROLE = (b"ROLE",)
Replies = dict[Command, object]
"""What was replied to each command."""


class RedisReader:
    """One Redis server."""

    def __init__(self, settings: RedisSettings, site: Site) -> None:
        self._site = site
        self._server = Server(settings, site.runtime)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """Each distinct command is sent once; whether this is a replica that lost its primary is asked beside them."""
        meant = {query.text: command(query.text) for query in queries}
        commands = tuple(dict.fromkeys(found for found in meant.values() if isinstance(found, Command)))
        began = self._site.runtime.now()
        replies = self._replies(commands, deadline) if commands else {}
        now = Instant((began + self._site.runtime.now()) // 2)
        return tuple(_reading(query, meant[query.text], replies, now) for query in queries)

    def _replies(self, commands: tuple[Command, ...], deadline: Duration) -> Replies | Unknown:
        sent = (ROLE, *(each.sent for each in commands))
        replies = ask_each(self._site, [sent], deadline, self._server.ask)[sent]
        if isinstance(replies, Unknown):
            return replies
        role, *rest = replies
        return behind(role) or dict(zip(commands, rest, strict=True))


def _reading(query: MetricQuery, meant: Command | Unknown, replies: Replies | Unknown, now: Instant) -> Reading:
    if isinstance(meant, Unknown):
        return meant
    if isinstance(replies, Unknown):
        return replies
    found = value(meant, replies[meant])
    return found if isinstance(found, Unknown) else fresh(found, clock=None, now=now, stale_after=query.stale_after)
