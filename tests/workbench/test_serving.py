"""How the workbench is started: on this computer only, quiet, with clear words when it cannot."""

import socket
import subprocess
import sys

import pytest

from cuaderno.cli import main
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench import serving, theme


@pytest.fixture
def started(monkeypatch):
    """What would have been served, in the place of serving it."""
    calls = []
    monkeypatch.setattr(serving, "run", lambda diary, chosen: calls.append((diary, chosen)))
    monkeypatch.setattr(serving, "announce", lambda *arguments: None)
    return calls


def command(capsys, *words):
    with pytest.raises(SystemExit) as end:
        main(["workbench", *map(str, words)])
    return end.value.code, capsys.readouterr().err


def test_it_listens_on_this_computer_only_and_tells_nobody(started, folder, capsys):
    assert command(capsys, "--diary", folder, "--no-open")[0] == 0
    [(diary, chosen)] = started
    assert diary == folder and chosen["server.address"] == "127.0.0.1"
    assert chosen["browser.gatherUsageStats"] == "false" and chosen["server.fileWatcherType"] == "none"
    assert chosen["server.allowedHosts"] == ["127.0.0.1", "[::1]", "localhost"]


def test_streamlit_knows_every_setting(folder):
    pytest.importorskip("streamlit")
    from streamlit import config

    known = config.get_config_options()
    chosen = serving.settings("127.0.0.1", 8501)
    assert set(chosen) <= set(known), set(chosen) - set(known)
    assert serving.flags({"a.b": ["x", "y"], "c": "z"}) == ["--a.b=x", "--a.b=y", "--c=z"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_others_are_let_in_only_when_asked(started, folder, capsys, host):
    code, err = command(capsys, "--diary", folder, "--host", host)
    assert code == 1 and "--allow-network" in err and started == []


def test_others_are_let_in_when_asked_with_a_warning(started, folder, capsys):
    code, err = command(capsys, "--diary", folder, "--host", "0.0.0.0", "--allow-network")
    assert code == 0 and "Open to the network" in err
    assert "Open to the network" not in command(capsys, "--diary", folder)[1]
    assert started[0][1]["server.address"] == "0.0.0.0" and started[0][1]["server.allowedHosts"] == []


def test_a_port_that_is_taken_is_told(started, folder, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, err = command(capsys, "--diary", folder, "--port", port)
    assert code == 0 and f"Port {port} is taken; using" in err
    assert int(started[0][1]["server.port"]) != port


@pytest.mark.parametrize("port", [0, 99999, -1])
def test_a_port_that_does_not_exist(started, folder, capsys, port):
    code, err = command(capsys, "--diary", folder, f"--port={port}")
    assert code == 1 and f"There is no port {port}." in err and started == []


def test_it_knows_its_own_port_from_that_of_another_process():
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        ours.listen()
        port = ours.getsockname()[1]
        assert serving.is_ours(port)
    code = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert not serving.is_ours(int(other.stdout.readline()))
    finally:
        other.communicate("\n", timeout=20)


def test_a_host_that_is_not_ours(started, folder):
    with pytest.raises(CuadernoError, match="Cannot listen on 203"):
        serving.serve(folder, None, "203.0.113.7", False, True)


def test_without_the_extra_it_says_what_to_install(folder):
    code = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "streamlit":
            raise ModuleNotFoundError("No module named 'streamlit'", name="streamlit")
sys.meta_path.insert(0, Without())
from cuaderno.cli import main
main(sys.argv[1:])
"""
    answer = subprocess.run(
        [sys.executable, "-c", code, "workbench", "--diary", str(folder)], capture_output=True, text=True, timeout=60
    )
    assert answer.returncode == 1 and "pip install 'cuaderno[workbench]'" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_outside_of_a_diary(tmp_path, capsys):
    code, err = command(capsys, "--diary", tmp_path)
    assert code == 1 and "There is no diary" in err


def test_it_has_the_colours_of_the_site():
    from cuaderno import site

    css = (serving.HERE.parent / "site" / "static" / "style.css").read_text(encoding="utf-8")
    assert site and all(color in css for colors in (theme.LIGHT, theme.DARK) for color in colors.values())


def test_the_first_page_is_ours_and_everything_else_is_theirs(tmp_path):
    """Streamlit's own page looks for its server in vain before it finds it; ours is told where it is."""
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    (theirs / "static").mkdir(parents=True)
    ours.mkdir()
    page = '<html lang="en"><head><title>Streamlit</title><script src="a.js"></script></head></html>'
    (theirs / "index.html").write_text(page)
    (theirs / "static" / "a.js").write_text("1")
    assert serving.own_files(theirs, ours) == ours
    written = (ours / "index.html").read_text()
    assert written.index("BACKEND_BASE_URL") < written.index("a.js") and "<title>Cuaderno</title>" in written
    assert (ours / "static" / "a.js").read_text() == "1" and (theirs / "index.html").read_text() == page
    assert serving.own_files(tmp_path / "none", ours) == tmp_path / "none", "without links theirs do as well"
