"""Ticks to disk, one recording a tick, so that yesterday can be explained and replayed offline."""

from dataclasses import dataclass
from pathlib import Path

from autoscaler.engine.tick import TickReport
from autoscaler.errors import SetupError
from autoscaler.model.codec import dumps
from autoscaler.model.recordings import Recording


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes `FOLDER/CLUSTER-INSTANT.json`, readable by its owner alone, with the policy files' text of that tick."""

    folder: Path
    policies: tuple[tuple[str, str], ...]

    def write(self, report: TickReport) -> Path:
        """One tick. SetupError when the folder cannot be written."""
        thought = report.thought
        path = self.folder / f"{thought.policies.cluster}-{thought.observation.at}.json"
        text = dumps(Recording(frames=(thought.frame,), policies=self.policies), kind="recording")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(text, encoding="ascii")
        except OSError as error:
            raise SetupError(f"cannot record to {self.folder}: {error.strerror}", hint="free the disk, or run without --record") from error
        return path
