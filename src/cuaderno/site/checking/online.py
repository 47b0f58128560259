"""Ask outside addresses whether they are still there, a few at a time and only when told to."""

import http.client
import ssl
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

AT_ONCE, SECONDS = 8, 15
GONE = (404, 410)
BROWSER = {"User-Agent": "Mozilla/5.0 (compatible; cuaderno check)", "Accept": "*/*"}


def ask(addresses: Iterable[str], answered: Callable[[], None] = lambda: None) -> dict[str, str]:
    """What is wrong with each address; those that answer, or only refuse robots, are left out."""
    found = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = {pool.submit(fault_of, address): address for address in addresses}
        for done in as_completed(asked):
            answered()
            if fault := done.result():
                found[asked[done]] = fault
    return found


def fault_of(address: str) -> str:
    """Why a reader will not get there; empty when there is no sign of it."""
    try:
        with urlopen(Request(_quoted(address), headers=BROWSER), timeout=SECONDS) as answer:
            answer.read(1)
    except HTTPError as error:
        error.close()
        return f"answers {error.code}: there is no such page" if error.code in GONE else ""
    except URLError as error:
        return _reason(error.reason)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return _reason(error)
    return ""


def _reason(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return f"does not answer within {SECONDS} seconds"
    if isinstance(reason, ssl.SSLError):
        return "has no valid certificate"
    if isinstance(reason, ConnectionError):
        return "refuses the connection"
    return f"cannot be reached ({getattr(reason, 'strerror', None) or reason})"


def _quoted(address: str) -> str:
    """The address as HTTP can carry it: `ñ` and spaces in the path are written as bytes, a foreign host in ASCII."""
    parts = urlsplit(address)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    path, query = (quote(part, safe="/%:@!$&'()*+,;=~?-._") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, host, path or "/", query, ""))
