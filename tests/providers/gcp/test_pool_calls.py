"""What failing calls mean, and settings of pools."""

import subprocess
import sys
from collections.abc import Callable
from typing import cast

import pytest
import requests
from google.auth import exceptions as auth
from google.oauth2.service_account import Credentials
from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as http
from urllib3.connection import HTTPConnection

from autoscaler.config import PolicyErrors, installed, parse
from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, OutcomeUnknownError, PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Cpu, Duration, Memory, Money
from autoscaler.model.refs import Token
from autoscaler_clouds.kinds import KindSpec, Reserve
from autoscaler_gcp.calls import read, write
from autoscaler_gcp.pool_reader import GroupReader
from autoscaler_gcp.pool_settings import GcpPool
from autoscaler_gcp.pool_writer import GroupWriter

SOON = Duration(5000)
POOL = {"project": "shop-prod", "zone": "europe-west4-a", "instance_group": "shop-general"}
FILE = """
apiVersion: autoscaler/v1
clusters: {shop: {simulated: {}}}
pools:
  general:
    cluster: shop
    gcp:
      project: shop-prod
      region: europe-west4
      instance_group: shop-general
      types: [{name: e2-standard-4, cpu: 4, memory: 16Gi, price: 0.147 USD, spot_price: 0.059 USD}]
      reserve: {cpu: 100m, memory: 1Gi}
      labels: {tier: web}
      taints: [{key: dedicated, value: web}]
    nodes: {min: 0, max: 9}
"""


def raising(error: Exception) -> Callable[[], None]:
    def call() -> None:
        raise error

    return call


def never_connected(reason: Exception) -> requests.ConnectionError:
    """As requests tells it."""
    return requests.ConnectionError(http.MaxRetryError(HTTPConnectionPool("127.0.0.1"), "/", reason))


@pytest.mark.parametrize(
    ("error", "reading", "writing"),
    [
        pytest.param(requests.ConnectTimeout(), UnavailableError, UnavailableError, id="nobody there in time"),
        pytest.param(
            never_connected(http.NewConnectionError(HTTPConnection("x"), "refused")), UnavailableError, UnavailableError, id="refused"
        ),
        pytest.param(never_connected(http.ProxyError("no", OSError())), UnavailableError, UnavailableError, id="no proxy there"),
        pytest.param(requests.ReadTimeout(), UnavailableError, OutcomeUnknownError, id="no reply in time"),
        pytest.param(requests.ConnectionError("aborted"), UnavailableError, OutcomeUnknownError, id="cut in between"),
        pytest.param(ValueError("no JSON"), UnavailableError, OutcomeUnknownError, id="an answer that cannot be read"),
        pytest.param(auth.DefaultCredentialsError("none"), SetupError, SetupError, id="nobody we are"),
        pytest.param(auth.RefreshError("over"), SetupError, SetupError, id="a sign-in that ended"),
        pytest.param(auth.RefreshError("later", retryable=True), UnavailableError, UnavailableError, id="a sign-in that may come"),
        pytest.param(auth.TransportError("down"), UnavailableError, UnavailableError, id="nobody signs us in"),
    ],
)
def test_what_a_failing_call_means(error: Exception, reading: type[AutoscalerError], writing: type[AutoscalerError]) -> None:
    for does, meant in ((read, reading), (write, writing)):
        with pytest.raises(meant) as told:
            does(raising(error))
        assert (type(told.value), told.value.__cause__) == (meant, error)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"zone": ""}, "in one zone, or over a region", id="neither zone nor region"),
        pytest.param({"region": "europe-west4"}, "in one zone, or over a region", id="both"),
        pytest.param({"zone": "europe-west4"}, "'europe-west4' is no zone", id="a region for a zone"),
        pytest.param({"zone": "", "region": "europe-west4-a"}, "'europe-west4-a' is no region", id="a zone for a region"),
        pytest.param({"project": "Shop"}, "'Shop' is no project", id="no project"),
        pytest.param({"instance_group": "zones/a/instanceGroups/shop"}, "is no instance group", id="an address for a name"),
        pytest.param({"url": Url("ftp://google")}, "reached by http", id="another protocol"),
        pytest.param({"timeout": Duration(0)}, "without time", id="no time"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, object], words: str) -> None:
    with pytest.raises(PolicyError, match=words) as told:
        GcpPool(**{**POOL, **settings})  # type: ignore[arg-type]
    assert told.value.hint


def test_a_policy_file_has_it() -> None:
    (pool,) = parse([("shop.yaml", FILE)], installed()).clusters[0].pools
    kind = KindSpec(name="e2-standard-4", cpu=Cpu(4000), memory=Memory(16 * 2**30), price=Money(147_000), spot_price=Money(59_000))
    found = pool.settings
    assert isinstance(found, GcpPool)
    assert (found.types, found.region, found.labels) == ((kind,), "europe-west4", (("tier", "web"),))
    assert (found.reserve, found.taints[0].key) == (Reserve(cpu=Cpu(100), memory=Memory(2**30)), "dedicated")


def test_a_mistake_in_it_is_told_with_its_place() -> None:
    with pytest.raises(PolicyErrors, match=r"shop\.yaml:7"):
        parse([("shop.yaml", FILE.replace("      region: europe-west4\n", ""))], installed())


@pytest.mark.usefixtures("google")
def test_who_only_looks_may_only_read(site: Site) -> None:
    settings = GcpPool(**POOL)  # type: ignore[arg-type]
    clients = [made(settings, site)._api.clients.groups for made in (GroupReader, GroupWriter)]
    scopes = [cast("Credentials", one.transport._credentials).scopes for one in clients]
    assert scopes == [["https://www.googleapis.com/auth/compute.readonly"], ["https://www.googleapis.com/auth/compute"]]


@pytest.mark.usefixtures("google")
def test_who_is_nobody_is_told_how_to_be_somebody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    with pytest.raises(SetupError, match="does not know us") as told:
        GroupReader(GcpPool(**POOL), site).observe(SOON)  # type: ignore[arg-type]
    assert "gcloud auth application-default login" in told.value.hint


def test_without_the_sdk_the_pool_says_what_to_install(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud", None)
    settings = GcpPool(**POOL)  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="not installed") as told:
        GroupReader(settings, site).observe(SOON)
    assert told.value.hint == "pip install 'poolkeeper[gcp]'"
    with pytest.raises(SetupError, match="not installed"):
        GroupWriter(settings, site).grow(seen=0, wanted=1, token=Token("a"))


def test_naming_the_plugin_loads_no_sdk() -> None:
    program = (
        "import sys, autoscaler_gcp.plugin, autoscaler_gcp.writers; print({'google.cloud', 'google.auth', 'requests'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
