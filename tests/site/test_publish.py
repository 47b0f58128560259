import contextlib
import errno
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from cuaderno import cli
from cuaderno.lab.errors import CuadernoError
from cuaderno.scaffold import new_diary
from cuaderno.site import search
from cuaderno.site.build import build
from cuaderno.site.output import MARK, Place, exchange
from cuaderno.site.publish import examine, publish
from cuaderno.site.publishing.edition import Edition, Note
from cuaderno.site.publishing.github import GitHub, clean, without_passwords
from cuaderno.site.publishing.rsync import Rsync
from cuaderno.site.publishing.target import target_of

POST = "---\ntitle: New\ndate: 2026-12-01\n---\n{}\n"
ADDRESS = "https://ada.github.io/notes/"


def git(folder: Path, *words: str, fails: bool = False) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True)
    assert bool(done.returncode) == fails, done.stderr
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path, study):
    """No search index, one study to print, and nothing of the settings of whoever runs the tests."""
    monkeypatch.setattr(search, "index", lambda site, warn: True)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ada Núñez\n\temail = ada@example.org\n", encoding="utf-8")


@pytest.fixture
def mine(tmp_path):
    """A diary with an address, in no repository."""
    folder = new_diary(tmp_path / "mine")
    toml = folder / "cuaderno.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("http://localhost:8000/", ADDRESS), encoding="utf-8")
    return folder


@pytest.fixture
def remote(tmp_path, mine):
    """An empty repository, and the diary in one of its own with it as origin."""
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(mine, "init", "-q", "-b", "main")
    git(mine, "add", "-A")
    git(mine, "commit", "-q", "-m", "begin")
    git(mine, "remote", "add", "origin", "../remote.git")
    return tmp_path / "remote.git"


def edit(diary: Path, words: str) -> None:
    (diary / "posts" / "new.md").write_text(POST.format(words), encoding="utf-8")


def printed(diary: Path, tmp_path: Path) -> dict[str, bytes]:
    """The site as a build prints it, to compare with."""
    site = build(diary, tmp_path / f"printed{len(list(tmp_path.glob('printed*')))}", report=lambda _: None).output
    return snapshot(site)


def snapshot(folder: Path) -> dict[str, bytes]:
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if name != MARK}


def branch(remote: Path, name: str = "gh-pages") -> dict[str, bytes]:
    done = subprocess.run(["git", "archive", name], cwd=remote, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as files:
        return {one.name: files.extractfile(one).read() for one in files if one.isfile() and one.name != MARK}


def state(repository: Path) -> tuple:
    """Everything of a repository that publishing must not touch."""
    inside = {
        path.relative_to(repository).as_posix(): path.read_bytes()
        for path in (repository / ".git").rglob("*")
        if path.is_file()
    }
    return inside, git(repository, "status", "--porcelain"), git(repository, "branch", "-a")


# -- GitHub Pages ------------------------------------------------------------------------------------------------------


def test_the_branch_gets_one_commit_of_the_site_and_nothing_of_the_diary_is_touched(mine, remote, tmp_path):
    git(mine, "add", "posts")
    edit(mine, "not committed")
    git(mine, "add", "posts/new.md")
    edit(mine, "nor staged")
    before = state(mine)
    done = publish(mine, "github")
    assert done.pushed and done.address == ADDRESS and not done.changes.changed and "index.html" in done.changes.added
    assert branch(remote) == printed(mine, tmp_path) | {".nojekyll": b""}
    assert state(mine) == before
    head = git(mine, "rev-parse", "HEAD")
    subject = git(remote, "log", "--format=%an <%ae> %s", "gh-pages")
    assert subject == f"Ada Núñez <ada@example.org> Publish the diary from {head[:12]}"
    note = Note.read(git(remote, "show", f"gh-pages:{MARK}").encode())
    assert note and note.source == head and note.changed

    again = publish(mine, "github", agree=lambda *_: pytest.fail("there is nothing to ask"))
    assert not again.pushed and not again.changes and again.live == note
    edit(mine, "something new")
    dry = publish(mine, "github", dry_run=True)
    assert "posts/new/index.html" in dry.changes.changed and not dry.changes.added
    assert "something new" not in str(branch(remote))
    publish(mine, "github")
    assert b"something new" in branch(remote)["posts/new/index.html"]
    assert git(remote, "rev-list", "--count", "gh-pages") == "1" and state(mine)[0].keys() == before[0].keys()


def test_it_pushes_from_a_clone_of_depth_one_with_a_detached_head_and_from_a_repository_without_commits(
    mine, remote, tmp_path
):
    git(mine, "push", "-q", "origin", "main")
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=main", f"file://{remote}", "shallow")
    git(tmp_path / "shallow", "checkout", "-q", "--detach")
    assert publish(tmp_path / "shallow", "github").pushed
    shutil.rmtree(mine / ".git")
    git(mine, "init", "-q")
    git(mine, "remote", "add", "here", str(remote))
    edit(mine, "from a repository without commits")
    done = publish(mine, "github")
    assert done.pushed and done.live and "posts/new/index.html" in done.changes.added
    assert git(remote, "log", "--format=%s", "gh-pages") == "Publish the diary"


def test_it_publishes_a_diary_in_a_folder_of_a_worktree(mine, remote, tmp_path):
    git(mine, "worktree", "add", "-q", "../other", "-b", "other")
    (tmp_path / "other" / "inner").mkdir()
    shutil.copytree(mine, tmp_path / "other" / "inner" / "diary", ignore=shutil.ignore_patterns(".git", ".cache"))
    assert publish(tmp_path / "other" / "inner" / "diary", "github").pushed
    assert "index.html" in branch(remote)


def test_a_branch_of_somebody_else_is_not_touched(mine, remote, tmp_path):
    git(mine, "push", "-q", "origin", "main:gh-pages")
    before = branch(remote)
    with pytest.raises(CuadernoError, match=r"did not publish, and nothing was touched.*--delete gh-pages"):
        publish(mine, "github", force=True)
    assert branch(remote) == before
    toml = mine / "cuaderno.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8") + '\n[publish]\nto = "github"\nbranch = "site"\n', encoding="utf-8"
    )
    assert publish(mine).pushed and "index.html" in branch(remote, "site")
    toml.write_text(toml.read_text(encoding="utf-8").replace('"site"', '"main"'), encoding="utf-8")
    with pytest.raises(CuadernoError, match="'main' is the branch that you are working on"):
        publish(mine)


