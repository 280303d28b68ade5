"""What a status other than 200 means. Pure."""

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.wording import unknown

HTTP_OK = 200
FIRST_REDIRECT, FIRST_FAULT, FIRST_SERVER_FAULT = 300, 400, 500
BY_STATUS = {404: Code.NOT_FOUND, 429: Code.UNAVAILABLE}


def fault(status: int, words: str = "") -> Unknown:
    """The reason, with the source's own words where it gave some."""
    said = f"HTTP {status} {words}".strip()
    if FIRST_REDIRECT <= status < FIRST_FAULT:
        return unknown(Code.REFUSED, f"{said}: it redirects; name the address it redirects to")
    if status < FIRST_REDIRECT:
        return unknown(Code.MALFORMED, said)
    default = Code.UNAVAILABLE if status >= FIRST_SERVER_FAULT else Code.REFUSED
    return unknown(BY_STATUS.get(status, default), said)
