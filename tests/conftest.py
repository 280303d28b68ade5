"""What every test gets: one Hypothesis profile, and a lane in which nothing may be skipped."""

import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1]))  # helpers beside the tests are imported as tests.…

NO_SKIPS = pytest.StashKey[bool]()

# One seed, so that a red run is red again for whoever looks at it; HYPOTHESIS_PROFILE=explore looks further.
# No deadline: on a shared machine it measures the neighbours.
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session", autouse=True)
def no_past_of_ours(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test finds the store and the prices that this machine's user has kept, nor adds to them; also not through a command it starts."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    os.environ["AUTOSCALER_CATALOGUE"] = str(tmp_path_factory.mktemp("catalogue"))  # the cache as a whole has what real lanes were brought
    os.environ.pop("AUTOSCALER_STORE", None)


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """A shell starts what it runs in the background deaf to Ctrl-C, and so would be every process that a test starts and sends it to."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --no-skips, for a lane that has set up all it needs."""
    parser.addoption("--no-skips", action="store_true", help="count a skipped test as a failed one")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the option where a hook finds it without parsing again."""
    config.stash[NO_SKIPS] = bool(config.getoption("--no-skips"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where nothing may be skipped; an expected failure stays one."""
    report = yield
    if report.skipped and item.config.stash[NO_SKIPS] and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in a lane that forbids it: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips as a whole while it is collected."""
    report = yield
    if report.skipped and collector.config.stash[NO_SKIPS]:
        report.outcome = "failed"
        report.longrepr = f"skipped in a lane that forbids it: {report.longrepr}"
    return report
