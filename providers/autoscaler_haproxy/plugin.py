"""What HAProxy offers to those who only look: `traffic: {edge: {haproxy: {…}}}`."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_haproxy.settings import HaproxySettings
from autoscaler_haproxy.traffic_reader import HaproxyReader

PROVIDER = Provider(name="haproxy", traffic={"haproxy": Entry(config=HaproxySettings, open=HaproxyReader)})
