"""From one reply to a value, or to the reason there is none. Pure."""

from dataclasses import dataclass

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_redis.commands import LONGEST_NUMBER, Command
from autoscaler_sources.numbers import Value, count
from autoscaler_sources.wording import unknown

NO_SUCH_KEY = "no such key"
BY_WORD = {
    "WRONGTYPE": Code.MALFORMED,
    "BUSY": Code.UNAVAILABLE,
    "MASTERDOWN": Code.UNAVAILABLE,
    "CLUSTERDOWN": Code.UNAVAILABLE,
    "TRYAGAIN": Code.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error reply, in the server's words: `WRONGTYPE Operation against …`."""

    words: str


def value(command: Command, reply: object) -> Value | Unknown:
    """The one value a reply means."""
    match reply:
        case Refusal():
            return refused(reply)
        case int() if not isinstance(reply, bool) and not command.group:
            return _value(str(reply))
        case bytes() if command.what == "number":
            return _written(reply)
        case list() if command.group:
            return _of_group(command, reply)
        case _:
            return Unknown(Code.MALFORMED, "the reply is of another kind; is this a Redis?")


def refused(reply: Refusal) -> Unknown:
    """Why an error reply gives no value."""
    if NO_SUCH_KEY in reply.words:
        return Unknown(Code.MISSING, "there is no stream of that name")
    return unknown(BY_WORD.get(reply.words.partition(" ")[0], Code.REFUSED), reply.words)


def behind(reply: object) -> Unknown | None:
    """The reply to ROLE says that this is a replica which no longer follows its primary: what it holds may be old."""
    match reply:
        case [b"slave", _, _, bytes(state), *_] if state != b"connected":
            return unknown(Code.STALE, f"this replica's link to its primary is in state {state.decode(errors='replace')[:20]!r}")
        case _:
            return None


def _value(text: str) -> Value | Unknown:
    milli = count(text)
    return milli if isinstance(milli, Unknown) else Value(milli)


def _written(reply: bytes) -> Value | Unknown:
    if not reply:
        return Unknown(Code.MISSING, "there is no such key, or it is empty")
    if len(reply) > LONGEST_NUMBER:
        return Unknown(Code.TOO_LARGE, f"the key holds more than the {LONGEST_NUMBER} bytes of a number")
    return _value(reply.decode(errors="replace"))


def _of_group(command: Command, reply: list[object]) -> Value | Unknown:
    groups = [_fields(each) for each in reply if isinstance(each, list)]
    mine = [group for group in groups if group.get(b"name") == command.group]
    if not mine:
        return Unknown(Code.MISSING, "the stream has no consumer group of that name")
    if len(mine) > 1:
        return Unknown(Code.CONTRADICTORY, "the stream has two consumer groups of that name")
    pending, lag = mine[0].get(b"pending"), mine[0].get(b"lag")
    match command.what:
        case "stream-pending":
            return _sum(pending)
        case "stream-lag":
            return _sum(lag)
        case _:
            return _sum(pending, lag)


def _fields(group: list[object]) -> dict[object, object]:
    """A flat list of names and values; a name of another kind names nothing we ask for."""
    return {name: found for name, found in zip(group[::2], group[1::2], strict=False) if isinstance(name, bytes)}


def _sum(*parts: object) -> Value | Unknown:
    numbers = [part for part in parts if isinstance(part, int)]
    if len(numbers) < len(parts):
        return Unknown(Code.MISSING, "this Redis cannot tell the group's lag (before 7.0, or entries were deleted); ask for stream-pending")
    if any(part < 0 for part in numbers):
        return Unknown(Code.NOT_A_NUMBER, f"{min(numbers)} is below zero; a count never is")
    return _value(str(sum(numbers)))
