"""What stands between the functions and the emulator: it ends TLS, keeps the calls, and adds three of AWS's rules.

AWS is reached by TLS only, and the template's bucket policies insist on it; the emulator speaks plain HTTP and believes
`X-Forwarded-Proto`. Every call is kept with the key it was signed with, in AWS's own terms: which actions it needed on
which resources. The rules are those of `answer`; the emulator's own policy simulator decides them.
"""

import http.client
import json
import re
import socket
import ssl
import threading
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REGION = "us-east-1"
ACCOUNT = "000000000000"
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "expect"}
WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}

DENIED = json.dumps({"__type": "AccessDeniedException", "message": "denied by the role's policy"}).encode()
DENIED_XML = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


@dataclass(frozen=True)
class Call:
    """One call, as IAM sees it."""

    key: str
    action: str
    resource: str
    status: int


@dataclass
class Request:
    """One request, as it arrived."""

    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def key(self):
        found = re.search(r"Credential=([^/,]+)/", self.headers.get("authorization", ""))
        return found.group(1) if found else ""

    @property
    def operation(self):
        return self.headers.get("x-amz-target", "").rpartition(".")[2]

    @property
    def service(self):
        found = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("authorization", ""))
        return found.group(1) if found else ""

    def needs(self):
        """The actions that AWS asks for, each with its resource."""
        document = {}
        if self.operation:
            try:
                document = json.loads(self.body or b"{}")
            except ValueError:
                return []
        match self.service:
            case "dynamodb":
                return dynamodb(self.operation, document)
            case "sqs":
                queue = document.get("QueueUrl", "").rpartition("/")[2]
                # There is no action for batches: whoever may send may send ten at once.
                operation = self.operation.removesuffix("Batch")
                return [(f"sqs:{operation}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")]
            case "secretsmanager":
                return [(f"secretsmanager:{self.operation}", document.get("SecretId", ""))]
            case "s3":
                return s3(self.method, self.path)
            case "logs":
                group, stream = document.get("logGroupName", ""), document.get("logStreamName", "")
                arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:{stream}"
                return [(f"logs:{self.operation}", arn)]
        return []


def dynamodb(operation, document):
    """A transaction has no action of its own: each part needs its own."""
    tables = [document.get("TableName")]
    operations = [operation]
    if operation == "TransactWriteItems":
        parts = [(WRITES[kind], part["TableName"]) for item in document["TransactItems"] for kind, part in item.items()]
        operations, tables = zip(*parts)
    elif operation == "BatchGetItem":
        tables = list(document["RequestItems"])
        operations = [operation] * len(tables)
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"
    return sorted({(f"dynamodb:{one}", f"{arn}/{table}") for one, table in zip(operations, tables)})


def s3(method, path):
    """Objects are addressed by path: /bucket/key."""
    path, _, query = path.partition("?")
    bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
    if not key:
        return [("s3:ListBucket", f"arn:aws:s3:::{bucket}")] if method in ("GET", "HEAD") else []
    action = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}.get(method)
    action = "PutObject" if method == "POST" and "upload" in query else action
    return [(f"s3:{action}", f"arn:aws:s3:::{bucket}/{key}")] if action else []


class Front:
    """A TLS server on a loopback port before the emulator."""

    def __init__(self, certificate, key):
        self.calls = []
        self.lock = threading.Lock()
        self.emulator = None
        # Asked for a key, an action and a resource: whether the role behind the key may. None asks nobody.
        self.allowed = None
        self.local = threading.local()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(["http/1.1"])
        self.server = Server(("127.0.0.1", 0), handler(self, context))
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def mark(self):
        """A place in the record of calls."""
        with self.lock:
            return len(self.calls)

    def since(self, mark):
        with self.lock:
            return self.calls[mark:]

    def keep(self, request, needs, status):
        with self.lock:
            self.calls.extend(Call(request.key, action, resource, status) for action, resource in needs)

    def answer(self, request):
        """What the emulator says, with AWS's rules on top."""
        needs = request.needs()
        if self.is_ours(request) and not self.may(request, needs):
            status, headers, body = 403, [("Content-Type", "application/x-amz-json-1.1")], DENIED
        else:
            status, headers, body = self.forward(request)
        # AWS says that an object is not there only to those who may list its bucket; to others it denies access.
        if status == 404 and needs and needs[0][0] == "s3:GetObject":
            needs = [*needs, ("s3:ListBucket", needs[0][1].partition("/")[0])]
            if not self.may(request, needs[1:]):
                # It is the listing that is missing, and the record says so.
                self.keep(request, needs[:1], status)
                needs, status, headers, body = needs[1:], 403, [("Content-Type", "application/xml")], DENIED_XML
        self.keep(request, needs, status)
        return status, headers, body

    def is_ours(self, request):
        """Calls that the emulator judges by other names than AWS: it has an action for batches of messages, and takes a
        log group for the resource where AWS takes the log stream."""
        return request.operation == "SendMessageBatch" or request.service == "logs"

    def may(self, request, needs):
        return self.allowed is None or all(self.allowed(request.key, *need) for need in needs)

    def forward(self, request):
        connection = getattr(self.local, "connection", None)
        for attempt in range(2):
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.emulator, timeout=120)
                connection.connect()
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.local.connection = connection
            headers = {name: value for name, value in request.headers.items() if name not in HOP}
            headers |= {"Host": request.headers["host"], "Content-Length": str(len(request.body))}
            headers["X-Forwarded-Proto"] = "https"
            try:
                connection.request(request.method, request.path, body=request.body, headers=headers)
                reply = connection.getresponse()
                body = reply.read()
                pairs = [pair for pair in reply.getheaders() if pair[0].lower() not in HOP - {"content-length"}]
                return reply.status, pairs, body
            except (http.client.HTTPException, OSError):
                # A connection that lay idle was closed by the other side.
                connection.close()
                connection = self.local.connection = None
                if attempt:
                    raise
        raise AssertionError("unreachable")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A function that is ended in the middle of a request is nothing to report."""


def handler(front, context):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 300

        def setup(self):
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def log_message(self, *args):
            pass

        def read_body(self):
            if "chunked" not in self.headers.get("transfer-encoding", "").lower():
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)

        def do_any(self):
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, self.read_body())
            status, pairs, body = front.answer(request)
            lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, '')}"]
            # The length of what is not sent stays as it was said.
            said = [value for name, value in pairs if name.lower() == "content-length" and self.command == "HEAD"]
            lines += [f"{name}: {value}" for name, value in pairs if name.lower() != "content-length"]
            lines.append(f"Content-Length: {said[0] if said else len(body)}")
            body = b"" if self.command == "HEAD" else body
            self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = do_any

    return Handler
