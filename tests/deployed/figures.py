"""Size of each function, and its start until it asks Lambda for the first event. Usage: figures.py FOLDER

Everything happens as in a deployment but the network: the configuration and the secret are files. All clients are
built, those of S3 with the system's certificates.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FUNCTIONS = ["fetch", "transform", "write", "on-demand"]
# What is reached today with a little room; why it is not 5 MB stands in infra/decisions/0009-size-and-start.md.
BYTES_MAX = 11_400_000
# The lowest of many starts: what else runs on the machine only ever adds.
START_MS_MAX = 15.0
STARTS = 25


def start(program, environment, listener):
    """Milliseconds from the process's start to its first request to the Runtime API."""
    begun = time.perf_counter()
    process = subprocess.Popen([program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        listener.settimeout(10)
        connection, _ = listener.accept()
        with connection:
            line = connection.recv(4096).split(b"\r\n")[0]
            taken = (time.perf_counter() - begun) * 1000
        assert line.startswith(b"GET /2018-06-01/runtime/invocation/next"), line
        return taken
    except TimeoutError:
        process.kill()
        raise SystemExit(f"{program} does not start: {process.stdout.read().decode()}") from None
    finally:
        process.kill()
        process.wait()


def main():
    folder, root = Path(sys.argv[1]), Path(__file__).parents[2]
    too_much = []
    with tempfile.TemporaryDirectory() as state, socket.create_server(("127.0.0.1", 0)) as listener:
        secret = Path(state) / "secret"
        secret.write_text("of-this-machine")
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listener.getsockname()[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "function",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "TABLE_NAME": "table",
            "BLOB_URL": "s3://bucket/state",
            "CONFIG_URL": str(root / "infra/cli/company/tenure.toml"),
            "STACK_SECRET_FILE": str(secret),
        }
        for name in FUNCTIONS:
            program = folder / name / "bootstrap"
            size = program.stat().st_size
            starts = sorted(start(program, environment, listener) for _ in range(STARTS))
            lowest, median = starts[0], statistics.median(starts)
            print(f"{name}: {size:,} bytes, starts in {lowest:.1f} ms (lowest of {STARTS}, median {median:.1f} ms)")
            if size > BYTES_MAX:
                too_much.append(f"{name} has {size:,} bytes, more than {BYTES_MAX:,}")
            if lowest > START_MS_MAX:
                too_much.append(f"{name} starts in {lowest:.1f} ms, more than {START_MS_MAX}")
    if too_much:
        raise SystemExit("\n".join(too_much))


main()
