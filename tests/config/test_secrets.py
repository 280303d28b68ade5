"""No secret is ever shown: not by a value, not by an error, not by the line it stands on."""

from pathlib import Path

import pytest

from autoscaler.config import Configuration, PolicyErrors, Secret, Url, parse
from autoscaler.config.secrets import Place
from autoscaler.errors import PolicyError, SetupError
from tests.config.bad import problems_of, read
from tests.config.doubles import PLUGINS

CANARY = "hunter2-canary"
HEAD = "apiVersion: autoscaler/v1\n"


def source(settings: str) -> str:
    return HEAD + "sources:\n  prom:\n    prometheus:\n      " + settings + "\n"


def configured(settings: str) -> Configuration:
    return read(source(settings))


def test_a_secret_is_read_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = configured('{url: http://a, token: "${TOKEN}"}').sources[0].settings
    monkeypatch.setenv("TOKEN", CANARY)
    assert settings.token.reveal() == CANARY
    monkeypatch.setenv("TOKEN", "rotated")
    assert settings.token.reveal() == "rotated"


def test_a_secret_file_loses_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(CANARY + "\n")
    assert Secret.parse(f"${{file:{tmp_path}/secret}}").reveal() == CANARY


def test_a_secret_is_in_no_repr_and_no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", CANARY)
    found = configured('{url: http://a, token: "${TOKEN}"}')
    found.sources[0].settings.token.reveal()
    assert CANARY not in repr(found)
    assert "TOKEN" in repr(found)


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        pytest.param("${POOLKEEPER_NO_SUCH}", "missing or empty", id="no such variable"),
        pytest.param("${file:/no/such/file}", "cannot be read", id="no such file"),
        pytest.param("${file:/proc/self}", "cannot be read", id="a folder"),
        pytest.param("${file:/dev/null}", "missing or empty", id="an empty file"),
    ],
)
def test_a_secret_that_is_not_there_is_a_matter_of_setup(reference: str, problem: str) -> None:
    with pytest.raises(SetupError, match=problem):
        Secret.parse(reference).reveal()


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(f"{{url: http://a, token: {CANARY}}}", id="a plain secret"),
        pytest.param(f'{{url: http://a, token: "${{{CANARY}"}}', id="a reference that is none"),
        pytest.param(f"{{url: http://a, token: {CANARY}, tokn: 1}}", id="beside another slip on the same line"),
        pytest.param(f"{{url: http://a, tokn: {CANARY}}}", id="under a misspelt key"),
        pytest.param(f"{{url: http://a, password: {CANARY}}}", id="under a key that is not known"),
        pytest.param(f"{{url: 'http://me:{CANARY}@a'}}", id="as a password in an address"),
        pytest.param(f"{{url: 'http://me:{CANARY}/x@a'}}", id="as a password with a slash"),
        pytest.param(f"{{url: http://a, token: '${{A}}', token: {CANARY}}}", id="under a key given twice"),
        pytest.param(f"url: http://a\n      token: |\n        x\n        {CANARY}", id="over several lines"),
        pytest.param(f"{{url: http://a, timeout: 'http://me:{CANARY}@a'}}", id="as an address where none belongs"),
    ],
)
def test_a_refused_secret_is_not_shown(settings: str) -> None:
    with pytest.raises(PolicyErrors) as raised:
        parse([("x.yaml", source(settings))], PLUGINS)
    told = str(raised.value) + raised.value.hint + "".join(problem.text for problem in raised.value.problems)
    assert CANARY not in told


@pytest.mark.parametrize(
    "text",
    [
        "https://prometheus:9090",
        "http://a",
        "ssh://me@manager-1",
        "http://[::1]:9090/path?x=a@b:c",
        "http://host:9090/a@b",
        "unix:///run/docker.sock",
    ],
)
def test_an_address_is_read(text: str) -> None:
    assert str(Url.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "prometheus", "prometheus:9090", "/a/b", "http://a b", "http://a:b@c", "http://a:99999999", "javascript:x"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        Url.parse(text)


@pytest.mark.parametrize("text", ["/var/lib/store.db", "store.db", "postgresql://db/poolkeeper", "sqlite:///store.db", "a folder/store.db"])
def test_a_place_of_the_store_is_read(text: str) -> None:
    assert str(Place.parse(text)) == text


@pytest.mark.parametrize("text", ["", " ", "postgresql://u:p@db/x", "x\ny"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        Place.parse(text)


def test_the_store_of_the_file_is_kept() -> None:
    assert read(HEAD + "service: {store: postgresql://db/poolkeeper}\n").service.store == "postgresql://db/poolkeeper"
    assert problems_of(HEAD + "service: {store: ''}\n")[0].code == "not_secret"