def test_a_branch_that_moved_meanwhile_is_not_replaced(mine, remote, tmp_path):
    publish(mine, "github")
    edit(mine, "mine")

    def meanwhile(*_) -> bool:
        git(tmp_path, "clone", "-q", "-b", "gh-pages", str(remote), "theirs")
        (tmp_path / "theirs" / "index.html").write_text("theirs")
        git(tmp_path / "theirs", "commit", "-q", "-am", "theirs")
        git(tmp_path / "theirs", "push", "-q", "origin", "HEAD:gh-pages")
        return True

    with pytest.raises(
        CuadernoError, match=r"Somebody else published .* meanwhile, and nothing was replaced"
    ) as caught:
        publish(mine, "github", agree=meanwhile)
    assert len(str(caught.value).splitlines()) == 1
    assert branch(remote)["index.html"] == b"theirs"
    assert publish(mine, "github").pushed, "the next time it is known what is there"


def test_a_branch_that_appears_meanwhile_is_not_replaced(mine, remote):
    def meanwhile(*_) -> bool:
        git(mine, "push", "-q", "origin", "main:gh-pages")
        return True

    with pytest.raises(CuadernoError, match="Somebody else published"):
        publish(mine, "github", agree=meanwhile)
    assert git(remote, "rev-parse", "gh-pages") == git(mine, "rev-parse", "main")


def test_a_remote_that_wants_a_past_gets_one(mine, remote):
    publish(mine, "github")
    git(remote, "config", "receive.denyNonFastForwards", "true")
    edit(mine, "second")
    assert publish(mine, "github").pushed
    assert git(remote, "rev-list", "--count", "gh-pages") == "2"
    assert b"second" in branch(remote)["posts/new/index.html"]


HOOK = '#!/bin/sh\necho "remote: policy 7: no pages on Fridays" >&2\nexit 1\n'


LOUD = r"""#!/bin/sh
printf '\033[31mPolicy: 7\033[0m no pages on Fridays\n==========\n\n\033]0;title\007See rule 12.\n' >&2
printf 'Checking rules:  50%% (1/2)\rChecking rules: 100%% (2/2), done.\n' >&2
printf 'one more line\nand the fifth\nand the sixth\nhttps://ada:tok@host.example/why\n' >&2
exit 1
"""


def test_a_remote_that_rejects_is_heard_without_the_progress_of_git(mine, remote):
    (remote / "hooks").mkdir(exist_ok=True)
    (remote / "hooks" / "pre-receive").write_text(LOUD)
    (remote / "hooks" / "pre-receive").chmod(0o755)
    with pytest.raises(CuadernoError) as caught:
        publish(mine, "github")
    told = str(caught.value)
    assert told.endswith(
        "refused the push. What was live stays live. It said: [remote rejected] (pre-receive hook declined) Policy: 7 "
        "no pages on Fridays See rule 12. one more line and the fifth and the sixth https://host.example/why"
    ), told


def test_a_remote_that_rejects_leaves_what_was_live(mine, remote):
    publish(mine, "github")
    before = git(remote, "rev-parse", "gh-pages")
    (remote / "hooks").mkdir(exist_ok=True)
    (remote / "hooks" / "pre-receive").write_text(HOOK)
    (remote / "hooks" / "pre-receive").chmod(0o755)
    edit(mine, "second")
    with pytest.raises(CuadernoError, match=r"refused the push\. What was live stays live\. .*no pages on Fridays"):
        publish(mine, "github")
    assert git(remote, "rev-parse", "gh-pages") == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda mine: git(mine, "remote", "set-url", "origin", "../nothing.git"), "There is no repository at origin"),
        (
            lambda mine: [git(mine, "remote", "rename", "origin", "a"), git(mine, "remote", "add", "b", "/x")],
            "no remote",
        ),
        (lambda mine: git(mine, "remote", "remove", "origin"), "git remote add origin"),
        (lambda mine: shutil.rmtree(mine / ".git"), "is in no git repository.*git init"),
        (
            lambda mine: git(mine, "remote", "set-url", "origin", "http://ada:tokentoken@127.0.0.1:9/x.git"),
            "connection to origin .*broke off",
        ),
        (
            lambda mine: git(mine, "remote", "set-url", "origin", "https://no-such-host.invalid/x.git"),
            "cannot be reached",
        ),
    ],
)
def test_what_goes_wrong_is_one_paragraph_with_a_cure(mine, remote, change, says):
    change(mine)
    with pytest.raises(CuadernoError, match=says) as caught:
        publish(mine, "github")
    assert len(str(caught.value).splitlines()) == 1 and "tokentoken" not in str(caught.value)


def test_git_must_know_who_publishes(mine, remote, tmp_path):
    (tmp_path / "gitconfig").write_text("")
    with pytest.raises(CuadernoError, match=r"git config --global user\.name"):
        publish(mine, "github")
    assert git(remote, "branch") == ""


