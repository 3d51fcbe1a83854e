"""Holds the simulated operations to Microsoft's own SDK: each is there, with the same address and method.

Usage: graph_operations.py PROGRAM, where PROGRAM is the simulator's example `graph`.
"""

import json
import pathlib
import re
import subprocess
import sys

import msgraph.generated
import msgraph_core.requests.batch_request_builder as batch

SECONDS_MAX = 20


def simulated(program):
    """What the simulator says that it does: methods and paths."""
    run = subprocess.run(
        [program], input="operations\n", capture_output=True, text=True, timeout=SECONDS_MAX, check=True
    )
    return [(method, path) for method, path in json.loads(run.stdout.splitlines()[1])]


def anonymous(path):
    """Parameters have other names in each place."""
    return re.sub(r"\{[^}]+\}", "{}", path)


def of_the_sdk(tops):
    """The methods of every address that the SDK builds below these segments."""
    root, found = pathlib.Path(list(msgraph.generated.__path__)[0]), {}
    for top in tops:
        for file in (root / top).rglob("*_request_builder.py"):
            source = file.read_text(encoding="utf-8")
            for template in re.findall(r'super\(\).__init__\(request_adapter, "\{\+baseurl\}([^"]+)"', source):
                path = anonymous(template.split("{?")[0].replace("%2D", "-"))
                methods = re.findall(r"async def (get|post|put|patch|delete)\(", source)
                found.setdefault(path, set()).update(methods)
    # Batches are posted by hand-written code, to an address that it puts together by itself.
    if "/$batch" in pathlib.Path(batch.__file__).read_text(encoding="utf-8"):
        found["/$batch"] = {"post"}
    return found


def main(program):
    operations = simulated(program)
    tops = sorted({path.split("/")[1] for _, path in operations} - {"$batch"})
    known = of_the_sdk(tops)
    strange = [
        f"{method} {path}"
        for method, path in operations
        if method.lower() not in known.get(anonymous(path), ())
    ]
    if strange:
        sys.exit("not in microsoft's SDK: " + ", ".join(strange))
    print(f"{len(operations)} simulated operations are in microsoft's SDK with the same address and method")


if __name__ == "__main__":
    main(sys.argv[1])
