"""What an operator and HR do to the stack, each a step that can be taken again with a higher number."""

import csv
import io

from stack import FUNCTIONS, JOB, ended, wait

# People beside the bundled company have keys from here on, ten for each round.
FIRST = 90_000


class Company:
    """The bundled company's file, and what HR does to it."""

    def __init__(self, root):
        text = (root / "infra/cli/company/people.csv").read_text()
        self.rows = list(csv.DictReader(io.StringIO(text)))

    def text(self, rows=None):
        out = io.StringIO()
        writer = csv.DictWriter(out, fieldnames=list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows if rows is None else rows)
        return out.getvalue()

    def hire(self, number, place, manager):
        """An invented colleague with a key of this round."""
        key = str(FIRST + 10 * number + place)
        name = "".join(chr(ord("A") + int(digit)) for digit in key).capitalize()
        row = self.rows[1] | {"WorkerID": key, "FirstName": name, "LatinFirstName": name, "ManagerID": manager}
        self.rows.append(row | {"LastName": "Exempel", "LatinLastName": "Exempel"})
        return key

    def row(self, key):
        return next(row for row in self.rows if row["WorkerID"] == key)


class Steps:
    def __init__(self, stack, company):
        self.stack, self.company = stack, company

    def arrive(self, rows=None):
        """HR's file arrives, and the stack comes to rest."""
        before = max(self.stack.cycles(), default=0)
        self.stack.upload(self.company.text(rows))
        wait("a cycle has begun", lambda: max(self.stack.cycles(), default=0) > before)
        self.rest()

    def rest(self, seconds=90):
        wait("everything is at rest", self.stack.is_at_rest, seconds)

    def accounts(self):
        return {user["employeeId"]: user for user in self.stack.graph.ask()["users"]}

    def writes(self):
        return self.stack.graph.ask()["writes"]

    def unconfigured(self, number):
        """Functions without a configuration say what is missing, and where."""
        stack = self.stack
        if number:
            stack.remove_configuration()
            stack.restart()
        try:
            for name in FUNCTIONS:
                failed, answer = stack.invoke(name, {})
                assert failed and "there is no object under CONFIG_URL" in str(answer), (name, answer)
        finally:
            if number:
                stack.put_configuration()

    def little_time(self, number):
        """Everybody's data changes, and the functions have so little time that they hand on to themselves."""
        for row in self.company.rows:
            row["JobTitle"] = row["JobTitle"].rstrip("0123456789 ") + (f" {number}" if number else "")
        # Both stop 20 s before their end.
        self.stack.set_function(["fetch"], Timeout=20)
        self.stack.set_function(["write"], Timeout=21)
        self.arrive()
        self.stack.set_function(["fetch"], Timeout=300)
        self.stack.set_function(["write"], Timeout=60)
        accounts = self.accounts()
        for row in self.company.rows:
            account = accounts[row["WorkerID"]]
            assert account["displayName"] == f"{row['FirstName']} {row['LastName']}", row["WorkerID"]
            assert account["jobTitle"] == row["JobTitle"], row["WorkerID"]

    def change(self, number):
        """Somebody is hired, somebody has a new title."""
        key = self.company.hire(number, 0, "00002")
        self.company.row("00033")["JobTitle"] = f"Engineer {number}"
        self.arrive()
        accounts = self.accounts()
        assert key in accounts and accounts["00033"]["jobTitle"] == f"Engineer {number}"

    def pending(self, number):
        """Three people come before their managers. One manager comes later, one on demand, and one never."""
        company, stack = self.company, self.stack
        keys = [str(FIRST + 10 * number + place) for place in (4, 5, 9)]
        reports = [company.hire(number, place, manager) for place, manager in zip((1, 2, 3), keys)]
        self.arrive()
        company.hire(number, 4, "00002")
        self.arrive()
        # While fetch may not run, only the demand brings the second manager.
        stack.throttle("fetch")
        company.hire(number, 5, "00002")
        stack.upload(company.text())
        demand = stack.demand(keys[1])
        wait("the manager has an account", lambda: keys[1] in self.accounts())
        stack.unthrottle("fetch")
        ended(demand)
        self.rest()
        # Nothing is written for this one: the plan alone ends what was open.
        company.row(reports[2])["ManagerID"] = ""
        self.arrive()
        assert not stack.open_set() and set(reports) <= set(self.accounts())

    def overtaken(self, number):
        """What a cycle has planned is overtaken by a demand: whoever settles the cycle asks for the record anew."""
        stack, company = self.stack, self.company
        for round, settler in enumerate(["on-demand", "write"]):
            stack.throttle("write")
            before = max(stack.cycles())
            company.row("00033")["JobTitle"] = f"Planned {number}.{round}"
            stack.upload(company.text())
            wait("the plan is released", lambda: stack.is_released(before + 1))
            company.row("00033")["JobTitle"] = f"Demanded {number}.{round}"
            stack.upload(company.text())
            if settler == "write":
                # It stops 20 s before its end: it plans, and leaves the writing to the writer.
                stack.set_function(["on-demand"], Timeout=20)
            demand = stack.demand("00033")
            wait("the demand is planned", lambda: any(stack.is_released(n) for n in stack.cycles() if n > before + 1))
            wait("the demand is worked off", lambda: stack.length(stack.queue("on-demand")) == 0)
            stack.unthrottle("write")
            stack.set_function(["on-demand"], Timeout=60)
            ended(demand)
            self.rest()
            assert self.accounts()["00033"]["jobTitle"] == f"Demanded {number}.{round}"

    def cut_off(self, _):
        """A file that is cut off is held, and the whole one takes its place."""
        stack, writes = self.stack, self.writes()
        rows = self.company.rows
        before = max(stack.cycles())
        stack.upload(self.company.text(rows[: len(rows) // 3]))
        wait("the read is held", lambda: "held-reading" in [s for n, s in stack.cycles().items() if n > before])
        self.arrive()
        assert self.writes() == writes

    def missing(self, _):
        """No file at all: whoever reads it says so, and goes on when it is there."""
        stack = self.stack
        bucket = stack.outputs["DropBucketName"]
        stack.client("s3").delete_object(Bucket=bucket, Key="people.csv")
        failed, answer = stack.invoke("fetch", {"v": 1, "job": JOB, "mode": "full"})
        assert failed and "the file is not there" in str(answer), answer
        mark = stack.front.mark()
        # The message of the demand comes back soon.
        stack.set_visibility(1, ["on-demand"])
        demand = stack.demand("00033")
        looked = ("s3:ListBucket", f"arn:aws:s3:::{bucket}")
        wait("the file is looked for", lambda: looked in [(c.action, c.resource) for c in stack.front.since(mark)])
        self.arrive()
        ended(demand)
        stack.set_visibility(30, ["on-demand"])