def test_a_domain_of_ones_own_is_kept(mine, remote, tmp_path):
    toml = mine / "cuaderno.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace(ADDRESS, "https://notes.ada.example/"), encoding="utf-8")
    publish(mine, "github")
    assert branch(remote)["CNAME"] == b"notes.ada.example\n"
    toml.write_text(toml.read_text(encoding="utf-8").replace("https://notes.ada.example/", ADDRESS), encoding="utf-8")
    said = []
    publish(mine, "github", say=said.append)
    assert branch(remote)["CNAME"] == b"notes.ada.example\n"
    assert any("names the domain notes.ada.example" in line for line in said)


def test_a_domain_with_a_path_gets_no_cname(mine, remote):
    toml = mine / "cuaderno.toml"
    whole = toml.read_text(encoding="utf-8")
    toml.write_text(whole.replace(ADDRESS, "https://me.example.org/diary/"), encoding="utf-8")
    publish(mine, "github")
    assert "CNAME" not in branch(remote)
    toml.write_text(whole.replace(ADDRESS, "https://me.example.org/"), encoding="utf-8")
    publish(mine, "github")
    toml.write_text(whole.replace(ADDRESS, "https://other.example.org/diary/"), encoding="utf-8")
    publish(mine, "github")
    assert branch(remote)["CNAME"] == b"me.example.org\n", "what is there stays"


@pytest.mark.parametrize(
    ("url", "to", "origin", "warned"),
    [
        ("https://me.example.org/diary/", "github", "", True),
        ("https://me.example.org/diary/", "", "git@github.com:ada/notes.git", True),
        ("https://me.example.org/diary/", "", "git@codeberg.org:ada/notes.git", False),
        ("https://me.example.org/diary/", "/var/www/diary", "git@github.com:ada/notes.git", False),
        ("https://me.example.org/", "github", "", False),
        (ADDRESS, "github", "", False),
        ("http://localhost:8000/diary/", "github", "", False),
    ],
)
def test_check_tells_of_a_domain_with_a_path(mine, url, to, origin, warned):
    toml = mine / "cuaderno.toml"
    text = toml.read_text(encoding="utf-8").replace(ADDRESS, url) + f'\n[publish]\nto = "{to}"\n'
    toml.write_text(text, encoding="utf-8")
    if origin:
        git(mine, "init", "-q")
        git(mine, "remote", "add", "origin", origin)

    def found():
        return [one for one in examine(mine, compare=False).findings if "at its root" in one.what]

    assert len(found()) == warned
    if warned:
        (one,) = found()
        assert one.severity == "warning" and text.splitlines()[one.line - 1].startswith("url")
        toml.write_text(text + '[check]\naccept = ["no-url"]\n', encoding="utf-8")
        assert not found()


@pytest.mark.parametrize(
    ("url", "remote", "warned"),
    [
        ("https://ada.github.io/notes/", "git@github.com:Ada/notes.git", False),
        ("https://ada.github.io/", "https://github.com/ada/ada.github.io", False),
        ("https://ada.github.io/", "https://github.com/ada/notes.git", True),
        ("https://ada.github.io/other/", "git@github.com:ada/notes", True),
        ("https://ada.github.io/other/", "git@gitlab.com:ada/notes", False),
    ],
)
def test_an_address_that_is_not_where_github_shows_the_site_is_told(mine, url, remote, warned):
    from dataclasses import replace

    from cuaderno.diary.settings import read_settings

    target = GitHub(mine, replace(read_settings(mine), url=url))
    target.url = remote
    assert bool(target.warnings) == warned


def test_odd_names_and_bytes_arrive_as_they_are(mine, remote, tmp_path):
    (mine / ".gitattributes").write_text("*.txt text eol=crlf\n*.bin filter=lfs\n")
    folder = mine / "posts" / "odd"
    folder.mkdir()
    (folder / "en.md").write_text(POST.format("x"))
    for name in ("ñandú y «comillas».txt", 'with "quotes".txt', "line\nbreak.txt", "back\\slash.bin", " space.bin"):
        (folder / name).write_bytes(b"one\r\ntwo\nthree\0" + os.urandom(20))
    git(mine, "config", "core.autocrlf", "true")
    publish(mine, "github")
    assert branch(remote) == printed(mine, tmp_path) | {".nojekyll": b""}


def test_a_lost_or_damaged_repository_of_ours_costs_only_time(mine, remote):
    publish(mine, "github")
    for number, damage in enumerate(("HEAD", "config", "objects")):
        path = mine / ".cache" / "publish.git" / damage
        shutil.rmtree(path) if path.is_dir() else path.write_text("[")
        edit(mine, f"edition {number}")
        assert publish(mine, "github").pushed
    assert b"edition 2" in branch(remote)["posts/new/index.html"]


def test_a_hook_of_the_diary_is_neither_run_nor_in_the_way(mine, remote, monkeypatch):
    hook = mine / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert publish(mine, "github").pushed


