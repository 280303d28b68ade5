"""What an account may, and what AWS does by itself with its groups, as far as it is shown."""

from collections.abc import Callable
from dataclasses import dataclass, field

from autoscaler_standins.aws.groups import Group
from autoscaler_standins.aws.protocol import Params, Refusal

ACCOUNT = "000000000000"
ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/shop-poolkeeper-actor/it"


@dataclass(slots=True)
class Behind:
    """`find`: a group by what a request names. `denied`: actions that whoever asks may not. `simulates`: whether he may ask that.

    `vcpus`: quotas by their codes, where they are not generous.
    """

    find: Callable[[Params], Group]
    arn: str = ARN
    denied: set[str] = field(default_factory=set)
    simulates: bool = True
    vcpus: dict[str, int] = field(default_factory=dict)

    def who(self, _: Params) -> Params:
        """GetCallerIdentity."""
        return {"UserId": "AROAEXAMPLE:it", "Account": ACCOUNT, "Arn": self.arn}

    def simulate(self, params: Params) -> Params:
        """SimulatePrincipalPolicy: of conditions only that a cluster's tag is there."""
        if not self.simulates:
            raise Refusal("AccessDenied", f"User: {self.arn} is not authorized to perform: iam:SimulatePrincipalPolicy", status=403)
        keys = {one["ContextKeyName"] for one in params.get("ContextEntries", [])}
        abouts = params.get("ResourceArns", ["*"])
        decided = [(action, self._decision(action, one, keys)) for action in params["ActionNames"] for one in abouts]
        return {"EvaluationResults": [{"EvalActionName": action, "EvalDecision": word} for action, word in decided], "IsTruncated": False}

    def _decision(self, action: str, about: str, keys: set[str]) -> str:
        bound = any(one in about for one in ("autoScalingGroup", "launch-template", "network-interface", "volume", "instance/"))
        bound = bound and action != "ec2:CreateTags"
        tagged = not bound or any(key.endswith("/poolkeeper:cluster") for key in keys)
        return "allowed" if tagged and action not in self.denied else "implicitDeny"

    def quota(self, params: Params) -> Params:
        """GetServiceQuota."""
        code = params["QuotaCode"]
        return {
            "Quota": {"ServiceCode": params["ServiceCode"], "QuotaCode": code, "Value": float(self.vcpus.get(code, 5000)), "Unit": "None"}
        }

    def fleet(self, params: Params) -> Params:
        """CreateFleet as a dry run, of whatever would be launched."""
        del params
        if "ec2:CreateFleet" in self.denied:
            raise Refusal("UnauthorizedOperation", "You are not authorized to perform this operation.", status=403)
        raise Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status=412)

    def policies(self, params: Params) -> Params:
        """DescribePolicies."""
        group = self.find(params)
        shown = [{"AutoScalingGroupName": group.spec.name, "PolicyName": name, "Enabled": True} for name in group.others.policies]
        return {"ScalingPolicies": shown}

    def schedule(self, params: Params) -> Params:
        """DescribeScheduledActions."""
        group = self.find(params)
        shown = [{"AutoScalingGroupName": group.spec.name, "ScheduledActionName": name} for name in group.others.schedule]
        return {"ScheduledUpdateGroupActions": shown}

    def refreshes(self, params: Params) -> Params:
        """DescribeInstanceRefreshes."""
        group = self.find(params)
        shown = [
            {"InstanceRefreshId": str(place), "AutoScalingGroupName": group.spec.name, "Status": status}
            for place, status in enumerate(group.others.refreshes)
        ]
        return {"InstanceRefreshes": shown}
