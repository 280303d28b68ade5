"""What a policy file says of a Kafka: `sources: {events: {kafka: {brokers: ["kafka:9092"]}}}`."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from autoscaler.config.markers import Least
from autoscaler.config.secrets import Secret
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration

BROKER = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """`brokers`: any of them; the others are learnt from it. `timeout`: of all queries of one tick together.

    `tls`: encrypted, the brokers checked by the system's authorities or by those of the file `ca`. `user` and `password`: SASL.
    """

    brokers: Annotated[tuple[str, ...], Least(1)]
    tls: bool = False
    ca: str = ""
    user: str = ""
    password: Secret | None = None
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    timeout: Duration = Duration(5000)

    def __post_init__(self) -> None:
        for each in self.brokers:
            if not BROKER.fullmatch(each):
                raise PolicyError(f"{each[:40]!r} is no address of a broker", hint="write a host and a port, as in kafka:9092")
        if self.ca and not (self.tls and self.ca.startswith("/")):
            raise PolicyError(
                "authorities are a file that TLS needs", hint="write `tls: true`, and the whole path, as in /etc/ssl/kafka.pem"
            )
        if bool(self.user) != bool(self.password):
            raise PolicyError("a name and a password go together", hint="write `user:` and `password:`, or none of them")
        if not self.timeout.ms:
            raise PolicyError("a query without time has no answer", hint="write `timeout: 5s`, or leave it out")

    @property
    def protocol(self) -> str:
        """What the client calls it."""
        return ("SASL_" if self.user else "") + ("SSL" if self.tls else "PLAINTEXT")
