"""The calls that change a group. All answer with an operation, which we ask for ourselves."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

from autoscaler.model.refs import Token
from autoscaler_gcp.calls import write
from autoscaler_gcp.group_api import GroupApi, Time

if TYPE_CHECKING:
    from google.cloud import compute_v1

MOST_AT_ONCE = 1000
LONGEST_BASE = 40
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LETTERS = 10


class GroupChanges:
    """Of one group."""

    def __init__(self, api: GroupApi) -> None:
        self._api = api
        self._body = f"{'region_' if 'region' in api.address else ''}instance_group_managers"

    def create(self, names: Sequence[str], token: Token, time: Time) -> "compute_v1.Operation":
        """New members of these names, from the group's present template."""
        body = {"instances": [{"name": name} for name in names]}
        asked = {f"{self._body}_create_instances_request_resource": body, "request_id": request_id(token, "create", names)}
        client = self._api.clients.groups
        return write(lambda: client.create_instances_unary({**self._api.address, **asked}, retry=None, timeout=time.seconds()))

    def start(self, instances: Sequence[str], token: Token, time: Time) -> "compute_v1.Operation":
        """These members, which are stopped."""
        asked = {
            f"{self._body}_start_instances_request_resource": {"instances": list(instances)},
            "request_id": request_id(token, "start", instances),
        }
        client = self._api.clients.groups
        return write(lambda: client.start_instances_unary({**self._api.address, **asked}, retry=None, timeout=time.seconds()))

    def resume(self, instances: Sequence[str], token: Token, time: Time) -> "compute_v1.Operation":
        """These members, which are suspended."""
        asked = {
            f"{self._body}_resume_instances_request_resource": {"instances": list(instances)},
            "request_id": request_id(token, "resume", instances),
        }
        client = self._api.clients.groups
        return write(lambda: client.resume_instances_unary({**self._api.address, **asked}, retry=None, timeout=time.seconds()))

    def resize(self, size: int, token: Token, time: Time) -> "compute_v1.Operation":
        """To so many: the group starts those that stand by, and chooses which."""
        asked = {"size": size, "request_id": request_id(token, "resize", [str(size)])}
        client = self._api.clients.groups
        return write(lambda: client.resize_unary({**self._api.address, **asked}, retry=None, timeout=time.seconds()))

    def delete(self, instances: Sequence[str], token: Token, time: Time) -> "compute_v1.Operation":
        """These members, all by address or all by name. Who went meanwhile is skipped."""
        body = {"instances": list(instances), "skip_instances_on_validation_error": True}
        asked = {f"{self._body}_delete_instances_request_resource": body, "request_id": request_id(token, "delete", instances)}
        client = self._api.clients.groups
        return write(lambda: client.delete_instances_unary({**self._api.address, **asked}, retry=None, timeout=time.seconds()))


def names_of(base: str, token: Token, count: int) -> tuple[str, ...]:
    """The same for the same token: `shop-general-5k2v9q0x7m-0` and so on. They must not be longer than 63 characters."""
    number = int.from_bytes(sha256(token.encode()).digest()[:8])
    letters = "".join(ALPHABET[(number >> shift) & 31] for shift in range(0, 5 * LETTERS, 5))
    return tuple(f"{base[:LONGEST_BASE].rstrip('-')}-{letters}-{place}" for place in range(count))


def request_id(token: Token, verb: str, what: Sequence[str]) -> str:
    """A UUID, the same for the same: Google does nothing more for one that it knows."""
    found = sha256("\n".join((token, verb, *what)).encode()).hexdigest()
    return f"{found[:8]}-{found[8:12]}-4{found[13:16]}-8{found[17:20]}-{found[20:32]}"


def parts(whole: Sequence[str]) -> Iterator[list[str]]:
    """As many as one request may name."""
    left = iter(whole)
    while part := list(islice(left, MOST_AT_ONCE)):
        yield part
