"""What an API's answer says as a whole: its JSON, or why there is none. Pure."""

import json

from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown

LONGEST = 200
OK, UNAUTHORIZED, NOT_FOUND, TOO_MANY = 200, 401, 404, 429
FIRST_REDIRECT, FIRST_FAULT, FIRST_SERVER_FAULT = 300, 400, 500

Json = dict[str, object]


def understood_body(status: int, body: bytes) -> Json | Unknown:
    """The object a good answer is. UnavailableError: busy or broken. SetupError: our token is not accepted. Both concern every question."""
    found = _object(body)
    words = f"HTTP {status} {_error(found)}".strip()[:LONGEST]
    if status == TOO_MANY or status >= FIRST_SERVER_FAULT:
        raise UnavailableError(words, hint="nothing to do: it is asked again later")
    if status == UNAUTHORIZED:
        raise SetupError(words, hint="see who this process signs in as, and whether its sign-in was revoked")
    if status >= FIRST_FAULT:
        return Unknown(Code.NOT_FOUND if status == NOT_FOUND else Code.REFUSED, words)
    if status >= FIRST_REDIRECT:
        return Unknown(Code.REFUSED, f"{words}: it redirects; name the address it redirects to")
    if status != OK or found is None:
        return Unknown(Code.MALFORMED, f"{words}: the answer is no JSON object")
    return found


def _object(body: bytes) -> Json | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _error(answer: Json | None) -> str:
    """The words of `{"error": {"code": …, "status": …, "message": …}}`, as Google and Azure write errors."""
    error = answer.get("error") if answer else None
    if not isinstance(error, dict):
        return ""
    return ": ".join(one for one in (error.get("status") or error.get("code"), error.get("message")) if isinstance(one, str))
