"""What JSON over HTTP offers: `sources: {shop: {http_json: {…}}}`. It only reads."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_http_json.metrics_reader import HttpJsonReader
from autoscaler_http_json.settings import HttpJsonSettings

PROVIDER = Provider(name="http_json", sources={"http_json": Entry(config=HttpJsonSettings, open=HttpJsonReader)})
