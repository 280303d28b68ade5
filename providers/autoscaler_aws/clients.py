"""Makes boto3's clients, of which none outlives its credentials or waits longer than its caller may."""

import weakref
from collections.abc import Callable
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import Unknown
from autoscaler_aws.faults import KEYS_HINT, said
from autoscaler_aws.settings import AwsSettings
from autoscaler_sources.asking import AT_ONCE
from autoscaler_sources.moments import instant

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.config import Config
    from botocore.loaders import Loader
    from botocore.session import Session as CoreSession
    from types_boto3_sqs import SQSClient
    from types_boto3_sts.type_defs import AssumeRoleRequestTypeDef


class Closing(Protocol):
    """Every client of boto3."""

    def close(self) -> None:
        """Its connections end."""
        ...


Client = TypeVar("Client", bound=Closing)
Make = Callable[["Session", "Config", str | None], Client]
"""How a session makes one kind of client, at an address or at the region's own."""

CONNECT_S = 3.0
BEFORE_EXPIRY = Duration(5 * 60_000)
SHORTEST = Duration(50)


class Clients(Generic[Client]):
    """The clients of one service. One per timeout, for botocore fixes a client's timeouts when it makes it."""

    def __init__(self, settings: AwsSettings, runtime: Runtime, make: Make[Client]) -> None:
        self._settings = settings
        self._runtime = runtime
        self._make = make
        self._session: Session | None = None
        self._ends: Instant | None = None
        self._clients: dict[int, Client] = {}
        weakref.finalize(self, _close, self._clients)

    def within(self, left: Duration) -> Client:
        """A client whose calls end within `left`, for several threads to use; made by one. SetupError when we cannot sign in."""
        _require_boto3()
        url = self._settings.endpoint_url
        span = _rounded(self._settings.timeout, left)
        try:
            session = self._signed_in(_config(span))
            if span.ms not in self._clients:
                self._clients[span.ms] = self._make(session, _config(span), url.text if url else None)
        except Exception as error:
            found = said(error)
            raise SetupError(f"AWS: {found.detail}", hint=KEYS_HINT) if isinstance(found, Unknown) else found from error
        return self._clients[span.ms]

    def forget(self) -> None:
        """Sign in anew next time: our keys are not accepted, and may have been exchanged where they were found."""
        self._session = None
        _close(self._clients)

    def _signed_in(self, config: "Config") -> "Session":
        """The session, begun anew shortly before an assumed role's keys end."""
        over = self._ends is not None and self._runtime.now() > self._ends - BEFORE_EXPIRY.ms
        if over:
            self.forget()
        if self._session is None:
            own = _session(self._settings)
            self._session = self._assumed(own, config) if self._settings.role else own
        return self._session

    def _assumed(self, own: "Session", config: "Config") -> "Session":
        import boto3

        asked: AssumeRoleRequestTypeDef = {"RoleArn": self._settings.role, "RoleSessionName": "poolkeeper"}
        if self._settings.external_id:
            asked["ExternalId"] = self._settings.external_id
        # At the region's own STS, or AWS_ENDPOINT_URL_STS: `endpoint_url` is the service's.
        with closing(own.client("sts", config=config)) as sts:
            keys = sts.assume_role(**asked)["Credentials"]
        self._ends = instant(keys["Expiration"])
        return boto3.Session(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], self._settings.region, botocore_session=_core()
        )


def sqs_clients(settings: AwsSettings, runtime: Runtime) -> "Clients[SQSClient]":
    """Of queues."""
    return Clients(settings, runtime, lambda session, config, url: session.client("sqs", config=config, endpoint_url=url))


def _close(clients: dict[int, Client]) -> None:
    while clients:
        clients.popitem()[1].close()


def _require_boto3() -> None:
    try:
        import boto3  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise SetupError("boto3 is not installed", hint="pip install 'poolkeeper[aws]'") from error


def _session(settings: AwsSettings) -> "Session":
    import boto3

    return boto3.Session(region_name=settings.region, profile_name=settings.profile or None, botocore_session=_core())


def _core() -> "CoreSession":
    """A session for one Clients alone, but for what AWS's services look like: EC2's model takes half a second to read."""
    from botocore.session import Session as CoreSession

    core = CoreSession()
    core.register_component("data_loader", _models())
    return core


@cache
def _models() -> "Loader":
    from botocore.loaders import create_loader

    return create_loader()


def _rounded(timeout: Duration, left: Duration) -> Duration:
    """The timeout, halved until it fits: deadlines differ by milliseconds, and a client for each would be waste."""
    span = timeout.ms
    while span > max(left.ms, SHORTEST.ms):
        span //= 2
    return Duration(span)


def _config(span: Duration) -> "Config":
    from botocore.config import Config

    seconds = span.ms / 1000
    # One attempt: the engine retries, within its own deadline.
    return Config(
        connect_timeout=min(CONNECT_S, seconds),
        read_timeout=seconds,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=AT_ONCE,
    )
