"""What a policy file says of a JSON API: `sources: {shop: {http_json: {url: "http://shop:8080", token: "${file:…}"}}}`."""

import re
from dataclasses import dataclass

from autoscaler.config.secrets import Secret, Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Memory
from autoscaler_sources.credentials import basic, bearer, check_user, keyed
from autoscaler_sources.http_settings import check_http

HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
OURS = frozenset({"host", "accept", "accept-encoding", "connection", "content-length", "transfer-encoding"})
"""Headers that are no place for a token: they say how the answer comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpJsonSettings:
    """`url`: where the paths of queries begin. `timeout`, `max_answer`: of one path.

    `token`: sent as a bearer token, or alone in `token_header`; or instead of it `user` and `password`.
    """

    url: Url
    token: Secret | None = None
    token_header: str = ""
    user: str = ""
    password: Secret | None = None
    timeout: Duration = Duration(5000)
    max_answer: Memory = Memory(2**20)

    def __post_init__(self) -> None:
        check_http(self.url, self.timeout, self.max_answer, what="a JSON API", example="http://shop:8080/stats")
        if self.token_header and (not self.token or not HEADER.fullmatch(self.token_header) or self.token_header.lower() in OURS):
            raise PolicyError("a token cannot be sent so", hint="write `token_header: X-Api-Key`, and `token:` beside it")
        if bool(self.user) != bool(self.password) or (self.user and self.token):
            raise PolicyError("it is not clear who asks", hint="write `token:`, or `user:` and `password:`, or none of them")
        if self.user:
            check_user(self.user)

    def headers(self) -> dict[str, str]:
        """What lets us in, read anew."""
        if self.password:
            return basic(self.user, self.password)
        return keyed(self.token_header, self.token) if self.token and self.token_header else bearer(self.token)
