"""How often one address may do something: a bucket each that fills with time."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_ADDRESSES = 10_000
MINUTE = 60.0


class Pace:
    """At most `per_minute` at once and per minute, for each address; the oldest addresses are forgotten first."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic):
        self.per_minute, self.clock = per_minute, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Seconds until this address may, 0 when it may now and has been counted."""
        key, now = network(address), self.clock()
        with self._lock:
            left, since = self._left.pop(key, (float(self.per_minute), now))
            left = min(self.per_minute, left + (now - since) * self.per_minute / MINUTE)
            allowed = left >= 1
            self._left[key] = (left - 1 if allowed else left, now)
            if len(self._left) > MOST_ADDRESSES:
                self._left.popitem(last=False)
        return 0 if allowed else int((1 - left) * MINUTE / self.per_minute) + 1


def network(address: str) -> str:
    """Who counts as one: an IPv4 address, or the half of an IPv6 address that one household has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)
