"""The emulator of AWS (ministack, with IAM enforced) and the simulated target, each a process that ends with this one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

# The emulator takes this for the account's owner.
OWNER = "test"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Emulator:
    """ministack on a loopback port; functions reach it through `front`, and only there."""

    def __init__(self, program, folder, front, certificate):
        self.log = folder / "emulator.log"
        self.port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            # These reach the functions as well.
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{front.port}",
            "SSL_CERT_FILE": str(certificate),
        }
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program], env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True
            )
        front.emulator = self.port
        self.wait()

    def wait(self):
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_ministack/health", timeout=2).read()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise SystemExit(f"the emulator does not start; its log: {self.log.read_text()[-2000:]}")

    def credentials(self):
        """What Lambda gave to each running function, from its process's environment."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                    parent = int(stat.read().rpartition(")")[2].split()[1])
                if parent != self.process.pid:
                    continue
                with open(f"/proc/{pid}/environ", "rb") as file:
                    pairs = [pair.partition(b"=") for pair in file.read().split(b"\0") if pair]
            except (OSError, ValueError):
                continue
            variables = {name.decode(): value.decode() for name, _, value in pairs}
            if "AWS_LAMBDA_RUNTIME_API" in variables:
                found[variables["AWS_LAMBDA_FUNCTION_NAME"]] = variables
        return found

    def stop(self):
        """Ends it with the functions, which are in its process group."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
            except ProcessLookupError:
                break
            time.sleep(0.3)
        self.process.wait()


class Graph:
    """The simulator of Microsoft Graph."""

    TENANT = "northwind.example"
    CLIENT = "5f1d3c52-7f0a-4f60-9a53-0d0c6a2b7c11"
    SECRET = "simulated-secret"

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, self.TENANT, self.CLIENT, self.SECRET],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()

    def ask(self):
        """`writes`, `creates` and `users`, as of now."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


def certificate(folder):
    """A certificate for loopback that signs itself, and its key."""
    if shutil.which("openssl") is None:
        raise SystemExit("openssl is missing")
    paths = folder / "certificate.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=loopback"
    extensions = ["subjectAltName=IP:127.0.0.1", "basicConstraints=critical,CA:FALSE", "extendedKeyUsage=serverAuth"]
    added = [word for extension in extensions for word in ("-addext", extension)]
    subprocess.run(
        [*command.split(), *added, "-out", paths[0], "-keyout", paths[1]], check=True, stderr=subprocess.DEVNULL
    )
    return paths
