"""A saved plan: the document `plan --output json` prints, with the policy files it was made from beside it."""

import json
from dataclasses import dataclass
from pathlib import Path

from autoscaler.cli import files
from autoscaler.cli.output import document
from autoscaler.cli.policies import named
from autoscaler.model import codec
from autoscaler.model.plans import Plan

KIND = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan, and where its policies were when it was made; empty where a program wrote it without."""

    plan: Plan
    policies: tuple[Path, ...] = ()


def write_plan(path: Path, plan: Plan, policies: tuple[Path, ...]) -> None:
    """Save it for its owner alone: a plan tells what runs where."""
    content = json.loads(document(plan, kind=KIND))
    content["policies"] = [str(one.absolute()) for one in named(policies)]
    files.write(path, json.dumps(content, indent=2) + "\n", private=True)


def read_plan(path: Path) -> SavedPlan:
    """What `write_plan` wrote; FormatError when it is something else."""
    content = files.read(path, KIND)
    plan = codec.loads(content, Plan, kind=KIND)
    beside = json.loads(content).get("policies", [])
    return SavedPlan(plan=plan, policies=tuple(Path(one) for one in beside if isinstance(one, str)))


def is_plan(path: Path) -> bool:
    """Whether the file is a saved plan, by its first character: no policy file begins with a brace on its own line."""
    if path == files.STDIN:
        return True
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip()[:1] == b"{"
    except OSError:
        return False
