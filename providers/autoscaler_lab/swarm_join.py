"""Makes an engine the lab's manager, or a worker of it, and takes it out again."""

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import ProviderError
from autoscaler_lab import engine_api
from autoscaler_lab.layout import EnginePaths, LabSpec
from autoscaler_lab.waiting import wait_until

MANAGER = 1
"""The engine that manages the Swarm. It is no part of any pool."""
JOINED_MS = 60_000
FORGOTTEN_MS = 10_000


def manager(spec: LabSpec) -> EnginePaths:
    """The lab's manager."""
    return spec.engine(MANAGER)


def join(engine: EnginePaths, runtime: Runtime) -> str:
    """The node's id, once the manager calls it ready."""
    complaint = _ask_to_join(engine)
    if not wait_until(lambda: _ready(engine), runtime, JOINED_MS):
        raise complaint or ProviderError(f"{engine.name} is not ready in the Swarm after {JOINED_MS // 1000} s", hint=f"see {engine.log}")
    return engine_api.membership(engine.socket).node


def leave(engine: EnginePaths) -> None:
    """The worker leaves; ProviderError if its engine does not answer."""
    engine_api.leave_swarm(engine.socket)


def forget(engine: EnginePaths, runtime: Runtime) -> bool:
    """Takes all nodes of the engine's name off the manager's list; whether that came about."""
    return wait_until(lambda: _forgotten(engine), runtime, FORGOTTEN_MS)


def _ask_to_join(engine: EnginePaths) -> ProviderError | None:
    # An engine that complains may go on in the background: what counts is what the manager sees.
    first = manager(engine.lab)
    try:
        if engine == first:
            engine_api.init_swarm(engine.socket, engine.address)
        else:
            token = engine_api.worker_token(first.socket)
            engine_api.join_swarm(engine.socket, engine.address, first.address, token)
    except ProviderError as error:
        return error
    return None


def _ready(engine: EnginePaths) -> bool:
    try:
        own = engine_api.membership(engine.socket)
        known = engine_api.nodes(manager(engine.lab).socket) if own.active else []
    except ProviderError:
        return False
    return any(node.id == own.node and node.ready for node in known)


def _forgotten(engine: EnginePaths) -> bool:
    socket = manager(engine.lab).socket
    try:
        known = [node for node in engine_api.nodes(socket) if node.hostname == engine.name]
        for node in known:
            engine_api.forget_node(socket, node.id)
    except ProviderError:
        return False
    return not known
