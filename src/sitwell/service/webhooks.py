"""Sends webhooks as Standard Webhooks has them: signed, tried again with longer and longer pauses, and never inwards.

The host is looked up here, every address it has is judged, and the connection goes to the address that was judged:
a name that changes its address in between gains nothing. Redirects are not followed.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import logging
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from sitwell.service import keys, outbox
from sitwell.service.database import Database
from sitwell.service.outbox import Message
from sitwell.version import __version__

_TIMEOUT_S = 10.0
logger = logging.getLogger("sitwell.webhooks")


class Refused(Exception):  # noqa: N818 - an outcome
    """A delivery that did not succeed."""


class Sender:
    """Delivers what is due, several at a time."""

    def __init__(self, database: Database, *, private: bool, timeout_s: float = _TIMEOUT_S) -> None:
        self._database, self._private, self._timeout_s = database, private, timeout_s
        self._pool = ThreadPoolExecutor(4, "webhook")

    def deliver_due(self) -> int:
        """Make one attempt for each message that is due; counts them."""
        return len(list(self._pool.map(self._deliver, outbox.due(self._database))))

    def close(self) -> None:
        """Wait for attempts that are under way."""
        self._pool.shutdown()

    def _deliver(self, message: Message) -> None:
        about = {"webhook": message.id, "job": message.job, "tenant": message.tenant, "attempt": message.attempts + 1}
        try:
            status = self._post(message)
        except (Refused, OSError, http.client.HTTPException, ValueError) as error:
            logger.warning("webhook not delivered", extra=about | {"reason": str(error)})
            outbox.refused(self._database, message, str(error))
            return
        if 200 <= status < 300:
            logger.info("webhook delivered", extra=about)
            outbox.delivered(self._database, message)
        else:
            logger.warning("webhook not taken", extra=about | {"status": status})
            outbox.refused(self._database, message, f"status {status}", for_good=status == 410)  # 410: gone for good

    def _post(self, message: Message) -> int:
        parts = urlsplit(message.url)
        assert parts.hostname is not None, "checked when it was accepted"
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = public_address(parts.hostname, port, private=self._private)
        kind = _PinnedTLS if parts.scheme == "https" else _Pinned
        connection = kind(parts.hostname, port, timeout=self._timeout_s)
        connection.address = address
        secret = keys.webhook_secret(self._database, message.tenant)
        body = message.body.encode()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", target, body, signed(message.id, body, secret, round(time.time())))
            return connection.getresponse().status
        finally:
            connection.close()


def signed(message_id: str, body: bytes, secret: str, timestamp_s: int) -> dict[str, str]:
    """Make the headers of a message: HMAC-SHA256 over id, time and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"{message_id}.{timestamp_s}.".encode() + body, hashlib.sha256)
    return {
        "content-type": "application/json",
        "user-agent": f"sitwell/{__version__}",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def public_address(host: str, port: int, *, private: bool) -> str:
    """Look a host up; raises Refused when any of its addresses is private, unless that is allowed."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not private and not is_public(address):
            raise Refused(f"{host} is at {address}, which is no public address")
    return found[0]


def is_public(address: str) -> bool:
    """Tell whether an address is out on the internet, looking also at IPv4 addresses inside IPv6 ones."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if any(part is not None and not is_public(str(part)) for part in inner):
            return False
        if ip.ipv4_mapped is not None or ip in _NAT64:
            return True
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


class _Pinned(http.client.HTTPConnection):
    """Connects to an address that was judged, whatever the name says by now."""

    address = ""

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class _PinnedTLS(_Pinned):
    """The same with TLS for the name."""

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
