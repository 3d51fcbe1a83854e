"""The template deployed as it stands on an emulator of AWS with IAM enforced, and used. See README.md."""

import argparse
import contextlib
import shutil
import tempfile
import threading
import time
from pathlib import Path

from botocore.exceptions import ClientError

import dead_letters
from emulator import Emulator, Graph, certificate
from front import Front
from lambda_itself import poll_and_log, stay_out_of_other_queues
from permissions import Permissions
from stack import FUNCTIONS, Stack, wait
from steps import Company, Steps

# A schedule of each minute fires within this time of its deployment, whatever the emulator's grain.
SCHEDULE_SECONDS = 100


class Run:
    def __init__(self, arguments):
        self.started = self.lapped = time.monotonic()
        self.root, self.arguments = Path(arguments.root), arguments
        self.folder = Path(tempfile.mkdtemp(prefix="deployed-"))
        self.processes = []

    def say(self, text):
        now = time.monotonic()
        print(f"{now - self.started:6.1f} s  {text} ({now - self.lapped:.1f} s)", flush=True)
        self.lapped = now

    def start(self):
        pem, key = certificate(self.folder)
        self.front = Front(pem, key)
        self.processes.append(self.front)
        self.graph = Graph(self.root / "target/debug/examples/graph-simulator")
        self.processes.append(self.graph)
        self.emulator = Emulator(self.arguments.emulator, self.folder, self.front, pem)
        self.processes.append(self.emulator)
        self.stack = Stack(self.root, self.folder, self.front, pem, self.graph)
        self.stack.deploy(self.arguments.sam, self.arguments.architecture)
        self.deployed = time.monotonic()
        self.permissions = Permissions(self.stack, self.front, self.emulator)
        self.permissions.attach_emulator_policy()
        self.front.allowed = self.permissions.allowed
        self.steps = Steps(self.stack, Company(self.root))
        self.say("the template is deployed as it stands")

    def stop(self):
        for one in reversed(self.processes):
            one.stop()

    def configure(self):
        """The bucket's greeting came before there was a configuration; on AWS it comes back after half an hour."""
        self.steps.unconfigured(0)
        self.stack.client("sqs").purge_queue(QueueUrl=self.stack.queue("fetch"))
        self.stack.set_visibility(30)
        self.stack.put_configuration()
        self.say("without a configuration, each function says what is missing")

    def cycles(self):
        steps, stack = self.steps, self.stack
        steps.little_time(0)
        people = len(steps.company.rows)
        assert self.graph.ask()["creates"] == len(steps.accounts()) == people
        self.say(f"HR's file arrives: {people} accounts, in functions that hand on to themselves")
        writes = steps.writes()
        steps.arrive()
        assert steps.writes() == writes and set(stack.cycles().values()) == {"settled"}
        self.say("the same file again: no account is touched")
        for step in [steps.change, steps.pending, steps.overtaken, steps.cut_off, steps.missing]:
            step(1)
            self.permissions.learn_keys()
            self.say(step.__doc__.rstrip("."))
        poll_and_log(self.stack, self.permissions)
        self.say("Lambda's own part: queues are polled and logs written with the roles' credentials")

    def scheduled(self):
        """Nothing arrives, and still a cycle begins and the writer looks for work."""
        steps, stack = self.steps, self.stack
        steps.rest()
        mark, before = self.front.mark(), max(stack.cycles())
        keys = {function: key for key, function in self.permissions.keys.items()}

        def seen():
            writer = any(call.key == keys["write"] for call in self.front.since(mark))
            return writer and max(stack.cycles()) > before

        left = SCHEDULE_SECONDS - (time.monotonic() - self.deployed)
        wait("both schedules have fired", seen, max(left, 70), 0.5)
        steps.rest()
        sent = [call for call in self.front.since(mark) if call.action == "sqs:SendMessage"]
        assert not sent, f"not by schedule: {sent}"
        assert stack.cycles()[before + 1] == "settled"
        self.say("by schedule alone, a cycle begins and the writer looks for work")

    def attempt(self, step, number):
        """Takes a step that is expected to fail, beside whoever watches."""

        def attempted():
            with contextlib.suppress(AssertionError, ClientError, KeyError):
                step(number)

        thread = threading.Thread(target=attempted, daemon=True)
        thread.start()
        return thread

    def whole(self):
        self.start()
        mark = self.front.mark()
        self.configure()
        self.cycles()
        granted, unused = self.permissions.compare(self.front.since(mark))
        stay_out_of_other_queues(self.stack, self.permissions)
        self.say(f"{granted} grants: nothing was refused, and all but {unused} were used")
        dead_letters.poison(self.stack, self.emulator.log)
        self.say(f"poison is put aside after {dead_letters.DELIVERIES} deliveries")
        dead_letters.redrive(self.stack, self.steps, self.permissions, 2)
        self.say("a message that is redriven twice is worked off once")
        self.scheduled()
        if self.arguments.each_permission:
            from each_permission import each_permission

            each_permission(self)
        for name in FUNCTIONS:
            assert not self.stack.dead_letters(name), f"dead letters of {name}"


def main():
    parser = argparse.ArgumentParser()
    for name in ["root", "emulator", "sam", "architecture"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--each-permission", action="store_true")
    run = Run(parser.parse_args())
    try:
        run.whole()
    except BaseException:
        print(f"what was left is in {run.folder}")
        if run.processes:
            run.stop()
        raise
    run.stop()
    shutil.rmtree(run.folder)


main()
