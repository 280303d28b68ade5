"""Tables that people write: every value as in a policy file, and what is wrong told with its row."""

import json

import pytest
from hypothesis import given
from hypothesis.strategies import binary

from autoscaler.catalogue import from_rows
from autoscaler.errors import UsageError
from autoscaler.model.catalogue import MachineType, Quotation
from autoscaler.model.quantities import Cpu, Instant, Memory, Money

AT = Instant(1_795_000_000_000)
LARGE = MachineType(
    name="g5.xlarge",
    cpu=Cpu(4000),
    memory=Memory(2**34),
    gpus=1,
    gpu="A10G",
    architecture="amd64",
    zones=("a", "b"),
    quotations=(
        Quotation(price=Money(1_258_000), at=AT, source="prices.csv"),
        Quotation(price=Money(400_000), at=AT, source="prices.csv", spot=True),
    ),
)
BARE = MachineType(name="m7g.large", cpu=Cpu(500), memory=Memory(2**33))
TABLE = """\
name,cpu,memory,gpus,gpu,architecture,zones,price,spot_price
m7g.large,500m,8Gi,,,,,,
g5.xlarge,4,16Gi,1,A10G,amd64,b a,1.258 USD,0.4 USD
"""
LISTED = [
    {"name": "m7g.large", "cpu": "500m", "memory": "8Gi", "price": None},
    {
        "name": "g5.xlarge",
        "cpu": 4,
        "memory": "16Gi",
        "gpus": 1,
        "gpu": "A10G",
        "architecture": "amd64",
        "zones": ["b", "a"],
        "price": "1.258 USD",
        "spot_price": "0.4 USD",
    },
]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TABLE.encode(), id="CSV"),
        pytest.param(TABLE.replace("\n", "\r\n").encode("utf-8-sig"), id="CSV of a spreadsheet"),
        pytest.param(json.dumps(LISTED).encode(), id="JSON"),
    ],
)
def test_reads_types_in_order_of_their_names(content: bytes) -> None:
    assert from_rows(content, "prices.csv", AT) == (LARGE, BARE)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("", "no types are in it", id="nothing"),
        pytest.param("[]", "no types are in it", id="an empty list"),
        pytest.param("[1]", "row 1: name, cpu, memory must be there", id="no object"),
        pytest.param("[{", "Expecting property name", id="half of JSON"),
        pytest.param("name,cpu,memory\na,2,", "row 1: name, cpu, memory must be there", id="no memory"),
        pytest.param("name,cpu,memory\na,2,8", "row 1: '8' is not a memory quantity", id="memory without its unit"),
        pytest.param("name,cpu,memory,price\na,2,8Gi,0.1", "row 1: '0.1' is not a price", id="a price without its currency"),
        pytest.param("name,cpu,memory,gpus\na,2,8Gi,-1", "row 1: '-1' is no count", id="less than none"),
        pytest.param("name,cpu,memory,color\na,2,8Gi,red", "row 1: 'color' means nothing here", id="a column nobody knows"),
        pytest.param("name,cpu,memory\na,2,8Gi,red", "row 1: 'None' means nothing here", id="more cells than the head"),
        pytest.param("name,cpu,memory\na,2,8Gi\na,2,8Gi", "row 2: a is there already", id="a type twice"),
        pytest.param('name,cpu,memory\n"a,2,8Gi', "unexpected end of data", id="a quote that is not closed"),
    ],
)
def test_what_is_wrong_is_told_with_its_row(content: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        from_rows(content.encode(), "prices.csv", AT)
    assert str(error.value).startswith("prices.csv: ")
    assert says in str(error.value)


@given(binary(max_size=200))
def test_no_file_breaks_the_reading(content: bytes) -> None:
    try:
        found = from_rows(content, "prices.csv", AT)
    except UsageError:
        return
    assert found
