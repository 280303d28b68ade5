"""Which call needs which permissions, by the tables that Terraform's roles are made of; and a stand-in that holds every call to them."""

from collections.abc import Callable, Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from autoscaler.contracts.runtime import Runtime
from autoscaler_clouds import permissions
from autoscaler_clouds.permissions import Row
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.serving import CONTROL, Asked, Cloud, Reply, Standin

MODULES = Path(__file__).parents[2] / "terraform" / "modules"
Policy = Mapping[str, Any]
"""A document of AWS's, as JSON."""


def table(cloud: str) -> tuple[Row, ...]:
    """A cloud's."""
    return permissions.table(f"autoscaler_{cloud}")


def unmapped(rows: Collection[Row], asked: Collection[str]) -> set[str]:
    """Calls for which no permission is known."""
    return {*asked} - {row.call for row in rows}


def unused(rows: Collection[Row], asked: Collection[str]) -> set[str]:
    """Calls of the table that nobody makes."""
    return {row.call for row in rows} - {*asked}


COMPARED: Mapping[str, Callable[[str, str], bool]] = {"StringEquals": lambda one, other: one == other, "StringLike": fnmatchcase}
"""AWS's two ways to compare that our policies use."""


class Granted(Standin):
    """`asked`: all that it was ever asked for, which must be in its cloud's table. `may`: what is not refused."""

    def __init__(self, cloud: Cloud, runtime: Runtime) -> None:
        super().__init__(cloud, runtime)
        self.asked: set[str] = set()
        self.may: Callable[[str], bool] = lambda _: True
        self._rows = table(type(cloud).__module__.split(".")[1])

    def served(self, asked: Asked) -> Reply | None:
        """As any stand-in, or the vendor's refusal."""
        if not asked.path.startswith(CONTROL):
            operation, _ = self.cloud.operation(asked)
            self.asked.add(operation)
            if not self.may(operation):
                return self.cloud.refusal(Fault(operation=operation, kind=Kind.REFUSE, code="AccessDenied", status=403))
        return super().served(asked)

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        assert not self._rows or unmapped(self._rows, self.asked) == set()


def allows(policies: Collection[Policy], action: str, resource: str, given: Mapping[str, str]) -> bool:
    """Whether one of their statements does, which none of them denies; `given`: what AWS knows of the request, by its condition keys."""
    return any(_grants(one, action, resource, given) for policy in policies for one in policy["Statement"])


def _grants(statement: Mapping[str, Any], action: str, resource: str, given: Mapping[str, str]) -> bool:
    assert statement["Effect"] == "Allow"
    return (
        action in statement["Action"]
        and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
        and all(_meets(operator, asked, given) for operator, asked in statement.get("Condition", {}).items())
    )


def _meets(operator: str, asked: Mapping[str, str | list[str]], given: Mapping[str, str]) -> bool:
    """A key that the request lacks meets nothing."""
    like = COMPARED[operator]
    wanted = {key: [values] if isinstance(values, str) else values for key, values in asked.items()}
    return all(key in given and any(like(given[key], one) for one in values) for key, values in wanted.items())
