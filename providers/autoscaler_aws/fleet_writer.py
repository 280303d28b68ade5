"""Grows a pool without a group by CreateFleet (instant), which takes a token and says at once what it could not have; shrinks it by id.

EC2 lists a new machine some seconds after it was launched, and nothing else counts it. So a launch is over once its machines are listed; if
that takes too long nobody knows, and a repeat with the token launches nothing more and waits again. Nothing is remembered here for it.
"""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.errors import (
    AutoscalerError,
    ConflictError,
    NoCapacityError,
    OutcomeUnknownError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import InstanceRef, OfferingName, Token
from autoscaler_aws.calls import DENIED, LATER, begun, write
from autoscaler_aws.ec2_reads import ALIVE, EVERY, machines
from autoscaler_aws.faults import BUSY, LONGEST
from autoscaler_aws.fleet_requests import choice, first_choice, request
from autoscaler_aws.fleet_settings import Fleet
from autoscaler_aws.fleets import counted, filters_of, state_of, tags_of, token_of
from autoscaler_aws.groups import ref_of
from autoscaler_aws.pool_clients import PoolClients
from autoscaler_aws.settings import AwsPool

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import CreateFleetErrorTypeDef, CreateFleetRequestTypeDef


MOST_AT_ONCE = 100
"""Machines in one call, which lasts until all of them are ordered."""

WITHIN = Duration(8000)
"""For all of one growth: less than the engine waits for a call."""

PAUSE = Duration(500)
"""Between two looks at whether new machines are listed."""

QUOTA = ("VcpuLimitExceeded", "MaxSpotInstanceCountExceeded", "InstanceLimitExceeded", "MaxFleetCountExceeded")
NO_ROOM = (
    *QUOTA,
    "InsufficientInstanceCapacity",
    "InsufficientFreeAddressesInSubnet",
    "UnfulfillableCapacity",
    "Unsupported",
    "SpotMaxPriceTooLow",
)
"""Of a type in a zone, while another may be had."""


class FleetWriter:
    """One pool."""

    def __init__(self, settings: AwsPool, fleet: Fleet, site: Site) -> None:
        self._settings = settings
        self._fleet = fleet
        self._site = site
        self._filters = filters_of(site.cluster, site.name)
        self._clients = PoolClients(settings, site.runtime)

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        """Of that offering, else of any in the first market; a call for each hundred. What a try with this token launched is its own."""
        ends = self._site.runtime.monotonic() + WITHIN.ms
        with self._clients.ec2(self._settings.timeout) as ec2:
            here = machines(ec2, self._filters, ALIVE)
            others = counted(one for one in here if token_of(one) != token)
            if not _to_grow(others, counted(here), seen, wanted):
                return
            got, errors = self._launch(ec2, wanted - seen, token, offering)
            self._await(ec2, got, ends)
        if len(got) < wanted - seen:
            raise _lacking(len(got), wanted - seen, errors)

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        """All in one call, of those that have this pool's tags and do not end already."""
        del token  # exact ids: giving them back twice is giving them back once
        with self._clients.ec2(self._settings.timeout) as ec2:
            here = machines(ec2, self._filters, ALIVE)
            ids = sorted(one["InstanceId"] for one in here if ref_of(one["InstanceId"]) in gone and state_of(one) != "shutting-down")
            if ids:
                write(lambda: ec2.terminate_instances(InstanceIds=ids))

    def _launch(
        self, ec2: "EC2Client", count: int, token: Token, offering: OfferingName | None
    ) -> "tuple[set[str], list[CreateFleetErrorTypeDef]]":
        """The ids that came, until a call brings fewer than it was asked for; with that one's errors."""
        market, overrides = choice(self._fleet, offering) if offering else first_choice(self._fleet)
        tags = tags_of(self._site.cluster, self._site.name, token)
        got: set[str] = set()
        errors: list[CreateFleetErrorTypeDef] = []
        for number, start in enumerate(range(0, count, MOST_AT_ONCE)):
            some = min(MOST_AT_ONCE, count - start)
            asked: CreateFleetRequestTypeDef = {
                **request(self._fleet, some, market, overrides, tags),
                "ClientToken": f"{token}-{number}",
            }
            with begun(sent=number > 0):
                answer = write(partial(ec2.create_fleet, **asked))
            errors = answer["Errors"]
            got.update(name for one in answer["Instances"] for name in one.get("InstanceIds", []))
            if len(got) < start + some:
                break
        return got, errors

    def _await(self, ec2: "EC2Client", got: set[str], ends: int) -> None:
        """Until all of them are listed, in whatever state."""
        runtime = self._site.runtime
        while True:
            with begun(sent=True):
                late = got - {one["InstanceId"] for one in machines(ec2, self._filters, EVERY)}
            if not late:
                return
            if runtime.monotonic() + PAUSE.ms > ends:
                raise OutcomeUnknownError(f"{len(late)} of {len(got)} that were launched are not listed yet", hint=LATER)
            runtime.sleep(PAUSE)


def _to_grow(others: int, here: int, seen: int, wanted: int) -> bool:
    """Whether there is anything to launch. `others`: machines of other requests; `here`: all that there are."""
    if here == wanted and seen < wanted:
        return False
    if others != seen or wanted <= seen:
        raise ConflictError(f"the pool has {here} machines, not {seen}", hint="read it again and decide again")
    return True


def _lacking(got: int, count: int, errors: "Iterable[CreateFleetErrorTypeDef]") -> AutoscalerError:
    """Why fewer came. What is refused altogether is somebody's to mend, but not where others came."""
    codes = {one.get("ErrorCode", "?"): one for one in errors}
    words = f"{got} of {count} launched: {', '.join(_words(one) for one in codes.values()) or 'no reason told'}"[:LONGEST]
    if got or not codes or any(code in NO_ROOM for code in codes):
        quota = any(code in QUOTA for code in codes)
        return NoCapacityError(words, hint="raise the account's quota" if quota else "another zone or instance type may do, or wait")
    if all(code.startswith(BUSY) for code in codes):
        return UnavailableError(words, hint=LATER)
    said = next(iter(codes.values())).get("ErrorMessage", "")
    denied = any(code.startswith(DENIED) for code in codes)
    hint = "grant what it names to the role this process runs under" if denied else "see the fleet's launch template, types and subnets"
    return SetupError(f"{words}: {said}"[:LONGEST], hint=hint)


def _words(error: "CreateFleetErrorTypeDef") -> str:
    asked = error.get("LaunchTemplateAndOverrides", {}).get("Overrides", {})
    return f"{error.get('ErrorCode', '?')} for {asked.get('InstanceType', '?')} in {asked.get('SubnetId', '?')}"
