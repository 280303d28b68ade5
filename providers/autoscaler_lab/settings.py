"""What a policy file says of a pool in a lab."""

from dataclasses import dataclass
from pathlib import Path

from autoscaler.errors import PolicyError, UsageError
from autoscaler.model.quantities import Money
from autoscaler_lab import records
from autoscaler_lab.layout import LabSpec, check_folder

DEFAULT_FOLDER = "~/.local/share/poolkeeper/lab"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabPool:
    """The workers of the lab in `folder`, at a made-up `price` per hour each."""

    folder: str = DEFAULT_FOLDER
    price: Money = Money(0)

    def __post_init__(self) -> None:
        try:
            check_folder(self.path)
        except (UsageError, RuntimeError) as error:
            hint = error.hint if isinstance(error, UsageError) else "write the whole path, from /"
            raise PolicyError(str(error), hint=hint) from error

    @property
    def path(self) -> Path:
        """The folder, with `~` resolved."""
        return Path(self.folder).expanduser()

    def lab(self) -> LabSpec:
        """The lab there; NotFoundError if there is none."""
        return records.read_lab(self.path)
