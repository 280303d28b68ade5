"""The query API of a Prometheus on the loopback."""

from urllib.parse import parse_qs, urlsplit

from tests.providers.loopback import Reply, seconds
from tests.providers.loopback import answer as shows
from tests.providers.sources.fake_http import FakeHttp


def vector(*values: tuple[str, float]) -> Reply:
    """A vector of (value, age in seconds), one series each."""
    series = [{"metric": {"n": str(index)}, "value": [seconds() - age, text]} for index, (text, age) in enumerate(values)]
    return answer({"resultType": "vector", "result": series})


def timed(text: str, age: float) -> Reply:
    """A plain selector's value with its own time beside it, as the question for both gives."""
    now = seconds()
    series = [
        {"metric": {"n": "0"}, "value": [now, text]},
        {"metric": {"n": "0", "autoscaler_part": "time"}, "value": [now, f"{now - age:.3f}"]},
    ]
    return answer({"resultType": "vector", "result": series})


def answer(data: object) -> Reply:
    """A successful answer with these data."""
    return shows({"status": "success", "data": data})


class FakePrometheus(FakeHttp):
    """`answers`: query to reply. `asked` lists the queries."""

    def __init__(self) -> None:
        super().__init__()
        self.default = vector()

    def question(self, path: str) -> str:
        """The query."""
        return parse_qs(urlsplit(path).query)["query"][0]

    def answer(self, question: str) -> Reply:
        """By the selector, also where its times are asked for beside it."""
        return super().answer(question.partition(" or ")[0])
