"""What a policy file says of Google Cloud: `sources: {gcm: {cloud_monitoring: {project: shop-prod}}}`, and `pubsub` alike."""

import re
from dataclasses import dataclass

from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Memory

PROJECT = re.compile(r"([a-z0-9.-]{1,60}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]{6,20}")
MONITORING = Url("https://monitoring.googleapis.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpSettings:
    """`project`: whose metrics are read, by id or number; of a metrics scope, the scoping project.

    Who we are is found as every Google client does (application default credentials), never in the policy file.
    `url`: where Cloud Monitoring is reached. `timeout`: of one call. `max_answer`: larger answers are unknown.
    """

    project: str
    url: Url = MONITORING
    timeout: Duration = Duration(5000)
    max_answer: Memory = Memory(2**20)

    def __post_init__(self) -> None:
        if not PROJECT.fullmatch(self.project):
            raise PolicyError(f"{self.project[:40]!r} is no project", hint="write its id, as shop-prod, or its number")
        if not self.url.text.startswith(("http://", "https://")) or "?" in self.url.text or "#" in self.url.text:
            raise PolicyError("Cloud Monitoring is reached by http or https", hint=f"write {MONITORING}, or leave it out")
        if not (self.timeout.ms and self.max_answer.bytes):
            raise PolicyError(
                "a call without time or room has no answer", hint="write `timeout: 5s` and `max_answer: 1Mi`, or leave them out"
            )
