"""Images without a registry: each new engine loads the files that lie ready in the lab's folder."""

from pathlib import Path

from autoscaler_lab import engine_api
from autoscaler_lab.layout import EnginePaths, LabSpec


def waiting(spec: LabSpec) -> list[Path]:
    """The image files of the lab, in order of their names."""
    return sorted(spec.images.glob("*.tar"))


def load_all(engine: EnginePaths) -> None:
    """Loads them all into the engine; one it has already is harmless."""
    for image in waiting(engine.lab):
        engine_api.load_image(engine.socket, image)
