"""How much a policy file may hold, checked before any YAML parser sees it.

The parser's own tree building recurses in C: 200,000 nested brackets end the process without an error. Here depth is counted as
text, line by line; `yaml_nodes` counts again, exactly, while events arrive.
"""

import re

from autoscaler.config.places import Mark, Source
from autoscaler.config.problems import ProblemCode
from autoscaler.errors import PolicyError

FILE_BYTES = 2**20
TOTAL_BYTES = 8 * 2**20
DEPTH = 64
ALIASES = 100
GROWTH = 100_000
"""Values that aliases may add by repeating what they stand for: ten aliases of ten aliases of ten… are a bomb."""

DEPTH_HINT = f"write it flatter: {DEPTH} levels are more than any policy needs"

_HIDDEN = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'[^']*'|(?:^|(?<=\s))\#.*""")
_BRACKET = re.compile(r"[\[\]{}]")
_COMPACT = re.compile(r"(?:[-?:][ \t]+)*")
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SECTION = re.compile(r"[A-Za-z]")


class ParseError(PolicyError):
    """Reading one file stops here; `at` says where."""

    def __init__(self, code: ProblemCode, at: Mark, problem: str, *, hint: str) -> None:
        super().__init__(problem, hint=hint)
        self.code = code
        self.at = at


def decoded(name: str, data: str | bytes) -> Source:
    """The file's text, or ParseError: too large, or no UTF-8."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > FILE_BYTES:
        problem = f"the file is larger than {FILE_BYTES // 2**20} MiB"
        raise _at_start(name, ProblemCode.TOO_LARGE, problem, "split it: a folder of files is read as one")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(name, raw, error.start) from error
    return Source.of(name, text.removeprefix("\ufeff"))


def check_nesting(source: Source) -> None:
    """ParseError where nesting passes `DEPTH`, as far as that can be told without parsing."""
    indents: list[int] = []
    flow = 0
    for number, line in enumerate(source.lines, start=1):
        if flow and _SECTION.match(line):
            flow = 0  # an unpaired bracket in someone's text ends with its section
        depth = len(indents) if flow else _block_depth(line, indents)
        if depth > DEPTH:
            raise _too_deep(source, number, 1)
        if flow or "[" in line or "{" in line:
            flow = _flow_depth(source, number, line, depth, flow)


def check_characters(source: Source) -> None:
    """ParseError at the first control character: the parser would name its place in bytes."""
    found = _FORBIDDEN.search(source.text)
    if found:
        before = Source.of("", source.text[: found.start()])
        at = Mark(source, len(before.lines), len(before.lines[-1]) + 1)
        problem = f"a control character (U+{ord(found[0]):04X}) is not allowed"
        raise ParseError(ProblemCode.UNREADABLE, at, problem, hint="remove it, and save the file as plain UTF-8 text")


def _block_depth(line: str, indents: list[int]) -> int:
    """How deep the line stands by its indentation and its leading dashes; `indents` is kept up to date."""
    words = line.lstrip(" ")
    if not words:
        return len(indents)
    indent = len(line) - len(words)
    while indents and indents[-1] >= indent:
        indents.pop()
    indents.append(indent)
    compact = _COMPACT.match(words) if words[0] in "-?:" else None
    return len(indents) + (len(compact[0].split()) if compact else 0)


def _flow_depth(source: Source, number: int, line: str, depth: int, flow: int) -> int:
    for bracket in _BRACKET.finditer(_HIDDEN.sub(lambda found: " " * len(found[0]), line)):
        flow = flow + 1 if bracket[0] in "[{" else max(0, flow - 1)
        if depth + flow > DEPTH + 1:
            raise _too_deep(source, number, bracket.start() + 1)
    return flow


def _too_deep(source: Source, line: int, column: int) -> ParseError:
    at = Mark(source, line, column)
    return ParseError(ProblemCode.TOO_DEEP, at, f"nested deeper than {DEPTH} levels", hint=DEPTH_HINT)


def _at_start(name: str, code: ProblemCode, problem: str, hint: str) -> ParseError:
    return ParseError(code, Mark(Source.of(name, "")), problem, hint=hint)


def _not_utf8(name: str, raw: bytes, offset: int) -> ParseError:
    source = Source.of(name, raw[:offset].decode("utf-8", "replace"))
    at = Mark(source, len(source.lines), len(source.lines[-1]) + 1)
    return ParseError(ProblemCode.UNREADABLE, at, "the file is not UTF-8 text", hint="save it as UTF-8, without a tool that packs it")
