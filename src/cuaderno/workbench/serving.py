"""Start the workbench: Streamlit on this computer only, quiet, and gone with Ctrl-C."""

import ipaddress
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from cuaderno.lab.errors import CuadernoError

PORT = 8501
HERE = Path(__file__).parent
OPEN_TO_NETWORK = "Open to the network: who reaches this computer can write in the diary, train, and use your keys."
FIRST = HERE / "first.js"  # what runs before anything of Streamlit
PATIENCE = 60.0  # seconds until the server must answer


def serve(diary: Path, port: int | None, host: str, open_browser: bool, allow_network: bool) -> None:
    """Serve the workbench until Ctrl-C.

    Raises:  CuadernoError when Streamlit is missing, no port is free, or others could reach it unasked.
    """
    if not is_loopback(host) and not allow_network:
        raise CuadernoError(
            f"With --host {host} everybody who reaches this computer could write in your diary. "
            "Leave --host out, or add --allow-network if you mean it."
        )
    if port is not None and not 0 < port < 1 << 16:
        raise CuadernoError(f"There is no port {port}. Ports go from 1 to 65535; leave --port out for a free one.")
    taken = free_port(host, port)
    if port and taken != port:
        print(f"Port {port} is taken; using {taken}.", file=sys.stderr)
    if not is_loopback(host):
        print(OPEN_TO_NETWORK, file=sys.stderr)
    print("Starting the workbench …", file=sys.stderr, flush=True)
    try:
        import streamlit  # noqa: F401  # it takes a second, and is better missed here than in a thread
    except ImportError:
        cure = "pip install 'cuaderno[workbench]'"
        raise CuadernoError(f"The workbench needs Streamlit, which is not here. Install it: {cure}") from None
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{'localhost' if host in ('0.0.0.0', '::') else shown}:{taken}"
    threading.Thread(target=announce, args=(address, open_browser), daemon=True).start()
    run(diary, settings(host, taken))


def is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def free_port(host: str, wanted: int | None) -> int:
    """The port that was asked for, the first free one after the usual one, or any.

    Raises:  CuadernoError when the host cannot be listened on.
    """
    fault: Exception | None = None
    for candidate in (wanted,) if wanted else range(PORT, PORT + 20):
        with suppress(OSError, OverflowError):
            return listening_port(host, candidate)
    try:
        return listening_port(host, 0)
    except OSError as error:
        fault = error
    raise CuadernoError(f"Cannot listen on {host}: {fault}. Leave out --host, or name an address of this computer.")


def listening_port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return int(probe.getsockname()[1])


def settings(host: str, port: int) -> dict[str, str | list[str]]:
    """Streamlit's settings; they win over a config.toml of the user."""
    from cuaderno.workbench import theme

    ours = {"localhost", "127.0.0.1", "[::1]", host} if is_loopback(host) else set()
    return {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "server.allowedHosts": sorted(ours),
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "server.maxUploadSize": "50",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "type",
        "logger.hideWelcomeMessage": "true",
        "logger.level": "warning",
        **theme.options(),
    }


def flags(chosen: Mapping[str, str | list[str]]) -> list[str]:
    """Settings as arguments; each value of a list is an argument of its own."""
    pairs = [(name, [value] if isinstance(value, str) else value) for name, value in chosen.items()]
    return [f"--{name}={value}" for name, values in pairs for value in values]


def run(diary: Path, chosen: Mapping[str, str | list[str]]) -> None:
    """Streamlit's own command, in this process: one signal ends all of it."""
    from streamlit import file_util
    from streamlit.web import cli

    arguments = ["run", str(HERE / "entry" / "app.py"), *flags(chosen), "--", str(diary.resolve())]
    with TemporaryDirectory(prefix="cuaderno-workbench-", ignore_cleanup_errors=True) as folder:
        files = own_files(Path(file_util.get_static_dir()), Path(folder))
        file_util.get_static_dir = lambda: str(files)
        with suppress(KeyboardInterrupt):
            cli.main(arguments, prog_name="streamlit", standalone_mode=False)


def own_files(theirs: Path, folder: Path) -> Path:
    """Streamlit's files with a first page of ours, which knows where its server is, its name and its language.

    Theirs asks for the server below the page's own address, gets a 404 for it, and says that it is English.
    """
    try:
        page = (theirs / "index.html").read_text(encoding="utf-8")
        head, script, tail = page.partition("<script")
        page = f"{head}<script>{FIRST.read_text(encoding='utf-8')}</script>{script}{tail}"
        (folder / "index.html").write_text(page.replace(">Streamlit<", ">Cuaderno<"), encoding="utf-8")
        for path in theirs.iterdir():
            if path.name != "index.html":
                (folder / path.name).symlink_to(path, target_is_directory=path.is_dir())
    except OSError:  # no links can be made here: theirs do as well
        return theirs
    return folder


def announce(address: str, open_browser: bool) -> None:
    """Say where it is as soon as it answers."""
    until = time.monotonic() + PATIENCE
    here = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < until:
        time.sleep(0.1)
        if not is_ours(int(address.rpartition(":")[2])):
            continue
        with suppress(OSError), here.open(f"{address}/_stcore/health", timeout=2):
            print(f"The workbench is at {address}  (Ctrl-C ends)", flush=True)
            if open_browser:
                import webbrowser

                webbrowser.open(address)
            return


def is_ours(port: int) -> bool:
    """Whether this very process listens on a port: another one may have been quicker."""
    import psutil

    process = psutil.Process()
    connections = getattr(process, "net_connections", None) or process.connections
    return any(one.laddr and one.laddr.port == port and one.status == "LISTEN" for one in connections(kind="inet"))
