"""What the template grants against what the functions asked for, both per role."""

import json
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase

from emulator import OWNER
from front import ACCOUNT, REGION
from stack import FUNCTIONS

# What the emulator wants beside what AWS wants; see README.md. The front asks AWS's question instead.
EMULATOR = "emulator"

# Granted, and not used by the steps of this test: action and end of the resource by function, with the reason.
# What stands here is not used: a grant that a step uses may not.
UNUSED = {
    ("transform", "sqs:SendMessage", "tenure-on-demand"): "transform settles a cycle with writes only in place of a writer "
    "that died after its last write",
    ("fetch", "sqs:SendMessage", "tenure-on-demand"): "fetch settles a cycle only in place of a writer that died after its "
    "last write",
}

# Used or not, as it happens: whether somebody else holds the lease at that moment.
SELDOM = {
    ("on-demand", "sqs:SendMessage", "tenure-on-demand"): "on-demand settles another cycle only where it could not write its "
    "own at once",
    ("on-demand", "dynamodb:DeleteItem", "table/tenure-Table-*"): "on-demand works off what lies in the table only where it "
    "could not write its own at once",
}


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource, granted to a function's role."""

    function: str
    action: str
    resource: str

    def covers(self, call):
        return self.action == call.action and fnmatchcase(call.resource, self.resource)

    def __str__(self):
        return f"{self.function}: {self.action} on {self.resource.rpartition(':')[2]}"


def is_listed(grant, listing):
    """Whether a grant stands in a list by function, action and a pattern for the resource's end."""
    end = grant.resource.rpartition(":")[2]
    named = [pattern for function, action, pattern in listing if (function, action) == (grant.function, grant.action)]
    return any(fnmatchcase(end, pattern) for pattern in named)


def listed(value):
    return value if isinstance(value, list) else [value]


class Permissions:
    def __init__(self, stack, front, emulator):
        self.stack, self.front, self.emulator = stack, front, emulator
        self.iam = stack.client("iam")
        # Functions by access key, and what came with the key; all environments of a function have the same.
        self.keys, self.learned = {}, {}
        self.answers = {}

    def attach_emulator_policy(self):
        """What the emulator asks for in words of its own."""
        for function in FUNCTIONS:
            log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{self.stack.resources[self.log(function)]}"
            statements = [
                {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": "*"},
                {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": log},
            ]
            self.put(function, EMULATOR, {"Version": "2012-10-17", "Statement": statements})

    def log(self, function):
        return "".join(word.capitalize() for word in function.split("-")) + "Log"

    def put(self, function, name, document):
        role = self.stack.role(function)
        self.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
        self.answers.clear()

    def learn_keys(self):
        """Which key is whose, from the environments of the functions that run."""
        functions = {self.stack.function(name): name for name in FUNCTIONS}
        for physical, variables in self.emulator.credentials().items():
            self.keys[variables["AWS_ACCESS_KEY_ID"]] = functions[physical]
            self.learned[functions[physical]] = variables

    def credentials(self, function):
        return self.learned[function]

    def allowed(self, key, action, resource):
        """AWS's question, answered by the emulator's policy simulator. The owner may do everything."""
        if key == OWNER:
            return True
        if key not in self.keys:
            self.learn_keys()
        asked = key, action, resource
        if asked not in self.answers:
            role = f"arn:aws:iam::{ACCOUNT}:role/{self.stack.role(self.keys[key])}"
            reply = self.iam.simulate_principal_policy(
                PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource]
            )
            self.answers[asked] = reply["EvaluationResults"][0]["EvalDecision"] == "allowed"
        return self.answers[asked]

    def document(self, function):
        """The one policy that the template gives a role."""
        role = self.stack.role(function)
        attached = self.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        names = [name for name in self.iam.list_role_policies(RoleName=role)["PolicyNames"] if name != EMULATOR]
        assert not attached and len(names) == 1, (function, attached, names)
        return names[0], self.iam.get_role_policy(RoleName=role, PolicyName=names[0])["PolicyDocument"]

    def grants(self):
        found = []
        for function in FUNCTIONS:
            for statement in self.document(function)[1]["Statement"]:
                assert statement["Effect"] == "Allow" and "Condition" not in statement, statement
                pairs = [(a, r) for a in listed(statement["Action"]) for r in listed(statement["Resource"])]
                found += [Grant(function, action, resource) for action, resource in pairs]
        assert len(set(found)) == len(found), "granted twice"
        return sorted(found)

    def without(self, grant):
        """The role's policy without one grant."""
        name, document = self.document(grant.function)
        kept = []
        for statement in document["Statement"]:
            for action in listed(statement["Action"]):
                resources = [
                    resource
                    for resource in listed(statement["Resource"])
                    if (action, resource) != (grant.action, grant.resource)
                ]
                if resources:
                    kept.append({"Effect": "Allow", "Action": action, "Resource": resources})
        return name, document, {"Version": "2012-10-17", "Statement": kept}

    def compare(self, calls):
        """Fails on what was refused, and on what is granted and was not used."""
        self.learn_keys()
        by_function = defaultdict(list)
        for call in calls:
            if call.key in self.keys:
                by_function[self.keys[call.key]].append(call)
        grants = self.grants()
        problems = []
        for function, made in sorted(by_function.items()):
            for call in sorted({(c.action, c.resource) for c in made if c.status in (401, 403)}):
                problems.append(f"{function} was refused {call[0]} on {call[1]}")
        unused = [grant for grant in grants if not any(grant.covers(call) for call in by_function[grant.function])]
        reasons = dict(UNUSED)
        for grant in unused:
            if is_listed(grant, SELDOM):
                continue
            key = grant.function, grant.action, grant.resource.rpartition(":")[2]
            if reasons.pop(key, None) is None:
                problems.append(f"granted and not used: {grant}")
        problems += [f"listed as not used, but it is used or not granted: {key}" for key in reasons]
        assert not problems, "\n".join(problems)
        return len(grants), len(unused)
