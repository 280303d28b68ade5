"""A folder of catalogues: what is in it is read whole or not at all, and seen once it was replaced."""

from pathlib import Path

import pytest

from autoscaler.catalogue import Folder, kept, usual
from autoscaler.errors import AutoscalerError, UsageError
from autoscaler.model import codec
from autoscaler.model.catalogue import Catalogue, MachineType
from autoscaler.model.quantities import Cpu, Instant, Memory

ONE = Catalogue(
    cloud="aws",
    region="eu-central-1",
    at=Instant(1_795_000_000_000),
    source="EC2",
    types=(MachineType(name="m7g.large", cpu=Cpu(2000), memory=Memory(2**33)),),
)


def put(folder: Folder, catalogue: Catalogue = ONE) -> Path:
    place = folder.place(catalogue.cloud, catalogue.region)
    new = place.with_suffix(".new")
    new.write_text(codec.dumps(catalogue, kind="catalogue"))
    return new.replace(place)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_what_was_put_there_is_found(folder: Folder) -> None:
    assert folder.of("aws", "eu-central-1") is None
    put(folder)
    assert folder.of("aws", "eu-central-1") == folder.loaded("aws", "eu-central-1") == ONE
    assert list(folder.all()) == [ONE]
    assert folder.of("aws", "eu-west-1") is None


def test_what_takes_its_place_is_found_next(folder: Folder) -> None:
    put(folder)
    folder.of("aws", "eu-central-1")
    other = Catalogue(cloud="aws", region="eu-central-1", at=ONE.at, source="FILE")
    put(folder, other)
    assert folder.of("aws", "eu-central-1") == other


def test_what_was_not_replaced_is_not_read_again(folder: Folder) -> None:
    put(folder)
    assert folder.of("aws", "eu-central-1") is folder.of("aws", "eu-central-1")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half a file"),
        pytest.param(codec.dumps(ONE, kind="plan").encode(), id="something else"),
        pytest.param(codec.dumps(ONE, kind="catalogue").replace("autoscaler/v1", "autoscaler/v2").encode(), id="of a newer version"),
    ],
)
def test_what_cannot_be_read_stops_no_pool_and_is_told(folder: Folder, content: bytes) -> None:
    place = put(folder)
    place.write_bytes(content)
    assert folder.of("aws", "eu-central-1") is None
    with pytest.raises(codec.FormatError, match=str(place)):
        folder.loaded("aws", "eu-central-1")
    assert [type(one) for one in folder.all()] == [codec.FormatError]


def test_a_file_that_is_gone_again_holds_nothing(folder: Folder) -> None:
    put(folder).unlink()
    assert folder.of("aws", "eu-central-1") is None


@pytest.mark.parametrize("region", ["../../etc", "", "eu central", "EU", "a/b", "a" * 61])
def test_no_name_leads_out_of_the_folder(folder: Folder, region: str) -> None:
    assert folder.of("aws", region) is None
    with pytest.raises(UsageError, match="is no region"):
        folder.place("aws", region)


def test_a_folder_in_the_place_of_a_file_is_told(folder: Folder) -> None:
    folder.place("aws", "eu-central-1").mkdir()
    assert folder.of("aws", "eu-central-1") is None
    with pytest.raises(AutoscalerError, match="directory"):
        folder.loaded("aws", "eu-central-1")


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        pytest.param({"AUTOSCALER_CATALOGUE": "/srv/prices", "XDG_CACHE_HOME": "/c"}, "/srv/prices", id="the one that is named"),
        pytest.param({"XDG_CACHE_HOME": "/c"}, "/c/autoscaler/catalogue", id="else in the cache"),
        pytest.param({"HOME": "/home/ann"}, "/home/ann/.cache/autoscaler/catalogue", id="wherever that is"),
    ],
)
def test_where_it_is(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], place: str) -> None:
    for name in ("AUTOSCALER_CATALOGUE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert usual() == kept().path == Path(place)
    assert kept() is kept()
