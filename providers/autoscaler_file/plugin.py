"""What a recorded file offers: `sources: {recorded: {file: {…}}}`. It only reads."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_file.metrics_reader import FileReader
from autoscaler_file.settings import FileSettings

PROVIDER = Provider(name="file", sources={"file": Entry(config=FileSettings, open=FileReader)})