class Wire(threading.Thread):
    """Passes bytes between a client and a server on loopback, and cuts the line after `most` from the client."""

    def __init__(self, port: int):
        super().__init__(daemon=True)
        self.port, self.most = port, 1 << 40
        self.door = socket.create_server(("127.0.0.1", 0))
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.door.accept()
                server = socket.create_connection(("127.0.0.1", self.port))
                for one, other, most in ((client, server, self.most), (server, client, 1 << 40)):
                    threading.Thread(target=self._pass, args=(one, other, most), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, most: int) -> None:
        with contextlib.suppress(OSError), one, other:
            while most > 0 and (piece := one.recv(min(4096, most))):
                other.sendall(piece)
                most -= len(piece)
            for end in (one, other):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(remote):
    """The remote behind a git daemon and a line that can be cut."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["--reuseaddr", "--listen=127.0.0.1", f"--port={port}", "--enable=receive-pack", "--export-all"]
    process = subprocess.Popen(["git", "daemon", *words, f"--base-path={remote.parent}"], start_new_session=True)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    line = Wire(port)
    yield line
    line.door.close()
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(10)


def test_a_line_that_is_cut_in_the_middle(mine, remote, wire):
    git(mine, "remote", "set-url", "origin", f"git://127.0.0.1:{wire.door.getsockname()[1]}/remote.git")
    publish(mine, "github")
    before = branch(remote)
    (mine / "posts" / "new").mkdir()
    (mine / "posts" / "new" / "en.md").write_text(POST.format("x"))
    (mine / "posts" / "new" / "weights.bin").write_bytes(os.urandom(300_000))

    def cut(*_) -> bool:
        wire.most = 60_000
        return True

    with pytest.raises(CuadernoError, match=r"connection to origin .* broke off\. What was live stays live\."):
        publish(mine, "github", agree=cut)
    assert branch(remote) == before
    wire.most = 1 << 40
    assert publish(mine, "github").pushed and "posts/new/weights.bin" in branch(remote)


# -- a folder ----------------------------------------------------------------------------------------------------------


def test_a_folder_is_swapped_whole(mine, tmp_path):
    target = tmp_path / "www" / "site"
    done = publish(mine, str(target))
    assert done.pushed and snapshot(target) == printed(mine, tmp_path) and done.live is None
    inode = target.stat().st_ino
    assert not publish(mine, str(target)).changes
    (mine / "posts" / "first-page" / "es.md").unlink()
    edit(mine, "new")
    done = publish(mine, str(target), dry_run=True)
    assert "posts/new/index.html" in done.changes.added and "es/posts/first-page/index.html" in done.changes.removed
    assert done.live and done.live.published and snapshot(target) != printed(mine, tmp_path)
    publish(mine, str(target))
    assert snapshot(target) == printed(mine, tmp_path) and target.stat().st_ino != inode
    assert [path.name for path in target.parent.iterdir()] == ["site"]


def test_a_folder_of_somebody_else_is_not_touched(mine, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(CuadernoError, match="did not print"):
        publish(mine, str(tmp_path / "thesis"), force=True)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"
    with pytest.raises(CuadernoError, match="is a file"):
        publish(mine, str(tmp_path / "thesis" / "chapter.txt"))


def test_a_link_to_the_folder_stays_a_link(mine, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    publish(mine, str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real" / "index.html").is_file()


def test_a_folder_in_the_settings_is_relative_to_the_diary(mine, tmp_path, monkeypatch):
    toml = mine / "cuaderno.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + '\n[publish]\nto = "../public"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path / "mine" / "posts")
    assert publish(mine).pushed and (tmp_path / "public" / "index.html").is_file()
    monkeypatch.chdir(tmp_path)
    publish(mine, "here")
    assert (tmp_path / "here" / "index.html").is_file()


PLACES = ["records", "posts/x", "./posts", "_site/sub", ".cache/published", ".", ".."]


@pytest.mark.parametrize("place", [*PLACES, *(f"rsync:{place}" for place in PLACES)])
def test_a_place_among_the_files_of_the_diary_or_around_it_is_refused(mine, tmp_path, monkeypatch, place):
    if place.startswith("rsync:") and shutil.which("rsync") is None:
        pytest.skip("No rsync found. Install it: sudo apt-get install rsync")
    monkeypatch.chdir(mine)
    if place.endswith(".."):  # even where an edition was printed once
        (tmp_path / MARK).touch()
        place = place.replace("..", str(tmp_path))
    elif place == "rsync:.":
        place = f"rsync:{mine}"
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(
        CuadernoError, match=r"(is inside the|is a|holds the) diary.*Nothing was changed\. Choose"
    ) as caught:
        publish(mine, place, force=True)
    assert len(str(caught.value).splitlines()) == 1
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and ".cache" not in path.parts}
    assert after == {path: content for path, content in before.items() if ".cache" not in path.parts}


def test_the_site_of_the_diary_is_a_place(mine, monkeypatch):
    monkeypatch.chdir(mine)
    assert publish(mine, "_site").pushed and publish(mine, str(mine / "_site")).pushed is False
    assert publish(mine, "public").pushed  # a folder of its own beside the posts


def put_in(site: Path, *names: str) -> None:
    for name in names:
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("mine")


def test_files_that_somebody_put_into_the_folder_are_not_taken_away(mine, tmp_path):
    site = tmp_path / "site"
    publish(mine, str(site))
    put_in(site, ".DS_Store", "posts/Thumbs.db")
    edit(mine, "first")
    assert publish(mine, str(site)).pushed, "what file managers leave is nobody's work"
    put_in(site, "a.txt", "b/c.txt", "posts/new/d.txt", "e.txt", "f.txt", "g.txt")
    (site / "b" / "link").symlink_to(tmp_path)
    before = snapshot(site)
    edit(mine, "second")
    for _ in range(2):
        with pytest.raises(CuadernoError, match=r"a\.txt, b/c\.txt, b/link, e\.txt, f\.txt and 2 more\. .*Move them"):
            publish(mine, str(site), force=True)
    assert snapshot(site) == before and (site / "b" / "link").is_symlink()
    for name in ("a.txt", "e.txt", "f.txt", "g.txt", "posts/new/d.txt"):
        (site / name).unlink()
    shutil.rmtree(site / "b")

    def meanwhile(*_) -> bool:
        put_in(site, "late.txt")
        return True

    with pytest.raises(CuadernoError, match=r"late\.txt"):
        publish(mine, str(site), agree=meanwhile)
    (site / "late.txt").unlink()
    assert publish(mine, str(site)).pushed and snapshot(site) == printed(mine, tmp_path)


def test_a_mark_of_an_older_edition_names_no_files_and_still_works(mine, tmp_path):
    site = tmp_path / "site"
    publish(mine, str(site))
    for number, old in enumerate(
        (b"", b"{", b'{"published": "2026-01-01T00:00:00+00:00", "source": null}', b'{"files": [1]}')
    ):
        (site / MARK).write_bytes(old)
        edit(mine, f"edition {number}")
        assert publish(mine, str(site)).pushed
    put_in(site, "foreign.txt")
    edit(mine, "last")
    with pytest.raises(CuadernoError, match=r"foreign\.txt"):
        publish(mine, str(site))


def test_a_file_of_ones_own_is_not_replaced_by_one_of_the_same_name(mine, tmp_path):
    site = tmp_path / "site"
    publish(mine, str(site))
    put_in(site, "posts/new/index.html")
    edit(mine, "new")
    with pytest.raises(CuadernoError, match=r"posts/new/index\.html"):
        publish(mine, str(site))


def test_a_full_disk_leaves_the_old_site(mine, tmp_path, monkeypatch):
    target = tmp_path / "site"
    publish(mine, str(target))
    before = snapshot(target)
    edit(mine, "new")

    def full(source, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("cuaderno.site.publishing.directory.shutil.copyfile", full)
    with pytest.raises(CuadernoError, match=r"disk is full.*intact"):
        publish(mine, str(target))
    assert snapshot(target) == before and not list(tmp_path.glob(".site-*"))


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root on Linux to mount a tiny disk")
@pytest.mark.parametrize("kind", ["folder", "rsync", "git"])
def test_a_disk_that_is_really_full(mine, tmp_path, kind):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2400k", "tmpfs", str(small)], capture_output=True
    ).returncode:
        pytest.skip("this machine does not let tests mount a disk")
    try:
        if kind == "git":
            git(small, "init", "-q", "--bare", "remote.git")
            git(mine, "init", "-q")
            git(mine, "remote", "add", "origin", str(small / "remote.git"))
        to = {"folder": str(small / "site"), "rsync": f"rsync:{small / 'site'}", "git": "github"}[kind]
        publish(mine, to)
        live = branch(small / "remote.git") if kind == "git" else snapshot(small / "site")
        (mine / "posts" / "new").mkdir()
        (mine / "posts" / "new" / "en.md").write_text(POST.format("big"))
        (mine / "posts" / "new" / "weights.bin").write_bytes(os.urandom(3_000_000))
        with pytest.raises(CuadernoError, match="full"):
            publish(mine, to)
        assert live == (branch(small / "remote.git") if kind == "git" else snapshot(small / "site"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets two folders change places")
def test_two_folders_change_places_in_one_step(tmp_path, monkeypatch):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "is").write_text(name)
    if not exchange(tmp_path / "one", tmp_path / "two"):
        pytest.skip("this disk cannot exchange folders")
    assert (tmp_path / "one" / "is").read_text() == "two" and (tmp_path / "two" / "is").read_text() == "one"
    assert not exchange(tmp_path / "one", tmp_path / "nothing")


def test_where_folders_cannot_change_places_they_are_renamed(mine, tmp_path, monkeypatch):
    monkeypatch.setattr("cuaderno.site.output.exchange", lambda one, other: False)
    publish(mine, str(tmp_path / "site"))
    edit(mine, "new")
    done = publish(mine, str(tmp_path / "site"))
    assert "by renaming" in done.told and (tmp_path / "site" / "posts" / "new" / "index.html").is_file()
    place = Place(tmp_path / "site", tmp_path)
    (tmp_path / "site").rename(tmp_path / f"{place.stem}.999999.old")  # a kill between the two
    assert not publish(mine, str(tmp_path / "site")).changes


# -- rsync -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def rsync():
    if shutil.which("rsync") is None:
        why = "No rsync found. Install it: sudo apt-get install rsync"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)


def test_a_new_place_gets_releases_and_a_link(mine, tmp_path, rsync):
    site = tmp_path / "site"
    done = publish(mine, f"rsync:{site}")
    assert (
        done.pushed and site.is_symlink() and snapshot(site) == printed(mine, tmp_path) and "in one step" in done.told
    )
    first = site.readlink()
    assert not publish(mine, f"rsync:{site}/").changes
    edit(mine, "new")
    dry = publish(mine, f"rsync:{site}", dry_run=True)
    assert "posts/new/index.html" in dry.changes.added and "index.html" in dry.changes.changed and dry.live
    assert site.readlink() == first
    publish(mine, f"rsync:{site}")
    assert site.readlink() != first and snapshot(site) == printed(mine, tmp_path)
    old, new = tmp_path / first / "favicon.svg", site / "favicon.svg"
    assert old.stat().st_ino == new.stat().st_ino, "what did not change is sent and stored once"
    assert oct((site / "index.html").stat().st_mode)[-3:] == "644"


def test_old_releases_go_and_young_ones_of_others_stay(mine, tmp_path, rsync):
    publish(mine, f"rsync:{tmp_path / 'site'}")
    releases = tmp_path / "site.releases"
    for name in ("20200101-101010-aaaaaa", "20200202-101010-bbbbbb", "notes"):
        (releases / name / "sub").mkdir(parents=True)
        (releases / name / "sub" / "x").write_text("x")
    young = time.strftime("%Y%m%d-%H%M%S", time.gmtime()) + "-cccccc"
    (releases / young).mkdir()
    edit(mine, "new")
    publish(mine, f"rsync:{tmp_path / 'site'}")
    names = {path.name for path in releases.iterdir()}
    assert not [name for name in names if name.startswith("2020")] and {"notes", young} <= names and len(names) == 4


def test_a_folder_that_is_there_is_filled_in_place(mine, tmp_path, rsync):
    site = tmp_path / "site"
    site.mkdir()
    done = publish(mine, f"rsync:{site}")
    assert not site.is_symlink() and snapshot(site) == printed(mine, tmp_path) and "side by side" in done.told
    (mine / "posts" / "first-page" / "es.md").unlink()
    edit(mine, "new")
    dry = publish(mine, f"rsync:{site}", dry_run=True)
    assert "es/posts/first-page/index.html" in dry.changes.removed and "posts/new/index.html" in dry.changes.added
    publish(mine, f"rsync:{site}")
    assert snapshot(site) == printed(mine, tmp_path)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(CuadernoError, match="did not publish, and nothing was touched"):
        publish(mine, f"rsync:{tmp_path / 'thesis'}", force=True)
    with pytest.raises(CuadernoError, match=r"There is no folder .*/no, where the site would lie"):
        publish(mine, f"rsync:{tmp_path / 'no' / 'site'}")


def test_rsync_knows_its_own_files_by_odd_names(mine, tmp_path, rsync):
    site = tmp_path / "site"
    site.mkdir()
    folder = mine / "posts" / "odd"
    folder.mkdir()
    (folder / "en.md").write_text(POST.format("x"))
    names = ("ñandú y «comillas».bin", " two  spaces .bin", "line\nbreak.bin", "back\\slash\\#101.bin")
    for content in (b"one", b"two"):
        for name in names:
            (folder / name).write_bytes(content)
        assert publish(mine, f"rsync:{site}").pushed
    for name in names:
        (folder / name).unlink()
    done = publish(mine, f"rsync:{site}")
    assert {f"posts/odd/{name}" for name in names} == set(done.changes.removed)


@pytest.mark.parametrize("in_place", [True, False])
def test_rsync_takes_no_file_away_that_somebody_put_there(mine, tmp_path, rsync, in_place):
    site = tmp_path / "site"
    if in_place:
        site.mkdir()
    publish(mine, f"rsync:{site}")
    put_in(site, "thesis/chapter ñ.txt", "posts/new/index.html", ".config.backup", ".DS_Store")
    before = snapshot(site)
    edit(mine, "new")
    named = r"\.config\.backup, posts/new/index\.html, thesis/chapter ñ\.txt\. Nothing was changed\. Move them"
    for dry in (True, False):
        with pytest.raises(CuadernoError, match=named):
            publish(mine, f"rsync:{site}", dry_run=dry, force=True)
    assert snapshot(site) == before
    (site / ".config.backup").unlink()
    shutil.rmtree(site / "posts" / "new")
    shutil.rmtree(site / "thesis")
    assert publish(mine, f"rsync:{site}").pushed and snapshot(site) == printed(mine, tmp_path)


def test_what_a_kill_of_a_later_edition_left_is_known_as_ours_too(mine, tmp_path, rsync, monkeypatch):
    site = tmp_path / "site"
    site.mkdir()
    publish(mine, f"rsync:{site}")
    edit(mine, "new")

    def killed(self, words, edition, step):
        put_in(site, "posts/new/index.html", "posts/new/.~tmp~/index.html", "posts/new/.index.html.aB3xYz")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Rsync, "_send", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(mine, f"rsync:{site}")
    done = publish(mine, f"rsync:{site}")
    assert done.live and done.pushed and snapshot(site) == printed(mine, tmp_path)


def test_what_a_kill_left_in_a_folder_is_known_as_ours(mine, tmp_path, rsync, monkeypatch):
    (tmp_path / "site").mkdir()

    def killed(self, words, edition, step):
        (tmp_path / "site" / "half.html").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Rsync, "_send", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(mine, f"rsync:{tmp_path / 'site'}")
    done = publish(mine, f"rsync:{tmp_path / 'site'}")
    assert (
        done.live is None
        and done.changes.removed == ("half.html",)
        and snapshot(tmp_path / "site") == printed(mine, tmp_path)
    )


@pytest.fixture
def daemon(tmp_path, rsync):
    """An rsync daemon on loopback with a module `www`; gives its address and its folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "www").mkdir()
    config = tmp_path / "rsyncd.conf"
    config.write_text(
        f"use chroot = no\nport = {port}\naddress = 127.0.0.1\npid file = {tmp_path}/rsyncd.pid\n"
        f"log file = {tmp_path}/log\n"
        f"uid = {os.getuid()}\ngid = {os.getgid()}\n"
        f"[www]\npath = {tmp_path}/www\nread only = no\n[closed]\npath = {tmp_path}/www\nread only = yes\n"
    )
    process = subprocess.Popen(["rsync", "--daemon", "--no-detach", f"--config={config}"], stdin=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"rsync://127.0.0.1:{port}", tmp_path / "www", process
    process.terminate()
    process.wait(10)


def test_a_daemon(mine, tmp_path, daemon):
    address, folder, process = daemon
    done = publish(mine, f"{address}/www/site")
    assert done.pushed and snapshot(folder / "site") == printed(mine, tmp_path) and "side by side" in done.told
    assert not publish(mine, f"{address}/www/site").changes
    edit(mine, "new")
    publish(mine, f"rsync:{address}/www/site")
    assert snapshot(folder / "site") == printed(mine, tmp_path)
    edit(mine, "newer")
    live = snapshot(folder / "site")
    with pytest.raises(CuadernoError, match="You may not write"):
        publish(mine, f"{address}/closed/site")
    with pytest.raises(CuadernoError, match="no such module"):
        publish(mine, f"{address}/nothing/site")

    def cut(*_) -> bool:
        process.terminate()
        process.wait(10)
        return True

    with pytest.raises(CuadernoError, match=r"connection to .* broke off\. What was live stays live"):
        publish(mine, f"{address}/www/site", agree=cut)
    assert snapshot(folder / "site") == live


SSH = """#!{python}
import os, sys
words = sys.argv[1:]
while words and words[0].startswith("-"):
    words = words[2:] if words[0] in ("-l", "-p", "-o") else words[1:]
assert words[0] == "example.org", words
if os.path.exists({cut!r}):
    sys.exit("kex_exchange_identification: Connection closed by remote host")
os.execvp("sh", ["sh", "-c", " ".join(words[1:])])
"""


def test_a_server_behind_ssh(mine, tmp_path, rsync, monkeypatch):
    """A stand-in for ssh that runs the command here: what rsync says to it is what it says to a server."""
    ssh, cut = tmp_path / "ssh", tmp_path / "cut"
    ssh.write_text(SSH.format(python=sys.executable, cut=str(cut)))
    ssh.chmod(0o755)
    monkeypatch.setenv("RSYNC_RSH", str(ssh))
    (tmp_path / "www").mkdir()
    to = f"ada@example.org:{tmp_path}/www/site"
    assert "in one step" in publish(mine, to).told
    assert (tmp_path / "www" / "site").is_symlink() and snapshot(tmp_path / "www" / "site") == printed(mine, tmp_path)
    edit(mine, "new")
    cut.touch()
    with pytest.raises(CuadernoError, match="broke off"):
        publish(mine, to)
    cut.unlink()
    assert publish(mine, f"rsync:{to}").changes and snapshot(tmp_path / "www" / "site") == printed(mine, tmp_path)


@pytest.mark.parametrize(
    "text", ["rsync:", "rsync:/", "rsync:me@host:", "rsync:me@host:/", "rsync://host", "rsync://host/"]
)
def test_an_rsync_target_needs_a_place_of_its_own(text):
    with pytest.raises(CuadernoError, match="names no place of its own"):
        Rsync(text)


def test_a_path_on_this_computer_is_relative_to_where_we_are_or_to_the_diary(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (
        Rsync("rsync:site").parent == f"{tmp_path}/"
        and Rsync("rsync:site", tmp_path / "d").address == f"{tmp_path}/d/site"
    )
    assert (
        Rsync("me@host:site").parent == "me@host:"
        and Rsync("me@host:/a/b/site/").releases == "me@host:/a/b/site.releases"
    )


def test_a_password_does_not_belong_into_an_address():
    with pytest.raises(CuadernoError, match="RSYNC_PASSWORD"):
        Rsync("rsync://ada:hunter22@host/module/site")


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_a_diary_with_errors_is_refused_with_the_list_and_can_be_forced(mine, tmp_path):
    edit(mine, "one [x]()\n\ntwo ![](no-alt.png)")
    shutil.copy(Path(__file__).parents[2] / "docs" / "page.png", mine / "posts" / "no-alt.png")
    site = tmp_path / "site"
    with pytest.raises(CuadernoError, match="2 things must be mended first") as caught:
        publish(mine, str(site))
    lines = str(caught.value).splitlines()
    assert "new.md:5: the link [x]() has no address" in lines[1] and "new.md:7: the picture" in lines[2]
    assert "--force" in lines[-1] and not site.exists()
    assert publish(mine, str(site), force=True).pushed


def test_a_secret_is_never_published(mine, tmp_path):
    (mine / ".env").write_text("OPENAI_API_KEY=a-very-own-value\n")
    edit(mine, "The key is a-very-own-value.")
    for force in (False, True):
        with pytest.raises(
            CuadernoError, match=r"new\.md:5: this is the value of OPENAI_API_KEY .*\n.*never published"
        ) as caught:
            publish(mine, str(tmp_path / "site"), force=force)
        assert "a-very-own-value" not in str(caught.value)
    assert not (tmp_path / "site").exists()


def test_a_diary_that_does_not_build_cannot_be_forced(mine, tmp_path):
    edit(mine, "{num}`nothing.here`")
    with pytest.raises(CuadernoError, match="there is no kept run 'nothing'"):
        publish(mine, str(tmp_path / "site"), force=True)


def test_readers_elsewhere_need_an_address(mine, remote, tmp_path):
    toml = mine / "cuaderno.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace(ADDRESS, "http://localhost:8000/"), encoding="utf-8")
    with pytest.raises(CuadernoError, match="has no address yet"):
        publish(mine, "github")
    assert publish(mine, str(tmp_path / "site")).pushed, "a folder may be for oneself"


def test_drafts_stay_at_home(mine, tmp_path):
    (mine / "posts" / "new.md").write_text(POST.format("x").replace("title", "draft: true\ntitle"))
    publish(mine, str(tmp_path / "site"))
    assert not (tmp_path / "site" / "posts" / "new").exists()


@pytest.mark.parametrize("text", ["", "githb", "gitlab", "git", "ftp://host/x", "s3://bucket"])
def test_a_target_that_is_none(mine, text):
    from cuaderno.diary.settings import read_settings

    with pytest.raises(CuadernoError, match="cuaderno publish github"):
        target_of(text, mine, read_settings(mine))


@pytest.mark.parametrize("named", [True, False])
def test_a_misspelt_target_is_no_folder_unless_it_is_there_or_a_path(mine, tmp_path, monkeypatch, named):
    from cuaderno.diary.settings import read_settings

    monkeypatch.chdir(tmp_path)
    settings = read_settings(mine)
    with pytest.raises(CuadernoError, match=r"Did you mean 'github'\? .*\./gitlab"):
        target_of("gitlab", mine, settings, named=named)
    base = tmp_path if named else mine
    assert target_of("./gitlab", mine, settings, named=named).path == base / "gitlab"
    assert target_of("public", mine, settings, named=named).path == base / "public"
    (base / "gitlab").mkdir()
    assert target_of("gitlab", mine, settings, named=named).path == base / "gitlab"


def test_passwords_are_in_no_error():
    assert without_passwords("https://ada:tok@en.example/x and ssh://me@h/x") == "https://en.example/x and ssh://h/x"
    assert clean("hint: no\nfatal: unable to access 'https://u:p@h/x/': no\n") == "unable to access 'https://h/x/': no"


# -- kills -------------------------------------------------------------------------------------------------------------

PUBLISH = """
import os, sys
from pathlib import Path
from cuaderno.site import search
search.index = lambda site, warn: True
from cuaderno.site.publish import publish
last = int(sys.argv[3])
publish(Path(sys.argv[1]), sys.argv[2], step=lambda done, all_: os.kill(os.getpid(), 9) if 0 < last <= done else None)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
@pytest.mark.parametrize("kind", ["github", "folder", "rsync"])
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_site(mine, remote, tmp_path, rsync, kind):
    """Killed at other moments of its way: what is served is always one whole edition, and the next one goes through."""
    to = {"github": "github", "folder": str(tmp_path / "site"), "rsync": f"rsync:{tmp_path / 'site'}"}[kind]

    def live() -> dict[str, bytes]:
        return branch(remote) if kind == "github" else snapshot(tmp_path / "site")

    for number in range(15):
        (mine / "posts" / f"many-{number}.md").write_text(POST.format("x"))
    publish(mine, to)
    editions = [live()]
    command = [sys.executable, "-c", PUBLISH, str(mine), to]
    edit(mine, "edition 0")
    started = time.monotonic()
    subprocess.run([*command, "0"], check=True, stderr=subprocess.DEVNULL)
    whole = time.monotonic() - started
    editions.append(live())
    for attempt, file in enumerate((1, 3, 0, 0, 0, 0), 1):  # while the first files are on their way, then at any time
        edit(mine, f"edition {attempt}")
        process = subprocess.Popen([*command, str(file)], stderr=subprocess.DEVNULL, start_new_session=True)
        if file:
            assert process.wait() == -signal.SIGKILL
        else:
            time.sleep(whole * (0.3 + 0.1 * attempt))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        now = live()
        if now not in editions:
            assert f"edition {attempt}".encode() in now["posts/new/index.html"] and len(now) == len(editions[1])
            editions.append(now)
    edit(mine, "the last edition")
    assert publish(mine, to).pushed and b"the last edition" in live()["posts/new/index.html"]
    assert not list(tmp_path.glob(".site-*"))


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def cuaderno(capsys, mine, monkeypatch):
    monkeypatch.chdir(mine)

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(list(words))
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


def test_the_command_from_a_dry_run_to_nothing_to_do(cuaderno, mine, tmp_path):
    code, out, err = cuaderno("publish", "../site", "--dry-run")
    assert code == 0 and "  + index.html" in out and "Would publish to the folder ../site: " in out
    assert "live: nothing of ours yet" in err and not (tmp_path / "site").exists()
    code, out, err = cuaderno("publish", "../site")
    assert code == 1 and "Say so beforehand: cuaderno publish --yes" in err and not (tmp_path / "site").exists()
    code, out, err = cuaderno("publish", "../site", "--yes")
    assert code == 0 and re.fullmatch(rf"\d+ files added \([\d.]+ [KM]B\): {ADDRESS}\n", out)
    code, out, err = cuaderno("publish", "../site")
    assert code == 0 and "Nothing to do: the folder ../site has this very site" in out
    edit(mine, "x")
    code, out, err = cuaderno("publish", "../site", "--dry-run", "--json")
    found = json.loads(out)
    assert "posts/new/index.html" in found["added"] and found["live"]["published"] and not found["published"]
    code, out, err = cuaderno("publish")
    assert code == 1 and "Where to?" in err


def test_check_as_json_and_strictly(cuaderno, mine):
    edit(mine, "[x](http://localhost/)")
    code, out, _ = cuaderno("check", "--json")
    found = json.loads(out)
    (one,) = [one for one in found["findings"] if one["severity"] == "warning"]
    assert code == 0 and (one["kind"], one["file"], one["line"]) == ("local-link", "posts/new.md", 5)
    assert found["counts"]["warning"] == 1
    assert cuaderno("check")[0] == 0 and cuaderno("check", "--strict")[0] == 1
    edit(mine, "[x]()")
    code, out, err = cuaderno("check")
    assert code == 1 and re.search(r"posts/new\.md:5: the link \[x\]\(\) has no address", err) and "1 error" in out


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal")
def test_in_a_terminal_it_asks_first(mine, tmp_path):
    import pexpect

    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    words = ["-m", "cuaderno", "publish", str(tmp_path / "site"), "--diary", str(mine)]

    def begun():
        child = pexpect.spawn(sys.executable, words, env=environment, encoding="utf-8", timeout=60)
        child.expect(r"Publish to the folder .*: \d+ files added")
        child.expect(r"Go ahead\? \[y/N\] ")
        return child

    child = begun()
    child.sendline("")
    child.expect("Nothing was published")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1 and not (tmp_path / "site").exists()
    child = begun()
    child.sendline("sí")
    child.expect(ADDRESS)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0 and (tmp_path / "site" / "index.html").is_file()
    child = pexpect.spawn(sys.executable, words, env=environment, encoding="utf-8", timeout=60)
    child.expect("Nothing to do")
    child.expect(pexpect.EOF)
    child.close()


def test_the_workflow_of_a_new_diary_is_valid_and_checks_before_it_builds(mine):
    import yaml

    workflow = yaml.safe_load((mine / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["publish"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands[-2:] == ["cuaderno check", "cuaderno build -o _site"]
    for command in commands[-2:]:
        cli.parse(command.split()[1:])
    assert {"pages", "id-token"} <= workflow["permissions"].keys()
    assert Edition.of(build(mine, report=lambda _: None).output).sizes["index.html"] > 1000
