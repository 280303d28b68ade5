"""An engine's failures in our words: the one place where Docker's and the transport's errors are told apart."""

import re
from collections.abc import Iterator

from autoscaler.errors import (
    AutoscalerError,
    ConflictError,
    NotFoundError,
    OutcomeUnknownError,
    ProviderError,
    SetupError,
    UnavailableError,
)

LONGEST = 200
AGAIN = "it is tried again at the next tick; does `docker -H ENDPOINT version` answer?"
READ_BACK = "the change may have been made: it is read back before anything else"
GRANT = "run as a user in the socket's group (`docker`), or as root"
NOT_SENT = (FileNotFoundError, ConnectionRefusedError)
FORBIDDEN = frozenset({401, 403})
NOT_FOUND = 404
CONFLICT = 409
THROTTLED = 429
NOT_READY = 503
FIRST_SERVER_FAULT = 500

# Swarm keeps its version conflicts and its lost leaders apart from others only by these words.
OUT_OF_SEQUENCE = re.compile("update out of sequence")
NO_MANAGER = re.compile("not a swarm manager|not part of a swarm")
NO_LEADER = re.compile("does not have a leader|no elected leader")
NOT_DOWN = re.compile("is not down and can't be removed|is a cluster manager and is a member")


def from_transport(error: Exception, what: str, *, writing: bool) -> AutoscalerError:
    """What became of a request that got no answer. `writing`: it may have changed something."""
    causes = tuple(_causes(error))
    if any(isinstance(cause, PermissionError) for cause in causes):
        return SetupError(f"{what}: no permission to speak to the engine", hint=GRANT)
    if not writing or _unsent(causes):
        return UnavailableError(f"{what}: the engine does not answer ({_name(causes)})", hint=AGAIN)
    return OutcomeUnknownError(f"{what}: sent, and no reply came ({_name(causes)})", hint=READ_BACK)


def from_status(status: int, said: str, what: str, *, writing: bool) -> AutoscalerError:
    """What an answer with an error status means. `said`: the engine's own words."""
    problem = f"{what}: {said[:LONGEST].strip() or status}"
    if status == CONFLICT or OUT_OF_SEQUENCE.search(said) or NOT_DOWN.search(said):
        return ConflictError(problem, hint="it is read again, and decided anew")
    if NO_MANAGER.search(said):
        return NotFoundError(problem, hint="name a manager of the Swarm as `endpoint`, or make one with `docker swarm init`")
    if status == NOT_FOUND:
        return NotFoundError(problem, hint="it may have been removed: see `docker service ls` and `docker node ls`")
    if status in FORBIDDEN:
        return SetupError(problem, hint="grant our user this call at the engine or the proxy before it")
    return _failed(status, said, problem, writing=writing)


def _failed(status: int, said: str, problem: str, *, writing: bool) -> AutoscalerError:
    if status == THROTTLED or (status == NOT_READY and NO_LEADER.search(said)):
        return UnavailableError(problem, hint=AGAIN)
    if status < FIRST_SERVER_FAULT:
        return ProviderError(problem, hint="the engine refuses it as it is: see its log")
    if writing:
        return OutcomeUnknownError(problem, hint=READ_BACK)
    return UnavailableError(problem, hint=AGAIN)


def _unsent(causes: tuple[BaseException, ...]) -> bool:
    # docker-py's own Unix adapter reports a socket that is gone as an aborted connection; only the cause tells that nothing was sent.
    return any(isinstance(cause, NOT_SENT) or type(cause).__name__ in {"ConnectTimeout", "NewConnectionError"} for cause in causes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    yield from seen


def _name(causes: tuple[BaseException, ...]) -> str:
    return type(causes[-1]).__name__
