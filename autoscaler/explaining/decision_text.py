"""A decision in words: what was read, what each rule made of it, what each stage made of the votes, and the result."""

from collections.abc import Iterator

from autoscaler.explaining.amounts import moment, plural
from autoscaler.explaining.layout import WIDTH, item, items, page, section
from autoscaler.explaining.sentences import because, sentence
from autoscaler.model.decisions import Condition, Decision, PoolBounds, RuleVote, Stage, StageResult
from autoscaler.model.policies import Mode
from autoscaler.model.quantities import Number, Share
from autoscaler.model.reasons import Reason
from autoscaler.model.samples import MetricReading, PerReplica, Sample, Unknown
from autoscaler.model.votes import Vote, VoteKind

STAGES = {
    Stage.GUARD: "guarded",
    Stage.COMBINE: "combined",
    Stage.BOUND: "rules' bounds",
    Stage.STABILISE: "stabilised",
    Stage.RATE_LIMIT: "rate-limited",
    Stage.CLAMP: "min and max",
    Stage.MODE: "mode",
}


def decision_as_text(decision: Decision, *, width: int = WIDTH) -> str:
    """Plain text, from the inputs to the count; every stage is shown, also one that changed nothing."""
    return decided_as_text(decision, (), width=width)


def decided_as_text(decision: Decision, conditions: tuple[Condition, ...], *, width: int = WIDTH) -> str:
    """The same, with what it says in the words of Kubernetes HPA."""
    return page(
        [
            _head(decision),
            *section("Read", items(map(_reading, decision.readings), indent=2, width=width)),
            *section("Votes", items(map(vote_as_text, decision.votes), indent=2, width=width)),
            *section("Stages", [item(_stage(stage), indent=2, width=width) for stage in decision.stages]),
            *section("Conditions", items(map(_condition, conditions), indent=2, width=width)),
            "",
            *_result(decision),
        ]
    )


def bounds_as_text(bounds: PoolBounds, *, width: int = WIDTH) -> str:
    """A pool's bounds and the votes that moved them."""
    return page(
        [f"pool {bounds.pool}: {bounds.min} to {bounds.max} machines", *items(map(vote_as_text, bounds.votes), indent=2, width=width)]
    )


def vote_as_text(vote: RuleVote) -> str:
    """`target_tracking[0] wants 6: cpu is 90%, its target 60%`."""
    why = f": {because(vote.vote.reasons)}" if vote.vote.reasons else ""
    return f"{vote.rule} {_asks(vote.vote)}{why}"


def _asks(vote: Vote) -> str:
    if vote.kind is VoteKind.AT_LEAST and not vote.count:
        return "binds nothing"
    words = {
        VoteKind.WANT: f"wants {vote.count}",
        VoteKind.AT_LEAST: f"asks for at least {vote.count}",
        VoteKind.AT_MOST: f"asks for at most {vote.count}",
        VoteKind.HOLD: "holds",
        VoteKind.UNKNOWN: "cannot tell",
    }
    return words[vote.kind]


def _head(decision: Decision) -> str:
    mode = "" if decision.mode is Mode.ACTIVE else f", mode {decision.mode}"
    return f"{decision.workload} by policy {decision.policy}{mode}, at {moment(decision.at)}"


def _reading(read: MetricReading) -> str:
    if isinstance(read.reading, Unknown):
        detail = f" ({read.reading.detail})" if read.reading.detail else ""
        return f"{read.metric}: unknown, {sentence(Reason(read.reading.why))}{detail}"
    if isinstance(read.reading, PerReplica):
        return f"{read.metric}: {_samples(read.reading)}"
    return f"{read.metric}: {_value(read.reading)}, taken at {moment(read.reading.at)}"


def _value(sample: Sample) -> str:
    """What is averaged over replicas is a share of what each of them asked for."""
    if sample.covers:
        return f"{Share(sample.milli)} on average over {plural(sample.covers, 'replica')}"
    return str(Number(sample.milli))


def _samples(reading: PerReplica) -> str:
    oldest = min((one.at for one in reading.samples), default=None)
    return f"samples of {plural(len(reading.samples), 'replica')}" + (f", the oldest taken at {moment(oldest)}" if oldest else "")


def _stage(stage: StageResult) -> str:
    change = f"{stage.before} -> {stage.after}" if stage.before != stage.after else str(stage.after)
    why = f": {because(stage.reasons)}" if stage.reasons else ""
    return f"{STAGES[stage.stage]}  {change}{why}"


def _condition(condition: Condition) -> str:
    return f"{condition.aspect}: {condition.holds}, {condition.cause}"


def _result(decision: Decision) -> Iterator[str]:
    if decision.count == decision.current:
        yield f"Decided: stay at {plural(decision.count, 'replica')}."
    else:
        yield f"Decided: {decision.current} -> {plural(decision.count, 'replica')}."
    if decision.eventually != decision.count:
        yield f"With all windows over it would be {decision.eventually}."
