"""`autoscaler catalogue`: kept from files, shown as it was told."""

import json
from pathlib import Path

import pytest

from autoscaler.model import codec
from autoscaler.model.catalogue import Catalogue, MachineType, Quotation
from autoscaler.model.quantities import Cpu, Instant, Memory, Money
from tests.cli.calling import Call

TABLE = """\
name,cpu,memory,architecture,zones,price,spot_price
m7g.large,2,8Gi,arm64,eu-central-1a eu-central-1b,0.0952 USD,0.0381 USD
m7g.xlarge,4,16Gi,arm64,eu-central-1a,0.1904 USD,
"""
WHERE = ("--cloud", "aws", "--region", "eu-central-1")
STRANGE = {
    "odd.json": "{}",
    "cut.json": '{"InstanceTypes": [{}]}',
    "half.json": '{"InstanceTypes": [',
    "spot.json": '{"SpotPriceHistory": []}',
    "plan.json": codec.dumps(1, kind="plan"),
}
PLACE = Path("cache/autoscaler/catalogue/aws.eu-central-1.json")


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


@pytest.fixture
def filled(call: Call) -> Call:
    """With two types of one region."""
    Path("prices.csv").write_text(TABLE)
    ran = call("catalogue", "import", "prices.csv", *WHERE)
    assert (ran.code, ran.out) == (0, "")
    assert "2 types, 2 of them with a price" in ran.err
    return call


def test_shows_what_was_imported(filled: Call) -> None:
    ran = filled("catalogue", "show")
    head, titles, large, xlarge = squeezed(ran.out)
    assert (ran.code, ran.err) == (0, "")
    assert head.startswith("aws eu-central-1: 2 types, told by prices.csv at ")
    assert titles == "type cpu memory gpus arch zones on demand spot told"
    assert large.startswith("m7g.large 2 8Gi arm64 eu-central-1a eu-central-1b 0.0952 USD 0.0381 USD prices.csv ")
    assert xlarge.startswith("m7g.xlarge 4 16Gi arm64 eu-central-1a 0.1904 USD prices.csv ")


def test_shows_only_what_is_asked_for(filled: Call) -> None:
    ran = filled("catalogue", "show", "*.xlarge", "--output", "json")
    assert [one["name"] for one in json.loads(ran.out)["value"]["types"]] == ["m7g.xlarge"]


def test_what_it_shows_as_json_can_be_imported(filled: Call) -> None:
    before = PLACE.read_bytes()
    Path("kept.json").write_text(filled("catalogue", "show", "--output", "json").out)
    PLACE.unlink()
    assert filled("catalogue", "import", "kept.json").code == 0
    assert PLACE.read_bytes() == before


def test_several_regions_as_json_can_be_imported(filled: Call) -> None:
    filled("catalogue", "import", "prices.csv", "--cloud", "aws", "--region", "eu-west-1")
    Path("kept.json").write_text(filled("catalogue", "show", "--output", "json").out)
    assert filled("catalogue", "import", "kept.json").err.count("2 types") == 2
    assert len(filled("catalogue", "show", "--region", "eu-west-1").out.splitlines()) == 4


