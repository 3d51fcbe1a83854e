"""What Lambda does with a function's role beside the function: it polls the queue and writes the log.

The emulator does both without asking for the role's permissions, so the test does them in its place, with the
credentials that Lambda gave to the function.
"""

import time

from botocore.exceptions import ClientError

from stack import FUNCTIONS, pascal


def poll_and_log(stack, permissions, functions=FUNCTIONS):
    for name in functions:
        credentials = permissions.credentials(name)
        sqs, logs = stack.client("sqs", credentials), stack.client("logs", credentials)
        url, group = stack.queue(name), stack.resources[permissions.log(name)]
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
        try:
            sqs.delete_message(QueueUrl=url, ReceiptHandle="of-no-message")
        except ClientError as error:
            # It may delete, and there is nothing to delete.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
                raise
        stream = f"as-of-{time.time_ns()}"
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        event = {"timestamp": int(time.time() * 1000), "message": "{}"}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])


def stay_out_of_other_queues(stack, permissions):
    """That the emulator refuses anything at all: no role reads the queue of another function."""
    for name, other in zip(FUNCTIONS, FUNCTIONS[1:] + FUNCTIONS[:1]):
        try:
            stack.client("sqs", permissions.credentials(name)).receive_message(QueueUrl=stack.queue(other))
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error
            continue
        raise AssertionError(f"{pascal(name)}Role may read the queue of {other}")
