"""A YAML parser's complaint, put the way an author of policies can act on."""

import yaml

from autoscaler.config.limits import ParseError
from autoscaler.config.places import Mark, Source
from autoscaler.config.problems import ProblemCode

_HINTS = (
    ("mapping values are not allowed", "put text that holds ': ' in quotes, and check the indentation"),
    ("found character '\\t'", "indent with spaces: YAML allows no tabs there"),
    ("cannot start any token", "indent with spaces, and put text that begins with @, `, % or a tab in quotes"),
    ("expected <block end>", "check the indentation: keys of one map begin in one column"),
    ("could not find expected ':'", "write `key: value`, with a space after the colon"),
    ("unexpected end of stream", "close the quote that is opened here"),
    ("expected ',' or", "close the bracket that is opened here, and put a comma between its parts"),
    ("unknown escape character", "in double quotes write \\\\ for a backslash, or use single quotes"),
    ("expected alphabetic or numeric", "put text that begins with * or & in quotes"),
    ("found duplicate %", "remove the directive"),
    ("incompatible YAML document", "remove the %YAML line"),
    ("undefined tag handle", "remove the tag: the field knows its type"),
)

_NEVER_CLOSED = ("unexpected end of stream", "expected ',' or")


def syntax_error(source: Source, error: yaml.YAMLError) -> ParseError:
    """The complaint with its place and a hint."""
    problem = _problem(error)
    hint = next((hint for part, hint in _HINTS if part in str(error)), "check quotes, brackets and indentation here")
    return ParseError(ProblemCode.SYNTAX, _place(source, error), f"not YAML: {problem}", hint=hint)


def _problem(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    context = getattr(error, "context", None)
    return f"{problem} ({context})" if context else str(problem)


def _place(source: Source, error: yaml.YAMLError) -> Mark:
    """Where the problem is; what was never closed is shown where it opens, not where it is missed."""
    problem, mark, context = (getattr(error, name, None) for name in ("problem", "problem_mark", "context_mark"))
    if context is not None and any(part in str(problem) for part in _NEVER_CLOSED):
        mark = context
    return Mark(source, mark.line + 1, mark.column + 1) if mark else Mark(source)