def test_what_a_second_file_does_not_name_stays(filled: Call) -> None:
    Path("more.csv").write_text("name,cpu,memory,price\nm7g.large,2,8Gi,0.09 USD\nc7g.large,2,4Gi,0.08 USD\n")
    filled("catalogue", "import", "more.csv", *WHERE)
    told = "\n".join(squeezed(filled("catalogue", "show").out))
    assert "m7g.large 2 8Gi arm64 eu-central-1a eu-central-1b 0.09 USD 0.0381 USD more.csv" in told
    assert "c7g.large" in told
    assert "m7g.xlarge" in told


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(("show",), 1, "nothing like that is kept", id="nothing is kept"),
        pytest.param(("import", "prices.csv"), 64, "--cloud aws --region", id="a table of no region"),
        pytest.param(("import", "none.csv", *WHERE), 64, "none.csv", id="no such file"),
        pytest.param(("import", "prices.csv", "--cloud", "aws", "--region", "../x"), 64, "is no region", id="a region that is a path"),
        pytest.param(("import", "odd.json"), 64, "--cloud aws --region", id="an answer of no region"),
        pytest.param(("import", "odd.json", *WHERE), 64, "no answer of aws that means types or prices", id="an answer of something else"),
        pytest.param(("import", "cut.json", *WHERE), 64, "cut short", id="an answer that is cut short"),
        pytest.param(("import", "half.json", *WHERE), 1, "not JSON", id="half of JSON"),
        pytest.param(("import", "spot.json", *WHERE), 64, "no types are kept of aws eu-central-1", id="prices of nothing that is kept"),
        pytest.param(("import", "odd.json", "--cloud", "haproxy", "--region", "x"), 64, "no answer of haproxy", id="no cloud"),
        pytest.param(("import", "plan.json"), 1, "not a catalogue file", id="a document of ours that is none"),
    ],
)
def test_what_cannot_be_is_told(call: Call, arguments: tuple[str, ...], code: int, says: str) -> None:
    Path("prices.csv").write_text(TABLE)
    for name, text in STRANGE.items():
        Path(name).write_text(text)
    ran = call("catalogue", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err


def test_answers_of_the_cloud_are_understood_and_their_prices_are_of_what_is_kept(filled: Call) -> None:
    types = [{"InstanceType": "c7g.large", "VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 4096}}]
    bids = [
        {"InstanceType": name, "AvailabilityZone": "eu-central-1a", "SpotPrice": "0.03", "Timestamp": "2026-11-29T00:00:00Z"}
        for name in ("c7g.large", "m7g.large", "gone")
    ]
    Path("types.json").write_text(json.dumps({"InstanceTypes": types}))
    Path("spot.json").write_text(json.dumps({"SpotPriceHistory": bids}))
    assert filled("catalogue", "import", "types.json", *WHERE).code == 0
    assert filled("catalogue", "import", "spot.json", *WHERE).code == 0
    told = "\n".join(squeezed(filled("catalogue", "show").out))
    assert "c7g.large 2 4Gi 0.03 USD EC2 spot history 20" in told
    assert "m7g.large 2 8Gi arm64 eu-central-1a eu-central-1b 0.0952 USD 0.03 to 0.0381 USD" in told
    assert "gone" not in told


def test_offline_takes_of_a_package_only_what_is_not_kept(filled: Call) -> None:
    before = codec.loads(PLACE.read_bytes(), Catalogue, kind="catalogue")
    ran = filled("catalogue", "update", *WHERE, "--offline")
    assert (ran.code, "prices of apache-libcloud" in ran.err) == (0, True)
    after = codec.loads(PLACE.read_bytes(), Catalogue, kind="catalogue")
    assert [after.type(one.name) for one in before.types] == list(before.types)
    new = after.type("m5.large")
    assert new is not None
    assert (new.cpu, new.memory, new.quotations[0].old(before.at)) == (Cpu(2000), Memory(8 * 2**30), True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--cloud", "gcp", "--region", "europe-west4"), "no package has prices of gcp", id="of google"),
        pytest.param(("--cloud", "azure", "--region", "westeurope"), "has nothing of azure westeurope", id="of sizes that are not kept"),
        pytest.param(("--cloud", "aws", "--region", "here"), "has nothing of aws here", id="of no region"),
        pytest.param((*WHERE, "--set", "profile=shop"), "asks nobody", id="with somebody to be asked"),
    ],
)
def test_offline_says_what_it_has_not(call: Call, arguments: tuple[str, ...], says: str) -> None:
    ran = call("catalogue", "update", "--offline", *arguments)
    assert (ran.code, says in ran.err, PLACE.exists()) == (64, True, False)


def test_a_broken_file_does_not_hide_the_others(filled: Call) -> None:
    PLACE.with_name("aws.eu-west-1.json").write_text("{")
    ran = filled("catalogue", "show")
    assert ran.code == 1
    assert "m7g.large" in ran.out
    assert "eu-west-1" in ran.err


def test_prices_of_over_thirty_days_ago_are_warned_of(filled: Call) -> None:
    price = Quotation(price=Money(95_200), at=Instant(1_700_000_000_000), source="Price List")
    old = MachineType(name="m7g.large", cpu=Cpu(2000), memory=Memory(2**33), quotations=(price,))
    kept = Catalogue(cloud="aws", region="eu-central-1", at=price.at, source="EC2", types=(old,))
    PLACE.write_text(codec.dumps(kept, kind="catalogue"))
    ran = filled("catalogue", "show")
    assert ran.code == 0
    assert "warning: 1 price of aws eu-central-1 told over 30 days ago" in ran.err
    assert "Price List 2023-11-14" in ran.out


def test_another_folder_may_be_named(filled: Call) -> None:
    assert filled("catalogue", "import", "prices.csv", *WHERE, "--catalogue", "elsewhere").code == 0
    assert Path("elsewhere/aws.eu-central-1.json").is_file()


def test_an_answer_of_google_is_imported_as_it_came(call: Call) -> None:
    one = {"kind": "compute#machineType", "name": "e2-standard-4", "guestCpus": 4, "memoryMb": 16384, "zone": "europe-west4-a"}
    Path("types.json").write_text(json.dumps({"kind": "compute#machineTypeList", "items": [one]}))
    ran = call("catalogue", "import", "types.json", "--cloud", "gcp", "--region", "europe-west4")
    assert (ran.code, "1 type, 0 of them with a price" in ran.err) == (0, True)
