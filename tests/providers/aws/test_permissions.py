"""The roles that Terraform makes may do what the provider is seen to do, and nothing else."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import boto3
import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.catalogue import Found
from autoscaler.contracts.inspection import Finding
from autoscaler.contracts.provider import Site
from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.notices import Letter
from autoscaler.model.reasons import Code
from autoscaler.model.refs import Token
from autoscaler.model.samples import Unknown
from autoscaler_aws.catalogue_reader import AwsCatalogue, RegionReader
from autoscaler_aws.cloudwatch import CloudWatchReader
from autoscaler_aws.fleet_inspector import FleetInspector
from autoscaler_aws.groups import ref_of
from autoscaler_aws.inspector import GroupInspector
from autoscaler_aws.notice_queue import SqsNoticeQueue
from autoscaler_aws.notice_reader import SqsNoticeReader
from autoscaler_aws.settings import AwsNotices, AwsSettings
from autoscaler_aws.sqs import SqsReader
from autoscaler_clouds.permissions import ANYONE, Row
from autoscaler_standins.aws.balancing import Target
from tests.providers.asking import SOON, query
from tests.providers.aws.fake_aws import FakeAws, error
from tests.providers.aws.fleet_stage import ONE as FLEET
from tests.providers.aws.fleet_stage import FleetStage
from tests.providers.aws.pool_stage import AGES, GROUP, SITE, Stage
from tests.providers.aws.traffic_stage import BY_INSTANCE, ONE, TWO, WEB, TrafficStage
from tests.providers.granted import MODULES, Policy, allows, table, unmapped, unused
from tests.providers.hurried import hurried, unheard

ROWS = table("aws")
OF_OTHERS = {row.call.partition(".")[2]: row.call for row in ROWS if row.call.startswith(("cloudwatch.", "sqs.", "sts."))}
"""Calls that moto answers, which knows them without their service."""

OBSERVER, ACTOR, CALLER = (
    json.loads((MODULES / "aws-roles" / "tests" / f"{role}.json").read_text()) for role in ("observer", "actor", "caller")
)
"""What the module makes, which its own tests hold it to."""

MIXED = replace(GROUP, kinds=("m7g.large", "m7g.xlarge"), base=1)
ROLE = "arn:aws:iam::123456789012:role/shop-poolkeeper-actor"
EC2, BEGUN = "arn:aws:ec2:eu-central-1:123456789012", {"ec2:CreateAction": "RunInstances"}
Request = tuple[str, Mapping[str, str]]


def objects(cluster: str) -> dict[str, list[Request]]:
    """What AWS asks the policies about for each kind of object, where all of it is that cluster's."""
    bound, given = {"aws:ResourceTag/poolkeeper:cluster": cluster}, {"aws:RequestTag/poolkeeper:cluster": cluster}
    made = [f"{EC2}:{kind}/*" for kind in ("instance", "volume", "network-interface")]
    image = "arn:aws:ec2:eu-central-1::image/ami-1"
    return {
        "any": [("*", {})],
        "groups": [("arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:0-0:autoScalingGroupName/it", bound)],
        "templates": [(f"{EC2}:launch-template/lt-1", bound)],
        "target_groups": [("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0a", bound)],
        "machines": [(f"{EC2}:instance/i-1", {**bound, "aws:ResourceTag/poolkeeper:fleet": "burst"})],
        "launched": [(one, given) for one in made],
        "tagged": [(one, BEGUN) for one in (*made, f"{EC2}:fleet/*")],
        "used": [(one, {}) for one in (f"{EC2}:subnet/subnet-1", f"{EC2}:security-group/sg-1", f"{EC2}:fleet/*", image)],
        "node_roles": [("arn:aws:iam::123456789012:role/shop-node", {"iam:PassedToService": "ec2.amazonaws.com"})],
        "notices": [("arn:aws:sqs:eu-central-1:123456789012:shop-notices-aws", {})],
        "queues": [("arn:aws:sqs:eu-central-1:123456789012:mail", {})],
        "roles": [(ROLE, {})],
    }


