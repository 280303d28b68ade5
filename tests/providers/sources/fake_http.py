"""A server on the loopback that answers what a test tells it to, by what was asked for."""

from collections.abc import Mapping
from typing import Self

from tests.providers.loopback import Asked, Loopback, Reply


class FakeHttp:
    """`answers`: path to reply; else `default`. `asked` lists the paths, `headers` those that came with each, by names in small letters."""

    def __init__(self) -> None:
        self.answers: dict[str, Reply] = {}
        self.default = Reply(status=404)
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self._server = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.url

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody listens any more."""
        self._server.stop()

    def question(self, path: str) -> str:
        """What a path asks for, as `asked` lists it."""
        return path

    def answer(self, question: str) -> Reply:
        """What it is answered."""
        return self.answers.get(question, self.default)

    def _respond(self, asked: Asked) -> Reply:
        self.headers.append(asked.headers)
        self.asked.append(self.question(asked.target))
        return self.answer(self.asked[-1])
