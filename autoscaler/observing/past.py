"""What a source remembers of one metric: read as patiently as everything else, and by a deadline of its own."""

from autoscaler.contracts.past_reader import Moments, PastReader, Stretch
from autoscaler.contracts.runtime import Call
from autoscaler.errors import AutoscalerError, ProviderError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import SourceName
from autoscaler.observing.eyes import Eyes
from autoscaler.observing.patience import Patience


def remembers(eyes: Eyes, source: SourceName | None) -> bool:
    """Whether the source has a past that can be asked for."""
    return source is not None and isinstance(eyes.sources.get(source), PastReader)


def read_past(eyes: Eyes, source: SourceName, text: str, stretch: Stretch, deadline: Duration) -> Moments:
    """What the source's own query gave then; UnavailableError past the deadline, else as `PastReader`."""
    reader: object = eyes.sources.get(source)
    if not isinstance(reader, PastReader):
        raise ProviderError(f"{source} remembers nothing", hint="its loads are kept from tick to tick")
    patience = Patience(world=source, runtime=eyes.runtime, budget=eyes.budget, ends=eyes.runtime.monotonic() + deadline.ms)
    call = Call(source, lambda: patience.read(lambda _: reader.read_past(text, stretch)))
    (found,) = eyes.runtime.gather((call,), deadline)
    if isinstance(found, AutoscalerError):
        raise found
    return tuple(found)
