"""Looks at what a pool at Azure rests on: who we are, our clock, permissions, quotas, and what Azure does behind us. Reads only."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from autoscaler.contracts.inspection import Finding
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler_azure.behind import Json, allowed, of_autoscale, of_set, of_standby, under, usages_of
from autoscaler_azure.settings import AzurePool
from autoscaler_azure.sign_in import SignIn
from autoscaler_azure.standby import VERSION, path_of
from autoscaler_clouds.findings import Findings
from autoscaler_clouds.permissions import ANYONE, Row, table
from autoscaler_clouds.rest import Rest

ROWS = "autoscaler_azure"
COMPUTE_VERSION, AUTOSCALE_VERSION, PERMISSIONS_VERSION = "2026-04-01", "2022-10-01", "2022-04-01"
OURS = frozenset({"AutoscaleSettings.ListBySubscription", "Permissions.ListForResource", "Permissions.ListForResourceGroup", "Usage.List"})
"""Calls of ours here: no pool needs them."""

OF_OTHERS = ("LoadBalancer", "ApplicationGateway", "NetworkOperationResults.", "Queue.", "Message")
"""What calls of balancers and of queues begin with: no pool needs them either."""

UNKNOWN = frozenset({"networks", "identities"})
"""Objects that the set does not tell of as a whole."""

WHO = ("upn", "appid", "azp", "oid")
"""Claims that tell who a token is of, in this order."""

GRANT = "let the module azure-roles make the roles, or grant it at that scope"
QUOTA = "ask Azure for more: az quota, or the portal's page of usage and quotas"
MOST_PAGES = 50


class ScaleSetInspector:
    """One scale set."""

    def __init__(self, settings: AzurePool, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._home = settings.url.text.rstrip("/")
        self._sign_in = SignIn(site, f"{self._home}/.default")
        self._rest = Rest(site.runtime, settings.timeout, self._sign_in.headers)
        self._subscription = f"/subscriptions/{settings.subscription}"
        self._set = f"{settings.group}/providers/Microsoft.Compute/virtualMachineScaleSets/{settings.scale_set}"

    def examine(self, deadline: Duration) -> tuple[Finding, ...]:
        """Each call has its own time; there are half a dozen."""
        del deadline
        found, told = Findings(f"pool {self._site.name}", f"azure {self._settings.subscription}"), list[Json]()
        if found.part("identity", lambda: self._who(found)) and found.part("set", lambda: told.append(self._looked_at(found))):
            found.guess("permissions", lambda: self._granted(told[0], found))
            if self._settings.standby_pool:
                found.part("standby", lambda: self._standing_by(found))
            found.guess("quota", lambda: self._quotas(str(told[0].get("location", "")), found))
        return tuple(found.found)

    def _who(self, found: Findings) -> None:
        if not self._settings.signs:
            found.fine("identity", "nobody: over plain http nobody signs in")
            return
        token = self._sign_in.headers(self._settings.timeout)["Authorization"].rpartition(" ")[2]
        found.fine("identity", f"we are {who(token)}")

    def _looked_at(self, found: Findings) -> Json:
        told = self._rest.get(self._home + self._set, {"api-version": COMPUTE_VERSION})
        found.clock(told.date, self._site.runtime.now())
        before = len(found.found)
        of_set(told.body, found)
        found.guess("set", lambda: self._autoscaled(found))
        if len(found.found) == before:
            found.fine("set", "nobody else sets its capacity or replaces its machines")
        return told.body

    def _autoscaled(self, found: Findings) -> None:
        path = f"{self._subscription}/providers/Microsoft.Insights/autoscalesettings"
        of_autoscale(self._listed(path, AUTOSCALE_VERSION), self._set, found)

    def _granted(self, told: Json, found: Findings) -> None:
        """At the set, and at its resource group, which has what is granted at the subscription; what is granted elsewhere is not seen."""
        rows = rows_of_pool(table(ROWS), flexible=under(told, "properties").get("orchestrationMode") == "Flexible")
        there, around = self._permissions(self._set), self._permissions(self._settings.group)
        asked = {"sets": there, "groups": around, "subscription": around}
        if self._settings.standby_pool:
            asked["standbys"] = self._permissions(path_of(self._settings))
        known = [row for row in rows if row.on in asked]
        found.permissions(known, {row.permission for row in known if not allowed(asked[row.on], row.permission)}, GRANT)
        for permission in dict.fromkeys(row.permission for row in rows if row.on in UNKNOWN):
            found.advise("permissions", f"{permission} cannot be known: it is of others' objects", "a launch that is refused names it")

    def _standing_by(self, found: Findings) -> None:
        told = self._rest.get(self._home + path_of(self._settings), {"api-version": VERSION})
        of_standby(told.body, self._set, found)

    def _permissions(self, scope: str) -> list[Json]:
        return self._listed(f"{scope}/providers/Microsoft.Authorization/permissions", PERMISSIONS_VERSION)

    def _quotas(self, location: str, found: Findings) -> None:
        path = f"{self._subscription}/providers/Microsoft.Compute/locations/{location}/usages"
        found.quotas(usages_of(self._listed(path, COMPUTE_VERSION)), QUOTA, region=location)

    def _listed(self, path: str, version: str) -> list[Json]:
        """All pages of a list; the next one is asked for at our own endpoint, by the token that its link has."""
        found: list[Json] = []
        params: Mapping[str, str] = {"api-version": version}
        for _ in range(MOST_PAGES):
            body = self._rest.get(self._home + path, params).body
            items, link = body.get("value"), body.get("nextLink")
            found += [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
            if not (isinstance(link, str) and "?" in link):
                break
            params = dict(parse_qsl(urlsplit(link).query))
        return found


def rows_of_pool(rows: tuple[Row, ...], *, flexible: bool) -> list[Row]:
    """What a set of its kind needs, to be seen and to be changed: only the machines of a flexible one are the group's."""
    ours = (row for row in rows if row.role != ANYONE and row.call not in OURS and not row.call.startswith(OF_OTHERS))
    return [row for row in ours if flexible or row.on != "groups"]


def who(token: str) -> str:
    """Of whom a token is, by what it says itself: it is ours, and nothing is decided by it."""
    try:
        body = token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return next(str(claims[one]) for one in WHO if claims.get(one))
    except (IndexError, ValueError, AttributeError, StopIteration):
        return "signed in, as whom the token does not tell"
