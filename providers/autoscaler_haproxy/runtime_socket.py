"""HAProxy's runtime socket: one connection, one order, one answer until it hangs up."""

import socket
from dataclasses import dataclass

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import AutoscalerError, OutcomeUnknownError, ProviderError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration

LARGEST = 16 * 2**20
AGAIN = "it is tried again at the next tick; is HAProxy running, with this `stats socket`?"
GRANT = "let our user read and write the socket, and give it `level admin`: stats socket PATH mode 660 group GROUP level admin"


@dataclass(frozen=True, slots=True)
class RuntimeSocket:
    """Where the orders go."""

    path: str
    runtime: Runtime

    def ask(self, order: str, deadline: Duration) -> str:
        """The answer to an order that changes nothing; UnavailableError if there is none in time."""
        return self._say(order, deadline, writing=False)

    def tell(self, order: str, deadline: Duration) -> str:
        """The answer to one that does; OutcomeUnknownError if it was sent and there is none."""
        return self._say(order, deadline, writing=True)

    def _say(self, order: str, deadline: Duration, *, writing: bool) -> str:
        ends = self.runtime.monotonic() + deadline.ms
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            try:
                door.settimeout(max(1, deadline.ms) / 1000)
                door.connect(self.path)
            except OSError as error:
                raise _closed(self.path, error) from error
            try:
                door.sendall(f"{order}\n".encode())
                answer = self._hear(door, ends)
            except OSError as error:
                raise _unheard(order, error, writing=writing) from error
        if not answer:
            raise _unheard(order, ConnectionResetError("it hung up"), writing=writing)
        return _granted(answer.decode(errors="replace").strip(), order)

    def _hear(self, door: socket.socket, ends: int) -> bytes:
        heard = bytearray()
        while len(heard) <= LARGEST:
            left = ends - self.runtime.monotonic()
            if left <= 0:
                raise TimeoutError("no time left to listen")
            door.settimeout(left / 1000)
            more = door.recv(65536)
            if not more:
                return bytes(heard)
            heard += more
        raise OSError(f"more than {LARGEST} bytes")


def _closed(path: str, error: OSError) -> AutoscalerError:
    if isinstance(error, PermissionError):
        return SetupError(f"no permission to open {path}", hint=GRANT)
    return UnavailableError(f"no HAProxy answers at {path} ({type(error).__name__})", hint=AGAIN)


def _unheard(order: str, error: OSError, *, writing: bool) -> ProviderError:
    if writing:
        return OutcomeUnknownError(f"{order}: sent, and no answer came ({error})", hint="it is read back before anything else")
    return UnavailableError(f"{order}: no answer ({error})", hint=AGAIN)


def _granted(answer: str, order: str) -> str:
    if answer.startswith("Permission denied"):
        raise SetupError(f"HAProxy does not let us: {order}", hint=GRANT)
    return answer