def granted(policies: list[Policy], call: str, cluster: str = "shop") -> bool:
    """Whether all that a call needs is allowed."""
    about = objects(cluster)
    rows = [row for row in ROWS if row.call == call]
    needs = [(row.permission, one) for row in rows if row.role != ANYONE for one in about[row.on]]
    return bool(rows) and all(allows(policies, permission, *one) for permission, one in needs)


@dataclass(frozen=True, slots=True)
class Tour:
    """All that the provider does, as `steps`; `asked`: the calls so far."""

    steps: dict[str, Callable[[], object]]
    asked: Callable[[], set[str]]

    def refused(self) -> set[str]:
        """Walk it; the steps that were refused."""
        return {name for name, step in self.steps.items() if not done(step)}


def done(step: Callable[[], object]) -> bool:
    """Whether it was let do it: what is refused is the administrator's to grant, or a value that is not known."""
    try:
        found = step()
    except NotFoundError:
        raise
    except SetupError:
        return False
    return not (isinstance(found, tuple) and any(isinstance(one, Unknown) and one.why is Code.REFUSED for one in found))


def whole(found: Found) -> Found:
    """All of it; the first refusal where a part lacks."""
    for lacking in found.lacking:
        raise lacking
    return found


def whole_look(found: tuple[Finding, ...]) -> None:
    """Where nothing of it was refused."""
    for one in found:
        if "AWS says" in one.says:
            raise SetupError(one.says, hint=one.hint)


def tried(stage: Stage) -> None:
    """As where IAM may not be asked."""
    stage.aws.behind.simulates = False
    found = GroupInspector(stage.settings, SITE).examine(SOON)
    stage.aws.behind.simulates = True
    if any("ec2:CreateFleet is lacking" in one.says for one in found):
        raise SetupError("not even dry", hint="grant it")


@pytest.fixture
def tour(aws: FakeAws, site: Site) -> Iterator[Callable[[list[Policy]], Tour]]:
    """One under some policies. Queues and metrics are moto's."""
    single, mixed, front = Stage.of(GROUP, types=()), Stage.of(MIXED), TrafficStage.of(BY_INSTANCE)
    hooked = Stage.of(GROUP, complete_hooks=("drain",))
    fleet, warm = FleetStage.of(FLEET, types=()), Stage.of(replace(GROUP, standby=1))
    url = boto3.client("sqs", region_name="eu-central-1", endpoint_url=aws.url).create_queue(QueueName="mail")["QueueUrl"]
    settings = AwsSettings(region="eu-central-1", endpoint_url=Url(aws.url))
    queue = AwsNotices(region="eu-central-1", queue=url, endpoint_url=Url(aws.url))
    filled = len(aws.asked)

    market = AwsCatalogue(region="eu-central-1", endpoint_url=Url(single.served.url), pricing_endpoint_url=Url(single.served.url))
    taker = SqsNoticeQueue(queue, site)

    def made(policies: list[Policy]) -> Tour:
        for served in (single.served, mixed.served, front.served, fleet.served, warm.served, hooked.served):
            served.may = lambda call: granted(policies, call)
        aws.replies = {name: [error("AccessDenied", status=403)] for name, call in OF_OTHERS.items() if not granted(policies, call)}
        return Tour(
            {
                "look at a pool": single.look,
                "grow a pool": lambda: single.writer.grow(seen=2, wanted=3, token=Token("a")),
                "grow a pool of both markets": lambda: mixed.writer.grow(seen=2, wanted=3, token=Token("a")),
                "shrink a pool": lambda: single.writer.release(frozenset(one.ref for one in single.there()[:1]), token=Token("b")),
                "look at a warm pool": warm.look,
                "let go a machine that a hook holds": lambda: let_go(hooked),
                "look at a fleet": fleet.look,
                "grow a fleet": lambda: fleet.writer.grow(seen=2, wanted=3, token=Token("a")),
                "shrink a fleet": lambda: fleet.writer.release(frozenset(one.ref for one in fleet.there()[:1]), token=Token("b")),
                "look at a rotation": front.look,
                "put into rotation": lambda: front.writer.join(WEB, (ONE,)),
                "take out of rotation": lambda: leave(front),
                "count messages": lambda: SqsReader(settings, site).read((query("queue=mail"),), SOON),
                "read a metric": lambda: CloudWatchReader(settings, site).read((query("namespace=Shop metric=rps statistic=Sum"),), SOON),
                "count notices": lambda: SqsNoticeReader(queue, site).waiting(SOON),
                "take a notice": lambda: taker.take(SOON),
                "drop a notice": lambda: taker.drop((Letter(receipt="taken"),)),
                "read the catalogue": lambda: whole(RegionReader(market, hurried()).read(unheard)),
                "look behind": lambda: whole_look(GroupInspector(single.settings, SITE).examine(SOON)),
                "look behind a fleet": lambda: whole_look(FleetInspector(fleet.settings, FLEET, fleet.site).examine(SOON)),
                "try a launch": lambda: tried(single),
                "assume a role": lambda: SqsNoticeReader(replace(queue, role=ROLE), site).waiting(SOON),
            },
            lambda: (
                single.served.asked
                | mixed.served.asked
                | fleet.served.asked
                | warm.served.asked
                | hooked.served.asked
                | front.served.asked
                | {OF_OTHERS.get(name, name) for name in aws.names()[filled:]}
            ),
        )

    with single.served, mixed.served, fleet.served, warm.served, hooked.served, front.served, pytest.MonkeyPatch.context() as patch:
        for service in ("IAM", "SERVICE_QUOTAS"):
            patch.setenv(f"AWS_ENDPOINT_URL_{service}", single.served.url)
        yield made


