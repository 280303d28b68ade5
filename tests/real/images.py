"""Builds the images of the traffic tests: one static binary, no registry, no base image, no engine."""

import hashlib
import io
import json
import platform
import subprocess
import tarfile
from pathlib import Path

SOURCE = Path(__file__).with_name("app.c")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
CHECK_EVERY_NS = 2_000_000_000
"""Each health check is a process started in the container: more often, checks alone fill a small machine."""


def compile_app(folder: Path) -> Path:
    """The traffic app as a static binary."""
    binary = folder / "app"
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-pthread", "-o", str(binary), str(SOURCE)]
    subprocess.run(command, check=True, timeout=60)
    return binary


def write_image(target: Path, name: str, binary: Path, environment: dict[str, str]) -> None:
    """A file as `docker save` writes it, with the binary as entry point and its own health check."""
    layer = _tar({"app": binary.read_bytes()}, mode=0o755)
    config = json.dumps(_config(hashlib.sha256(layer).hexdigest(), environment)).encode()
    digest = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": f"{digest}.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    files = {f"{digest}.json": config, "layer.tar": layer, "manifest.json": json.dumps(manifest).encode()}
    target.write_bytes(_tar(files, mode=0o644))


def _config(layer: str, environment: dict[str, str]) -> dict[str, object]:
    return {
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "config": {
            "Entrypoint": ["/app"],
            "Env": [f"{key}={value}" for key, value in environment.items()],
            "Healthcheck": {"Test": ["CMD", "/app", "check"], "Interval": CHECK_EVERY_NS, "Retries": 2},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
    }


def _tar(files: dict[str, bytes], mode: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
