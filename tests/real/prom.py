"""A real Prometheus for tests: scrapes every second, on the loopback."""

import json
import subprocess
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from tests.real.waiting import free_port, until

CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
scrape_configs:
"""
JOB = '  - {{job_name: "{name}", static_configs: [{{targets: ["{target}"]}}]}}\n'


class Prometheus:
    """One Prometheus; `targets` are job name to `address:port`, such as HAProxy's exporter."""

    def __init__(self, folder: Path, targets: dict[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = folder / "prometheus.yml"
        jobs = (JOB.format(name=name, target=target) for name, target in targets.items())
        config.write_text(CONFIG.format() + "".join(jobs))
        command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb"]
        command += [f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=1h"]
        with (folder / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._ready, "Prometheus is ready", 20)

    def value(self, query: str) -> float | None:
        """The first value of an instant query; None if there is none."""
        answer = json.loads(self._get(f"/api/v1/query?{urlencode({'query': query})}"))
        found = answer["data"]["result"]
        return float(found[0]["value"][1]) if found else None

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(10)

    def _ready(self) -> bool:
        try:
            return bool(self._get("/-/ready"))
        except OSError:
            return False

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            found: bytes = answer.read()
            return found