def let_go(stage: Stage) -> None:
    """It ends already."""
    group = stage.aws.groups[GROUP.name]
    machine = stage.aws.machines.of(GROUP.name)[0]
    group.hooks.holds = {"drain": AGES}
    group.terminate(machine, decrement=True)
    stage.writer.release(frozenset({ref_of(machine.id)}), token=Token("c"))


def leave(front: TrafficStage) -> None:
    """Somebody who is in rotation, whoever may have put him there."""
    front.aws.balancing.groups["web"].targets["i-00000000000000002", 8080] = Target(front.aws.clock.now())
    front.writer.leave(WEB, (TWO,))


@pytest.mark.parametrize(
    ("role", "policy"), [("observer", OBSERVER), ("actor", ACTOR), ("caller", CALLER)], ids=["observer", "actor", "caller"]
)
def test_each_role_is_the_union_of_its_rows(role: str, policy: Policy) -> None:
    made = {(action, one["Sid"]) for one in policy["Statement"] for action in one["Action"]}
    assert made == {(row.permission, row.on.title().replace("_", "")) for row in ROWS if row.role == role}


def test_the_actor_is_refused_nothing_and_uses_each_row(tour: Callable[[list[Policy]], Tour]) -> None:
    walked = tour([OBSERVER, ACTOR, CALLER])
    assert walked.refused() == set()
    assert (unmapped(ROWS, walked.asked()), unused(ROWS, walked.asked())) == (set(), set())


def test_the_observer_sees_all_and_changes_nothing(tour: Callable[[list[Policy]], Tour]) -> None:
    walked = tour([OBSERVER, CALLER])
    pools = {
        "grow a pool",
        "grow a pool of both markets",
        "shrink a pool",
        "grow a fleet",
        "shrink a fleet",
        "try a launch",
        "let go a machine that a hook holds",
    }
    changing = pools | {"put into rotation", "take out of rotation", "take a notice", "drop a notice"}
    assert walked.refused() == changing


