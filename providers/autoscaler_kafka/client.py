"""The client of one Kafka: how it connects, and what its failures mean."""

from collections import deque
from typing import TYPE_CHECKING, Protocol, TypeVar

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.reasons import Code
from autoscaler.model.samples import LONGEST, Unknown
from autoscaler_kafka.answers import refused
from autoscaler_kafka.settings import KafkaSettings
from autoscaler_sources.wording import unknown

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

CONNECT_MS = 3000
LEAST_S = 0.1
QUIET = 0
"""The client would write its log to stderr: what matters of it is in our reasons."""

HINT = "is it running, and reachable from here under the names its brokers give themselves? see `brokers` of the source"
Told_co = TypeVar("Told_co", covariant=True)
Heard = TypeVar("Heard")


class Promised(Protocol[Told_co]):
    """What the client answers with; its `result` raises when there is none."""

    def result(self, timeout: float) -> Told_co:
        """Wait for it, so many seconds."""
        ...


class Client:
    """Connects at the first question and keeps its connections."""

    def __init__(self, settings: KafkaSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._admin: AdminClient | None = None
        # Not a method of this object: the client would keep it, and so itself, for ever.
        self._complaints = deque[object](maxlen=1)

    def admin(self) -> "AdminClient":
        """The client itself, with the password as it is now, for new connections. SetupError says what is missing."""
        try:
            from confluent_kafka import KafkaException
            from confluent_kafka.admin import AdminClient
        except ImportError as error:
            raise SetupError("the Kafka client is not installed", hint="pip install 'poolkeeper[kafka]'") from error
        one = self._settings
        password = one.password.reveal() if one.password else ""
        if self._admin is None:
            try:
                self._admin = AdminClient(_told(one, password), error_cb=self._complaints.append)
            except (KafkaException, ValueError) as error:
                # Its words may repeat any setting: its kind is enough.
                raise SetupError(
                    f"the Kafka client refuses its settings ({type(error).__name__})", hint="see `ca` of the source"
                ) from error
        elif one.user:
            self._admin.set_sasl_credentials(one.user, password)
        return self._admin

    def left(self, ends: int) -> float:
        """Seconds until then, never none at all: the client takes zero for ever."""
        return max(LEAST_S, (ends - self._runtime.monotonic()) / 1000)

    def result(self, promised: Promised[Heard], ends: int) -> Heard | Unknown:
        """What was promised; Unknown with the brokers' reason, UnavailableError when no broker answers."""
        from confluent_kafka import KafkaException

        try:
            return promised.result(timeout=self.left(ends) + LEAST_S)
        except TimeoutError as error:
            raise self._unavailable("no answer in time") from error
        except KafkaException as error:
            said = error.args[0]
            if said.code() < 0:  # the client's own codes: nothing was heard from a broker
                raise self._unavailable(said.str()) from error
            return refused(said.name(), said.str())

    def part(self, promised: Promised[Heard], ends: int) -> Heard | Unknown:
        """As `result`, where the brokers have answered before: that one of them is silent now makes only its part unknown."""
        try:
            return self.result(promised, ends)
        except UnavailableError as error:
            return unknown(Code.UNAVAILABLE, str(error))

    def _unavailable(self, words: str) -> UnavailableError:
        if self._admin:
            self._admin.poll(0)  # what it has to complain of is told only when it is asked
        said = " ".join(f"{words} {' '.join(map(str, self._complaints))}".split())[:LONGEST]
        return UnavailableError(f"{', '.join(self._settings.brokers)[:LONGEST]} does not answer: {said}", hint=HINT)


def _told(settings: KafkaSettings, password: str) -> dict[str, str | int | float]:
    told: dict[str, str | int | float] = {
        "bootstrap.servers": ",".join(settings.brokers),
        "client.id": "poolkeeper",
        "security.protocol": settings.protocol,
        "socket.connection.setup.timeout.ms": CONNECT_MS,
        "log_level": QUIET,
    }
    if settings.user:
        told |= {"sasl.mechanisms": settings.mechanism, "sasl.username": settings.user, "sasl.password": password}
    if settings.ca:
        told["ssl.ca.location"] = settings.ca
    return told
