"""What a new machine asks its cloud, on loopback: who it is, its own credentials, and one secret. As strict as they are."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.providers.loopback import Asked, Loopback, Reply, answer

ROLE = Credentials("ASIAMADEUP", "s3cret/made+up", "IQoJb3JpZ2luX2VjEMade+Up/Session==")
BEARER = "ya29.made-up"
COMPLETES = (
    "Action=CompleteLifecycleAction&Version=2011-01-01&AutoScalingGroupName=shop-general&LifecycleHookName=launch"
    "&LifecycleActionResult=CONTINUE&InstanceId=i-0a1b2c3d4e5f60718"
)
DESTINED = "/latest/meta-data/autoscaling/target-lifecycle-state"
GOOGLE, AZURE = "/computeMetadata/v1/", "/metadata/"
AUDIENCES = ("https://vault.azure.net", "https://storage.azure.com/")
TEXTS = {
    "/latest/meta-data/instance-id": "i-0a1b2c3d4e5f60718",
    "/latest/meta-data/placement/availability-zone": "eu-central-1a",
    "/latest/meta-data/local-hostname": "ip-10-0-0-7.eu-central-1.compute.internal",
    "/latest/meta-data/iam/security-credentials/": "shop-node",
    "/latest/meta-data/placement/region": "eu-central-1",
    "/latest/meta-data/services/domain": "amazonaws.com",
    f"{GOOGLE}instance/name": "shop-general-x7k2",
    f"{GOOGLE}instance/id": "4711081547110815",
    f"{GOOGLE}instance/zone": "projects/123456789012/zones/europe-west4-a",
    f"{GOOGLE}project/project-id": "shop-prod",
    f"{AZURE}instance/compute/osProfile/computerName": "shop-general-00000A",
    f"{AZURE}instance/compute/location": "westeurope",
    f"{AZURE}instance/compute/zone": "1",
    f"{AZURE}instance/compute/name": "shop-general_10",
    f"{AZURE}instance/compute/vmId": "0f3fa6d2-851c-4a91-9087-1a050f3a9c38",
    f"{AZURE}instance/compute/resourceId": "/subscriptions/s/resourceGroups/shop/virtualMachineScaleSets/shop-general/virtualMachines/10",
}
TOKENS = {
    "/latest/meta-data/iam/security-credentials/shop-node": {
        "Code": "Success",
        "AccessKeyId": ROLE.access_key,
        "SecretAccessKey": ROLE.secret_key,
        "Token": ROLE.token,
    },
    f"{GOOGLE}instance/service-accounts/default/token": {"access_token": BEARER, "expires_in": 3599, "token_type": "Bearer"},
    f"{AZURE}identity/oauth2/token": {"access_token": BEARER, "resource": "https://vault.azure.net"},
}


@dataclass(slots=True)
class Cloud:
    """`secret`: what it keeps. `refusals`: what reads of it are answered with first, one after the other; without any left, it is told.

    `url`: of the metadata service and of the secret's API both. `destined`: for which states of its group the machine is, look by look; the
    last for ever.
    """

    secret: str
    refusals: list[Reply] = field(default_factory=list)
    url: str = ""
    destined: list[str] = field(default_factory=list)

    def respond(self, asked: Asked) -> Reply:
        """As the cloud would."""
        if (asked.method, asked.path) == ("PUT", "/latest/api/token"):
            return Reply(body=b"session", status=200 if "x-aws-ec2-metadata-token-ttl-seconds" in asked.headers else 400)
        if asked.path == DESTINED and self.destined and _may_ask(asked):
            state = self.destined.pop(0) if len(self.destined) > 1 else self.destined[0]
            return Reply(body=state.encode(), status=200 if state else 404)
        if asked.path in TEXTS or asked.path in TOKENS:
            told = TEXTS.get(asked.path) or json.dumps(TOKENS[asked.path])
            return Reply(body=told.encode()) if _may_ask(asked) else Reply(status=401)
        kept = self._kept(asked)
        if kept is None:
            return answer({"__type": "UnrecognizedClientException"}, 403)
        return self.refusals.pop(0) if self.refusals else answer(kept)

    def _kept(self, asked: Asked) -> Mapping[str, object] | None:
        """The secret as its API tells it; None for whoever may not know."""
        bears = asked.method == "GET" and asked.headers.get("authorization") == f"Bearer {BEARER}"
        if bears and asked.path == "/v1/projects/shop-prod/secrets/join/versions/latest:access":
            return {"payload": {"data": base64.b64encode(self.secret.encode()).decode(), "dataCrc32c": "1"}}
        if bears and asked.path == "/secrets/join":
            return {"value": self.secret, "id": "https://shop.vault.azure.net/secrets/join/1", "attributes": {"enabled": True}}
        return self._of_aws(asked) if (asked.method, asked.path) == ("POST", "/") and _signed(self.url, asked) else None

    def _of_aws(self, asked: Asked) -> Mapping[str, object] | None:
        target = asked.headers.get("x-amz-target", "")
        if not target:
            return {} if asked.body.decode() == COMPLETES else None
        question = json.loads(asked.body)
        if target == "AmazonSSM.GetParameter" and question == {"Name": "/shop/join", "WithDecryption": True}:
            return {"Parameter": {"Name": "/shop/join", "Type": "SecureString", "Value": self.secret, "Version": 1}}
        if target == "secretsmanager.GetSecretValue" and list(question) == ["SecretId"]:
            return {"ARN": question["SecretId"], "SecretString": self.secret, "VersionStages": ["AWSCURRENT"]}
        return None


@contextmanager
def serving(cloud: Cloud) -> Iterator[Cloud]:
    """For as long as the context lasts."""
    with Loopback(cloud.respond) as server:
        cloud.url = server.url
        yield cloud


def _may_ask(asked: Asked) -> bool:
    """Each cloud wants a header that no page in a browser would send, Azure an audience for a token too."""
    if asked.path.startswith(GOOGLE):
        return asked.headers.get("metadata-flavor") == "Google"
    if asked.path.startswith(AZURE):
        plain = asked.params.get("format") == "text" or asked.params.get("resource") in AUDIENCES
        return asked.headers.get("metadata") == "true" and "api-version" in asked.params and plain
    return asked.headers.get("x-aws-ec2-metadata-token") == "session"


def _signed(url: str, asked: Asked) -> bool:
    """By botocore's own reckoning."""
    every = ("content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target")
    names = [name for name in every if name in asked.headers]
    _, _, scope = asked.headers.get("authorization", "").partition("Credential=")
    _, _, region, service, _ = scope.split("/", 4)
    request = AWSRequest("POST", f"{url}/", data=asked.body, headers={name: asked.headers[name] for name in names})
    request.context["timestamp"] = asked.headers["x-amz-date"]
    signer = SigV4Auth(ROLE, service, region)
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    return asked.headers["authorization"].endswith(f"SignedHeaders={';'.join(names)}, Signature={signature}")