@pytest.mark.parametrize(
    ("permission", "stopped"),
    [
        pytest.param("ec2:RunInstances", {"grow a pool", "grow a fleet", "try a launch"}, id="what a launch needs on the way"),
        pytest.param("ec2:TerminateInstances", {"shrink a fleet"}, id="the end of machines without a group"),
        pytest.param("elasticloadbalancing:DeregisterTargets", {"take out of rotation"}, id="one of the two ways of a target"),
        pytest.param("sqs:DeleteMessage", {"drop a notice"}, id="a notice that was read"),
        pytest.param("sqs:GetQueueUrl", {"count messages"}, id="a queue by its name"),
        pytest.param("pricing:GetProducts", {"read the catalogue"}, id="prices on demand"),
        pytest.param("sts:AssumeRole", {"assume a role"}, id="the role itself"),
    ],
)
def test_a_permission_that_is_taken_away_is_missed(tour: Callable[[list[Policy]], Tour], permission: str, stopped: set[str]) -> None:
    assert tour([without(permission, each) for each in (OBSERVER, ACTOR, CALLER)]).refused() == stopped


def without(permission: str, policy: Policy) -> Policy:
    """The same, less one."""
    return {"Statement": [{**one, "Action": [each for each in one["Action"] if each != permission]} for one in policy["Statement"]]}


@pytest.mark.parametrize(
    "call", sorted({row.call for row in ROWS if row.on in ("groups", "templates", "launched", "machines", "target_groups")})
)
def test_another_clusters_pools_are_out_of_reach(call: str) -> None:
    assert granted([OBSERVER, ACTOR], call)
    assert not granted([OBSERVER, ACTOR], call, cluster="other")


@pytest.mark.parametrize(
    ("action", "about"),
    [
        pytest.param("ec2:CreateTags", (f"{EC2}:instance/i-1", {}), id="tags of what runs already"),
        pytest.param("ec2:RunInstances", (f"{EC2}:instance/*", {}), id="machines that say nothing of a cluster"),
        pytest.param(
            "ec2:TerminateInstances",
            (f"{EC2}:instance/i-1", {"aws:ResourceTag/poolkeeper:cluster": "shop"}),
            id="a machine past its group",
        ),
        pytest.param(
            "iam:PassRole", ("arn:aws:iam::123456789012:role/admin", {"iam:PassedToService": "ec2.amazonaws.com"}), id="another role"
        ),
        pytest.param(
            "iam:PassRole",
            ("arn:aws:iam::123456789012:role/shop-node", {"iam:PassedToService": "lambda.amazonaws.com"}),
            id="another service",
        ),
        pytest.param("sqs:ReceiveMessage", ("arn:aws:sqs:eu-central-1:123456789012:mail", {}), id="messages that are a metric"),
        pytest.param("autoscaling:UpdateAutoScalingGroup", objects("shop")["groups"][0], id="a group's own bounds"),
        pytest.param("elasticloadbalancing:ModifyTargetGroupAttributes", objects("shop")["target_groups"][0], id="a target group's delay"),
    ],
)
def test_the_actor_may_not_touch(action: str, about: Request) -> None:
    assert not allows([OBSERVER, ACTOR], action, *about)


def test_the_table_names_what_it_does_not_know_and_what_nobody_needs() -> None:
    asked = {row.call for row in ROWS}
    assert (unmapped(ROWS, asked), unused(ROWS, asked)) == (set(), set())
    assert unmapped(ROWS, asked | {"ec2.RebootInstances"}) == {"ec2.RebootInstances"}
    more = Row(call="ec2.StopInstances", role="actor", permission="ec2:StopInstances", on="any", page="https://docs.aws.amazon.com")
    assert unused([*ROWS, more], asked) == {"ec2.StopInstances"}


def test_every_row_says_which_page_it_is_from() -> None:
    assert [row for row in ROWS if not row.page.startswith("https://docs.aws.amazon.com/")] == []
    assert len(set(ROWS)) == len(ROWS)
