"""`autoscaler test`: policies held against cases, as other code is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from autoscaler.cli import files
from autoscaler.cli.options import command, output_option
from autoscaler.cli.output import document
from autoscaler.cli.paint import painted
from autoscaler.cli.policies import load_policies
from autoscaler.config import Configuration, Plugins, installed
from autoscaler.config.loading import CASES
from autoscaler.errors import AutoscalerError, UsageError
from autoscaler.explaining import decided_as_text
from autoscaler.rehearsing import CaseFile, Outcome, parse_cases, run_case


class CasesFailedError(AutoscalerError):
    """Some cases went otherwise than expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One case of one file."""

    file: str
    outcome: Outcome


@command(
    "autoscaler test policies/",
    "autoscaler test web.test.yaml",
    "autoscaler test policies/ --output json  # for CI",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...")
@output_option
def test(paths: tuple[Path, ...], output: str) -> None:
    """Try policies on cases written down beside them.

    A case says what is seen, step by step, and the count expected. PATHS are files of cases, or folders with `*.test.yaml` (the present one
    if none is named). Reads files only. Exits 1 when a case fails.
    """
    plugins = installed()
    tried = [one for path in _found(paths or (Path(),)) for one in _tried(path, plugins)]
    failed = sum(not one.outcome.passed for one in tried)
    if output == "table":
        click.echo(painted("\n".join(map(_text, tried))))
    else:
        click.echo(document(tuple(tried), kind="cases", output=output))
    if failed:
        raise CasesFailedError(f"{failed} of {len(tried)} cases failed", hint="each shows what was decided instead, and why")


def _found(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        inside = sorted(path.rglob(f"*{CASES}")) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"{path} holds no *{CASES}", hint="write one; docs/testing-policies.md shows how")
        yield from inside


def _tried(path: Path, plugins: Plugins) -> Iterator[Tried]:
    cases = parse_cases(str(path), files.read(path, "cases"), plugins)
    configuration = _policies(path, cases, plugins)
    for case in cases.cases:
        yield Tried(file=str(path), outcome=run_case(case, configuration))


def _policies(path: Path, cases: CaseFile, plugins: Plugins) -> Configuration:
    return load_policies(tuple(path.parent / name for name in cases.policies), plugins)


def _text(tried: Tried) -> str:
    outcome = tried.outcome
    if outcome.decided is None:
        return f"pass  {tried.file}: {outcome.case}"
    count = outcome.decided.decision.count
    head = f"FAIL  {tried.file}: {outcome.case}\nStep {outcome.failed}: expected {outcome.expected}, decided {count}."
    return f"{head}\n\n{decided_as_text(outcome.decided.decision, outcome.decided.conditions)}"
