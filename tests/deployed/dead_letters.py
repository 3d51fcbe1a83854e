"""What cannot be worked off reaches the dead-letter queue, and what is redriven from there does no harm."""

import json
import time

from stack import FUNCTIONS, JOB, TARGET, wait

# From the template; a test of its own says that each queue has it.
DELIVERIES = 5
NOBODYS = "nobody-knows-this-one"
POISON = {
    "fetch": ["not a message", json.dumps({"v": 1, "job": NOBODYS, "mode": "full"})],
    "transform": ["not a message", json.dumps({"v": 1, "job": NOBODYS, "cycle": 1, "batch": 1})],
    "write": ["not a message", json.dumps({"v": 1, "target": NOBODYS})],
    "on-demand": ["not a message", json.dumps({"v": 1, "job": NOBODYS, "hint": "00"})],
}


def poison(stack, log):
    """Every poisoned message is tried as often as the template says, and then put aside."""
    stack.set_visibility(1)
    sent = {stack.send(name, body): (name, body) for name, bodies in POISON.items() for body in bodies}
    found = {}

    def all_are_there():
        for name in FUNCTIONS:
            found.update({message: (name, body, times) for message, body, times in stack.dead_letters(name)})
        return found.keys() >= sent.keys()

    wait("poison is in the dead-letter queues", all_are_there, 60, 0.5)
    text = log.read_text()
    for message, (name, body) in sent.items():
        assert found[message] == (name, body, DELIVERIES), (found[message], name)
        times = sum(f'"message.id":"{message}"' in line and "a message failed" in line for line in text.splitlines())
        assert times == DELIVERIES, (name, body, times)
    assert found.keys() == sent.keys(), "good messages are among the dead letters"


def redrive(stack, steps, permissions, number):
    """A good message is given up while a role lacks a permission; redriven afterwards, twice, it is worked off once."""
    stack.set_visibility(1)
    lost = next(g for g in permissions.grants() if g.function == "transform" and g.resource == stack.graph_secret)
    name, before, without = permissions.without(lost)
    permissions.put("transform", name, without)
    stack.restart(["transform"])
    key = steps.company.hire(number, 0, "00002")
    cycle = max(stack.cycles()) + 1
    stack.upload(steps.company.text())
    letters = []

    def is_given_up():
        letters.extend(stack.dead_letters("transform"))
        return letters

    wait("the message is given up", is_given_up, 60, 0.5)
    assert letters[0][2] == DELIVERIES, letters
    assert stack.cycles()[cycle] == "planning" and key not in steps.accounts()
    permissions.put("transform", name, before)
    stack.set_visibility(30)
    stack.restart(["transform"])
    body = letters[0][1]
    assert json.loads(body)["job"] == JOB
    stack.send("transform", body)
    steps.rest()
    assert stack.cycles()[cycle] == "settled" and key in steps.accounts()
    writes = steps.writes()
    for _ in range(2):
        stack.send("transform", body)
    stack.send("write", json.dumps({"v": 1, "target": TARGET}))
    time.sleep(1)
    steps.rest()
    assert steps.writes() == writes, "a message that was redriven wrote again"
    # Whatever else the schedule sent meanwhile may have been given up as well; nothing else.
    assert all(json.loads(letter)["cycle"] == cycle for _, letter, _ in stack.dead_letters("transform"))
