"""What the lab offers to those who only look: `pools: {general: {lab: {folder: …}}}`."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_lab.pool_reader import LabPoolReader
from autoscaler_lab.settings import LabPool

PROVIDER = Provider(name="lab", pools={"lab": Entry(config=LabPool, open=LabPoolReader)})
