"""A real run's recordings, thought through again offline."""

from pathlib import Path

from autoscaler.config import installed, parse
from autoscaler.engine.dry import rethink
from autoscaler.model.codec import dumps, loads
from autoscaler.model.recordings import Recording


def differing(folder: Path) -> tuple[int, list[str]]:
    """How many recordings there are, and the names of those that do not give the same decisions and plan, to the byte."""
    found, plugins = sorted(folder.glob("*.json")), installed()
    wrong = []
    for path in found:
        recording = loads(path.read_text(), Recording, kind="recording")
        (frame,) = recording.frames
        again = rethink(parse(recording.policies, plugins).clusters[0].policies, frame).frame
        if dumps(again, kind="frame") != dumps(frame, kind="frame"):
            wrong.append(path.name)
    return len(found), wrong
