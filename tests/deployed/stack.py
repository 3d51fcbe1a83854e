"""The deployed stack: deployed with `sam deploy` as it stands, then used as an operator uses it."""

import json
import os
import subprocess
import time

import boto3
from botocore.config import Config

from emulator import OWNER, Graph
from front import REGION

JOB = "hr-to-entra"
TARGET = "entra"
NAME = "tenure"
FUNCTIONS = ["fetch", "transform", "write", "on-demand"]


def pascal(name):
    return "".join(word.capitalize() for word in name.split("-"))


class Stack:
    def __init__(self, root, folder, front, certificate, graph):
        self.root, self.folder, self.front, self.graph = root, folder, front, graph
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{front.port}",
            "AWS_CA_BUNDLE": str(certificate),
            "SSL_CERT_FILE": str(certificate),
            "AWS_ACCESS_KEY_ID": OWNER,
            "AWS_SECRET_ACCESS_KEY": OWNER,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "SAM_CLI_TELEMETRY": "0",
        }
        self.certificate = str(certificate)
        self.outputs, self.resources = {}, {}
        self.clients = {}

    def client(self, service, credentials=None):
        """A client of the account's owner, or of a function's role."""
        credentials = credentials or self.environment
        key = service, credentials["AWS_ACCESS_KEY_ID"]
        if key not in self.clients:
            self.clients[key] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=self.environment["AWS_ENDPOINT_URL"],
                verify=self.certificate,
                aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
                aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
                config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
            )
        return self.clients[key]

    def deploy(self, sam, architecture):
        """The template, unedited."""
        self.client("s3").create_bucket(Bucket="artifacts")
        secret = self.client("secretsmanager").create_secret(Name="graph", SecretString=Graph.SECRET)
        parameters = {
            "Architecture": architecture,
            "FetchRate": "rate(1 minute)",
            "GraphSecretArn": secret["ARN"],
            "TableProtection": "false",
        }
        command = [
            sam,
            "deploy",
            "--template-file",
            str(self.root / "template.yaml"),
            *("--stack-name", NAME, "--s3-bucket", "artifacts", "--region", REGION),
            *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"),
            "--parameter-overrides",
            *(f'{name}="{value}"' for name, value in parameters.items()),
        ]
        done = subprocess.run(command, env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise SystemExit(f"sam deploy failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        self.graph_secret = secret["ARN"]
        cloudformation = self.client("cloudformation")
        described = cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=NAME):
            for one in page["StackResourceSummaries"]:
                self.resources[one["LogicalResourceId"]] = one["PhysicalResourceId"]

    # What the operator puts there.

    def put_configuration(self):
        """The bundled company's, with its file in the drop bucket and the simulator at its address."""
        company = self.root / "infra/cli/company"
        text = (company / "tenure.toml").read_text()
        url = self.graph.url
        for old, new in [
            ('url = "people.csv"', f'url = "s3://{self.outputs["DropBucketName"]}/people.csv"\npage_size = 100'),
            ('base_url = "simulator"', f'base_url = "{url}"\nauthority = "{url}"'),
            ('"env:GRAPH_CLIENT_SECRET"', f'"secret:{self.graph_secret}"'),
        ]:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        self.client("s3").put_object(**self.configuration(), Body=text.encode())

    def remove_configuration(self):
        self.client("s3").delete_object(**self.configuration())

    def configuration(self):
        bucket, _, key = self.outputs["ConfigUrl"].removeprefix("s3://").partition("/")
        return {"Bucket": bucket, "Key": key}

    def upload(self, text):
        """HR's file arrives."""
        self.client("s3").put_object(Bucket=self.outputs["DropBucketName"], Key="people.csv", Body=text.encode())

    def demand(self, record):
        """`tenure run --on-demand` with the stack's outputs in the environment, under way until everything rests."""
        program = self.root / "target/debug/tenure"
        names = ["TableName", "BlobUrl", "ConfigUrl", "StackSecretArn"]
        names += [f"{pascal(function)}QueueUrl" for function in FUNCTIONS]
        variables = {"".join("_" + c if c.isupper() else c for c in name)[1:].upper(): self.outputs[name] for name in names}
        command = [program, "run", "--on-demand", record]
        environment = self.environment | variables
        return subprocess.Popen(
            command, env=environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    # Functions.

    def function(self, name):
        return self.resources[f"{pascal(name)}Function"]

    def role(self, name):
        return self.resources[f"{pascal(name)}Role"]

    def invoke(self, name, payload):
        reply = self.client("lambda").invoke(FunctionName=self.function(name), Payload=json.dumps(payload).encode())
        return reply.get("FunctionError"), json.loads(reply["Payload"].read() or b"null")

    def set_function(self, names=FUNCTIONS, **settings):
        for name in names:
            self.client("lambda").update_function_configuration(FunctionName=self.function(name), **settings)

    def restart(self, names=FUNCTIONS):
        """Gives functions a new environment, as an operator does: by a changed variable."""
        client = self.client("lambda")
        for name in names:
            environment = client.get_function_configuration(FunctionName=self.function(name))["Environment"]
            environment["Variables"]["RESTARTED_AT"] = str(time.time())
            self.set_function([name], Environment=environment)

    def throttle(self, name):
        """Nobody may run it."""
        client = self.client("lambda")
        client.put_function_concurrency(FunctionName=self.function(name), ReservedConcurrentExecutions=0)

    def unthrottle(self, name):
        self.client("lambda").delete_function_concurrency(FunctionName=self.function(name))

    def reset(self):
        """Everything that a step may have left when it failed."""
        for name, timeout in [("fetch", 300), ("write", 60), ("on-demand", 60)]:
            self.unthrottle(name)
            self.set_function([name], Timeout=timeout)
        key = {"pk": {"S": f"TARGET#{TARGET}"}, "sk": {"S": "LEASE"}}
        self.client("dynamodb").update_item(
            TableName=self.outputs["TableName"], Key=key, UpdateExpression="REMOVE paused_until, paused_why, failures"
        )

    # Queues.

    def queue(self, name, dead=False):
        return self.resources[f"{pascal(name)}{'DeadLetter' if dead else ''}Queue"]

    def send(self, name, body):
        return self.client("sqs").send_message(QueueUrl=self.queue(name), MessageBody=body)["MessageId"]

    def set_visibility(self, seconds, names=FUNCTIONS):
        for name in names:
            attributes = {"VisibilityTimeout": str(seconds)}
            self.client("sqs").set_queue_attributes(QueueUrl=self.queue(name), Attributes=attributes)

    def length(self, url):
        """Messages in a queue, those that somebody is at included."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        reply = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(reply["Attributes"][name]) for name in names)

    def dead_letters(self, name):
        """Takes all messages out of a dead-letter queue: body and number of deliveries."""
        sqs, url, found = self.client("sqs"), self.queue(name, dead=True), []
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["ApproximateReceiveCount"]
        ).get("Messages"):
            for one in messages:
                # This delivery counts as well.
                found.append((one["MessageId"], one["Body"], int(one["Attributes"]["ApproximateReceiveCount"]) - 1))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return found

    # State.

    def item(self, pk, sk):
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        reply = self.client("dynamodb").get_item(TableName=self.outputs["TableName"], Key=key, ConsistentRead=True)
        return {name: next(iter(value.values())) for name, value in reply.get("Item", {}).items()}

    def job(self):
        return self.item(f"JOB#{JOB}", "JOB")

    def items(self, pk, prefix=""):
        values = {":pk": {"S": pk}} | ({":prefix": {"S": prefix}} if prefix else {})
        pages = self.client("dynamodb").get_paginator("query").paginate(
            TableName=self.outputs["TableName"],
            KeyConditionExpression="pk = :pk" + (" AND begins_with(sk, :prefix)" if prefix else ""),
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )
        items = [item for page in pages for item in page["Items"]]
        return {item["sk"]["S"]: {name: next(iter(field.values())) for name, field in item.items()} for item in items}

    def cycles(self):
        """All cycles by number, with their state."""
        items = self.items(f"JOB#{JOB}", "CYCLE#")
        return {int(key.removeprefix("CYCLE#")): item["state"] for key, item in items.items()}

    def is_released(self, number):
        return self.item(f"JOB#{JOB}", f"CYCLE#{number:010}").get("released", False)

    def open_set(self):
        """Records that wait for something."""
        items = self.items(f"JOB#{JOB}#OPEN")
        return [item["reason"] for item in items.values()]

    def is_at_rest(self):
        """No cycle is open and no message waits."""
        return "open_cycle" not in self.job() and all(self.length(self.queue(name)) == 0 for name in FUNCTIONS)


def ended(process):
    """The program did what it was asked for."""
    out, _ = process.communicate(timeout=180)
    assert process.returncode == 0, out


def wait(what, holds, seconds=60, each=0.1):
    """Waits until something holds, and returns it."""
    end = time.monotonic() + seconds
    while True:
        if found := holds():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s, not yet: {what}")
        time.sleep(each)
