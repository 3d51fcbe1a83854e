"""TLS in front of a server that speaks plain HTTP on this machine, with a certificate made for the occasion."""

import asyncio
import datetime
import ipaddress
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder):
    """Writes a certificate for this machine and its key; the certificate vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate_file, key_file


class Front:
    """Takes TLS connections on a free port and passes their bytes on, once it is told where to."""

    def __init__(self, certificate_file, key_file):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate_file, key_file)
        self.behind, self.connections = None, set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0, ssl=self.context)
        self.address = f"localhost:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for connection in self.connections:
            connection.cancel()
        await asyncio.gather(*self.connections)

    async def accept(self, reader, writer):
        """One connection, to its end or to that of the front, which is no error."""
        self.connections.add(asyncio.current_task())
        try:
            await self.passed_on(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            self.connections.discard(asyncio.current_task())

    async def passed_on(self, reader, writer):
        try:
            behind_reader, behind_writer = await asyncio.open_connection(*self.behind)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, behind_writer), carry(behind_reader, writer))


async def carry(reader, writer):
    """Passes on bytes until either side ends."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
