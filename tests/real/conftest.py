"""What the tests on real engines share: a lab per module, and the images its engines load."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler.service.runtime import SystemRuntime
from autoscaler_lab import lab as labs
from autoscaler_lab.layout import LabSpec
from tests.real.gapless import Service, write_policy
from tests.real.images import compile_app, write_image
from tests.real.prom import Prometheus
from tests.real.proxy import Proxy
from tests.real.reporting import FIGURES, KEPT, Report, write
from tests.real.swarm import Swarm

PROGRAMS = ("dockerd", "ip", "nsenter", "unshare", "iptables", "haproxy", "prometheus", "gcc")
IMAGES = {"app-x:1": {"MODE": "x"}, "app-y:1": {"MODE": "y"}}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what was measured."""
    if lines := config.stash.get(FIGURES, []):
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep what the long lane measured."""
    write(session.config.stash.get(KEPT, {}))


@pytest.fixture(scope="session")
def machine() -> None:
    """Skips where real engines cannot run, naming what is missing."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if os.geteuid() != 0:
        pytest.skip("real engines need root")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="session")
def images(machine: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Image name to file: app-x exits at once on SIGTERM, app-y finishes what is in flight first."""
    folder = tmp_path_factory.mktemp("images")
    binary = compile_app(folder)
    for name, environment in IMAGES.items():
        write_image(folder / f"{name[:5]}.tar", name, binary, environment)
    return {name: folder / f"{name[:5]}.tar" for name in IMAGES}


@pytest.fixture(scope="module")
def spec(machine: None) -> Iterator[LabSpec]:
    """Names nobody else on this machine uses; whatever a test makes of them is removed in the end."""
    found = unused_spec()
    yield found
    clear(found)


@pytest.fixture
def other(machine: None) -> Iterator[LabSpec]:
    """The same for one test alone."""
    found = unused_spec()
    yield found
    clear(found)


def clear(spec: LabSpec) -> None:
    """Removes what is left of a lab, also after a test that failed half way."""
    if spec.record.exists():
        labs.down(spec.folder, SystemRuntime(), print)
    shutil.rmtree(spec.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def lab(spec: LabSpec, images: dict[str, Path]) -> LabSpec:
    """Three real engines as one Swarm, with the images."""
    spec.images.mkdir(parents=True)
    for image in images.values():
        shutil.copy(image, spec.images)
    labs.up(spec, 3, SystemRuntime(), print)
    return spec


@pytest.fixture
def swarm(lab: LabSpec) -> Swarm:
    """The lab's Swarm, tidied up; by another test it may have more or fewer workers by now."""
    found = Swarm(lab)
    found.tidy()
    return found


@pytest.fixture
def proxy(machine: None, tmp_path: Path) -> Iterator[Proxy]:
    """HAProxy with empty slots for the service `web`."""
    found = Proxy(tmp_path, ["web"])
    yield found
    found.stop()


@pytest.fixture
def prometheus(proxy: Proxy, tmp_path: Path) -> Iterator[Prometheus]:
    """Scrapes HAProxy every second."""
    found = Prometheus(tmp_path, {"haproxy": f"127.0.0.1:{proxy.exporter}"})
    yield found
    found.stop()


@pytest.fixture
def service(lab: LabSpec, proxy: Proxy, prometheus: Prometheus, tmp_path: Path) -> Iterator[Service]:
    """A policy for the lab, and the process to run it, not begun; its log is shown when the test fails."""
    found = Service(write_policy(tmp_path, lab, proxy, prometheus))
    yield found
    found.end()
    print(found.log.read_text()[-6000:] if found.log.exists() else "")  # noqa: T201 - pytest shows it when the test failed


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Takes a measured figure down: every run shows its numbers at the end."""
    return Report(request.config, long="not long" not in request.config.option.markexpr)


def unused_spec() -> LabSpec:
    """A lab that overlaps no other: the folder is new, and its name gives prefix and subnet."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="lab-"))
    number = next(n for n in range(os.getpid() % 100, 300) if not Path(f"/sys/class/net/t{n}-br").exists())
    return LabSpec(folder=folder, prefix=f"t{number}", subnet=f"10.{78 + number % 100}.0.0/24", id=folder.name[-8:])
