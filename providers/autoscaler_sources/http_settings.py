"""What addresses and bounds of every HTTP source must be."""

from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Memory

SCHEMES = ("http://", "https://")


def check_http(url: Url, timeout: Duration, max_answer: Memory, *, what: str, example: str) -> None:
    """PolicyError for an address that is not of HTTP or holds a query, and for bounds that leave no room."""
    if not url.text.startswith(SCHEMES) or "?" in url.text or "#" in url.text:
        raise PolicyError(f"{what} is reached by http or https, at a path", hint=f"write {example}")
    if not (timeout.ms and max_answer.bytes):
        raise PolicyError("a query without time or room has no answer", hint="write `timeout: 5s` and `max_answer: 1Mi`, or leave them out")
