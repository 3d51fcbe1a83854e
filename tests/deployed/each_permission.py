"""Every grant of the template taken away in turn: what needs it is refused, and goes on once it is back."""

import time

from lambda_itself import poll_and_log
from permissions import SELDOM, UNUSED, is_listed
from stack import FUNCTIONS, wait

# A round is over when the refusal is seen; without one in this time, nobody misses the grant.
MISSED_SECONDS = 60


def steps_by_need(run):
    """The steps to try for a grant, those that are quick first."""
    steps = run.steps
    return [steps.change, steps.pending, steps.little_time, steps.overtaken, steps.cut_off, steps.missing, steps.unconfigured]


def who_uses(run, grants):
    """The first step that uses each grant, found by taking all of them once more."""
    needs = {}
    for number, step in enumerate(steps_by_need(run), 3):
        run.stack.restart()
        mark = run.front.mark()
        step(number)
        run.permissions.learn_keys()
        for call in run.front.since(mark):
            for grant in grants:
                if run.permissions.keys.get(call.key) == grant.function and grant.covers(call):
                    needs.setdefault(grant, step)
    return needs


def is_missed(run, grant, step, number):
    """Takes one grant away, takes the step, and gives the grant back as soon as it is missed."""
    permissions, stack, front = run.permissions, run.stack, run.front
    name, before, without = permissions.without(grant)
    permissions.put(grant.function, name, without)
    # What is read at the start only would not be missed by an environment that is there already.
    stack.restart([grant.function])
    mark = front.mark()

    def refused():
        mine = (call for call in front.since(mark) if permissions.keys.get(call.key) == grant.function)
        return any(call.status == 403 and grant.covers(call) for call in mine)

    try:
        taken = run.attempt(step, number)
        end = time.monotonic() + MISSED_SECONDS
        while not refused() and taken.is_alive() and time.monotonic() < end:
            time.sleep(0.05)
        missed = refused()
    finally:
        permissions.put(grant.function, name, before)
        stack.restart([grant.function])
    taken.join()
    return missed


def lambda_misses(run, grant):
    """The same for what Lambda itself does with the role."""
    name, before, without = run.permissions.without(grant)
    run.permissions.put(grant.function, name, without)
    try:
        poll_and_log(run.stack, run.permissions, [grant.function])
    except Exception as error:
        return "403" in str(getattr(error, "response", {}).get("ResponseMetadata", {}).get("HTTPStatusCode"))
    finally:
        run.permissions.put(grant.function, name, before)
    return False


def each_permission(run):
    grants = run.permissions.grants()
    # A message that failed comes back soon.
    run.stack.set_visibility(2)
    needs = who_uses(run, grants)
    run.say(f"{len(needs)} of {len(grants)} grants are used by a step that can be taken again")
    unnoticed = []
    for number, grant in enumerate(grants, 20):
        if is_listed(grant, UNUSED) or is_listed(grant, SELDOM):
            continue
        if grant in needs:
            missed = is_missed(run, grant, needs[grant], number)
            recover(run)
        else:
            missed = lambda_misses(run, grant)
        if not missed:
            unnoticed.append(str(grant))
        run.say(f"{'missed' if missed else 'NOT MISSED'}: {grant}")
    assert not unnoticed, "nobody misses:\n" + "\n".join(unnoticed)


def recover(run):
    """What was given up goes back to its queue, HR's file arrives once more, and the whole comes to rest."""
    stack = run.stack
    stack.reset()
    stack.set_visibility(2)
    stack.upload(run.steps.company.text())
    for name in FUNCTIONS:
        for _, body, _ in stack.dead_letters(name):
            stack.send(name, body)
    time.sleep(0.5)
    run.steps.rest(120)
    wait("everybody has an account", lambda: len(run.steps.accounts()) >= len(run.steps.company.rows), 120, 1)
