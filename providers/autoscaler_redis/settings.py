"""What a policy file says of a Redis: `sources: {jobs: {redis: {url: "redis://redis:6379/0", password: "${file:…}"}}}`."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from autoscaler.config.secrets import Secret, Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration

SCHEMES = {"redis": False, "rediss": True}
"""Whether it is TLS."""

USUAL_PORT = 6379
DATABASE = re.compile(r"/?|/[0-9]{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """`url`: `redis://` or, with TLS, `rediss://`; a user's name may stand in it. `timeout`: of all queries of one tick together."""

    url: Url
    password: Secret | None = None
    timeout: Duration = Duration(5000)

    def __post_init__(self) -> None:
        found = urlsplit(self.url.text)
        if found.scheme not in SCHEMES or not found.hostname or found.query or found.fragment or not DATABASE.fullmatch(found.path):
            raise PolicyError("this is no address of a Redis", hint="write redis://redis:6379/0, or rediss:// for TLS")
        if not self.timeout.ms:
            raise PolicyError("a query without time has no answer", hint="write `timeout: 5s`, or leave it out")

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return SCHEMES[urlsplit(self.url.text).scheme]

    @property
    def host(self) -> str:
        """Who is asked."""
        return urlsplit(self.url.text).hostname or ""

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.url.text).port or USUAL_PORT

    @property
    def user(self) -> str | None:
        """Who asks; None for the server's default user."""
        name = urlsplit(self.url.text).username
        return unquote(name) if name else None

    @property
    def database(self) -> int:
        """Its number."""
        return int(urlsplit(self.url.text).path.strip("/") or 0)
