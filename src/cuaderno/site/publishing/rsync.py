"""An rsync target: a server reached by ssh, a folder, or an rsync daemon.

Where that is possible the site is a link to a release: the new one is sent beside the old one, of which it takes every
file that did not change, and then the link is replaced, in one step. Where it is not, in a daemon's module or in a
folder that is there already, all files are sent first and then take their places one after the other.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cuaderno.lab.errors import CuadernoError
from cuaderno.site.git import PATIENT_SSH, clean
from cuaderno.site.output import MARK, foreign, mark, names_in, refuse_around, refuse_foreign, refuse_inside
from cuaderno.site.publishing.edition import Changes, Edition, Note
from cuaderno.site.publishing.target import Step

RELEASES, KEPT = ".releases", 2  # the live one and the one before, to go back to
PATIENCE = ("--timeout=60",)
MODES = "--chmod=Du=rwx,Dgo=rx,Fu=rw,Fgo=r"
# By content, for times differ after every fresh build; and whole, for some versions of rsync 3.2 fail to take a changed
# file of --link-dest for a basis ("failed verification").
ALIKE = ("-rlpc", "--whole-file", MODES)
LEFT_BY_RSYNC = re.compile(r"(?:(.*/)?\.~tmp~/.*|(?P<folder>.*/)?\.(?P<name>[^/]+)\.\w{6})", re.S)  # after a kill
YOUNG_SECONDS = 3600  # a release that is younger may be on its way from another computer


class RsyncError(CuadernoError):
    """rsync refused; `said` is what it wrote."""

    def __init__(self, said: str):
        super().__init__(f"rsync failed: {said}")
        self.said = said


class Rsync:
    """`rsync:/folder`, `rsync:user@host:/folder`, `rsync://host/module/folder`, or as rsync itself writes them."""

    is_public = True
    warnings: tuple[str, ...] = ()

    def __init__(self, text: str, base: Path = Path(), diary: Path | None = None):
        """`base` is the folder that a path on this computer is relative to."""
        self.diary = diary
        address = text if text.startswith("rsync://") else text.removeprefix("rsync:")
        self.address = address.rstrip("/")
        self.is_daemon = address.startswith("rsync://") or "::" in address
        self._check_address()
        if ":" not in self.address:
            self.address = str(Path(base, Path(self.address).expanduser()).absolute())
        self.name = f"{self.address} (rsync)"
        self.release = ""  # the release that is live, where there are releases
        self.in_releases = False
        self.is_marked = False  # what is there is ours
        self.mark = b""  # the mark that is there, and the files that it names
        self.ours: frozenset[str] | None = None
        self.environment = {"RSYNC_RSH": PATIENT_SSH} | dict(os.environ) | {"LC_ALL": "C"}

    def _check_address(self) -> None:
        if self.is_daemon:
            enough = bool(re.match(r"rsync://[^/]+/[^/]+|[^:]+::[^:/]+", self.address))
        else:
            enough = bool(self.address.rpartition(":")[2].strip("/~."))
        if not enough or self.address.startswith("-") or re.search(r"://[^/]*:[^/]*@", self.address):
            raise CuadernoError(
                f"'{self.address}' names no place of its own for the site. Write rsync:user@host:/var/www/site, or "
                "rsync://host/module/site; a daemon's password comes from the variable RSYNC_PASSWORD."
            )

    @property
    def parent(self) -> str:
        """Where the target lies, as a place to copy into."""
        return self.address[: -len(self.leaf)]

    @property
    def leaf(self) -> str:
        return re.split(r"[/:]", self.address)[-1]

    @property
    def releases(self) -> str:
        return f"{self.address}{RELEASES}"

    # -- what is there -------------------------------------------------------------------------------------------------

    def look(self) -> Note | None:
        if ":" not in self.address:
            refuse_inside(Path(self.address))
            if self.diary:
                refuse_around(Path(self.address), self.diary)
        if shutil.which("rsync") is None:
            raise CuadernoError("There is no rsync on this computer. Install it: sudo apt-get install rsync")
        try:
            return self._look()
        except RsyncError as error:
            raise CuadernoError(self._explained(error.said)) from None

    def _look(self) -> Note | None:
        entry = self._entry()
        if entry is None:
            self.in_releases = not self.is_daemon
            return None
        if entry.startswith("l") and (found := re.search(rf"-> {re.escape(self.leaf)}{RELEASES}/([\w-]+)/?$", entry)):
            self.release, self.in_releases = found[1], True
        elif entry.startswith("-"):
            raise CuadernoError(f"{self.address} is a file, not a folder. Choose another place.")
        names = self._names(f"{self.address}/")
        if names and MARK not in names:
            raise CuadernoError(
                f"{self.address} holds files that Cuaderno did not publish, and nothing was touched. Choose another "
                "folder, or empty that one."
            )
        self.is_marked = bool(names)
        return self._note() if names else None

    def _entry(self) -> str | None:
        """The line that lists the target itself; None when there is nothing."""
        try:
            lines = self._run("--list-only", "--links", self.address).splitlines()
        except RsyncError as error:
            if re.search(r"no such file or directory|\(2\)", error.said, re.I) and "change_dir" not in error.said:
                return None
            if re.search(r"link_stat|change_dir", error.said) and "No such file" in error.said:
                return None
            raise
        return next((line for line in lines if re.match(r"[dl-][rwx-]{9}", line)), None)

    def _names(self, address: str) -> list[str]:
        lines = self._run("--list-only", "--links", address).splitlines()
        names = [re.split(r"\s+", line, maxsplit=4)[4] for line in lines if re.match(r"[dl-][rwxstST-]{9}", line)]
        return [name.split(" -> ")[0] for name in names if name != "."]

    def _note(self) -> Note | None:
        with tempfile.TemporaryDirectory() as scratch:
            self._run(f"{self.address}/{MARK}", f"{scratch}/")
            self.mark = Path(scratch, MARK).read_bytes()
        self.ours = names_in(self.mark)
        return Note.read(self.mark)

    # -- what will be there --------------------------------------------------------------------------------------------

    def prepare(self, edition: Edition) -> Changes:
        if self._is_missing():
            return Changes(tuple(edition.sizes), bytes=sum(edition.sizes.values()))
        words = [*ALIKE, "--dry-run", "--delete", f"--exclude=/{MARK}", "--out-format=%i %n"]
        try:
            told = self._run(*words, f"{edition.folder}/", f"{self.address}/")
        except RsyncError as error:
            raise CuadernoError(self._explained(error.said)) from None
        changes = _changes(told, edition)
        self._check_ours(changes)
        return changes

    def _check_ours(self, changes: Changes) -> None:
        """Raises:  CuadernoError when somebody put files there that this edition would take away."""
        if self.ours is not None:
            lost = foreign((*changes.changed, *changes.removed), self.ours)
            refuse_foreign(self.address, [name for name in lost if not self._is_left(name)])

    def _is_left(self, name: str) -> bool:
        """Whether rsync left it behind when it was killed: a file of ours, half sent."""
        found = LEFT_BY_RSYNC.fullmatch(name)
        if not found or found["name"] is None:
            return bool(found)
        return f"{found['folder'] or ''}{found['name']}" in (self.ours or ())

    def _is_missing(self) -> bool:
        return self.in_releases and not self.release

    # -- bringing it there ---------------------------------------------------------------------------------------------

    def push(self, edition: Edition, note: Note, step: Step) -> str:
        with tempfile.TemporaryDirectory() as scratch:
            self.scratch = Path(scratch)
            (self.scratch / "note").mkdir()
            (self.scratch / "note" / MARK).write_bytes(note.naming(edition.sizes))
            (self.scratch / "empty").mkdir()
            try:
                return self._push_release(edition, step) if self.in_releases else self._push_in_place(edition, step)
            except RsyncError as error:
                raise CuadernoError(self._explained(error.said)) from None

    def _push_release(self, edition: Edition, step: Step) -> str:
        """Send a release beside the live one, then let the link lead to it."""
        release = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        self._run("--dirs", "-p", MODES, f"{self.scratch}/empty/", f"{self.releases}/")
        same = [f"--link-dest=../{self.release}"] if self.release else []
        self._send([*ALIKE, *same, f"{edition.folder}/", f"{self.releases}/{release}/"], edition, step)
        self._run("-pt", MODES, f"{self.scratch}/note/{MARK}", f"{self.releases}/{release}/{MARK}")
        link = self.scratch / self.leaf
        link.symlink_to(f"{self.leaf}{RELEASES}/{release}")
        self._run("--links", str(link), self.parent)
        live = self._entry() or ""
        if not live.rstrip("/").endswith(f"{RELEASES}/{release}"):
            raise CuadernoError(f"{self.address} was not switched to the new release; what was live stays live.")
        self._forget_old(release)
        return f"The link {self.leaf} was switched in one step, to release {release}."

    def _forget_old(self, release: str) -> None:
        """Take away releases but the new one and the one before; a failure here costs only room."""
        try:
            names = self._names(f"{self.releases}/")
        except RsyncError:
            return
        old = [name for name in names if name not in (release, self.release) and _age(name) > YOUNG_SECONDS]
        if old:
            only = [word for name in old for word in (f"--include=/{name}/", f"--include=/{name}/**")]
            try:
                self._run("-r", "--delete", *only, "--exclude=*", f"{self.scratch}/empty/", f"{self.releases}/")
            except RsyncError:
                return

    def _push_in_place(self, edition: Edition, step: Step) -> str:
        """Send everything, then let it take its places, then delete what is gone."""
        first = self.scratch / MARK  # first of all: after a kill, what is there must be known as ours
        if not self.is_marked:
            first.touch()
            self._run("--dirs", "-p", MODES, f"{self.scratch}/empty/", f"{self.address}/")
            self._run("-p", MODES, str(first), f"{self.address}/{MARK}")
        elif self.ours is not None:
            first.write_bytes(mark(self.ours | edition.sizes.keys(), json.loads(self.mark)))
            self._run("-p", MODES, str(first), f"{self.address}/{MARK}")
        words = [*ALIKE, "--delay-updates", "--delete-after", f"--exclude=/{MARK}"]
        self._send([*words, f"{edition.folder}/", f"{self.address}/"], edition, step)
        self._run("-pt", MODES, f"{self.scratch}/note/{MARK}", f"{self.address}/{MARK}")
        why = "a daemon's module has no links" if self.is_daemon else f"{self.leaf} is a folder and no link"
        return (
            "All files were sent first and then took their places one after the other: for a moment old and new ones "
            f"stand side by side ({why})."
        )

    # -- asking rsync --------------------------------------------------------------------------------------------------

    def _send(self, words: Iterable[str], edition: Edition, step: Step) -> None:
        """Run rsync and count the files that it names."""
        command = ["rsync", *PATIENCE, "--out-format=%n", *words]
        done = 0
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, env=self.environment
            )
            assert process.stdout
            try:
                for line in process.stdout:
                    done += int(not line.rstrip().endswith(b"/"))
                    step(min(done, len(edition.sizes)), len(edition.sizes))
            except BaseException:
                process.terminate()
                raise
            finally:
                process.stdout.close()
                code = process.wait()
            errors.seek(0)
            if code:
                raise RsyncError(clean(errors.read().decode(errors="replace")))

    def _run(self, *words: str) -> str:
        """What rsync answers.

        Raises:  RsyncError when it fails.
        """
        command = ["rsync", *PATIENCE, *words]
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False, env=self.environment)
        if done.returncode:
            raise RsyncError(clean(done.stderr.decode(errors="replace")))
        return done.stdout.decode(errors="replace")

    def _explained(self, said: str) -> str:
        for pattern, words in EXPLAINED:
            if re.search(pattern, said, re.I):
                return words.format(address=self.address, parent=self.parent.rstrip("/"), said=said)
        return f"Publishing to {self.address} failed, and what was live stays live. rsync said: {said}"


STAYS = "What was live stays live."
EXPLAINED = (
    (
        r"no space left|disk quota",
        f"The disk of {{address}} is full. {STAYS} Free some space and publish again.",
    ),
    (
        r"unknown module",
        "The daemon has no such module: {address}. It said: {said}",
    ),
    (
        r"auth failed|permission denied \(publickey|password|host key verification failed",
        "{address} does not let you in. For ssh, try `ssh HOST` first; a daemon's password comes from the variable "
        "RSYNC_PASSWORD. rsync said: {said}",
    ),
    (
        r"read.only|permission denied|operation not permitted",
        f"You may not write to {{address}} or beside it. {STAYS} Choose another folder, or mend its permissions. "
        "rsync said: {said}",
    ),
    (
        r"could not resolve|name or service not known|temporary failure|no route to host|network is unreachable",
        f"The host of {{address}} cannot be reached: there is no network, or its name is misspelt. {STAYS}",
    ),
    (
        r"command not found",
        "There is no rsync at {address}: install it there. It said: {said}",
    ),
    (
        r"no such file or directory|failed: not a directory",
        "There is no folder {parent}, where the site would lie. Make it first; nothing was changed. rsync said: {said}",
    ),
    (
        r"connection|timeout|timed out|unexpectedly closed|broken pipe|error in rsync protocol|killed|socket",
        f"The connection to {{address}} broke off. {STAYS} Try again in a while. rsync said: {{said}}",
    ),
)


def _age(release: str) -> float:
    try:
        made = datetime.strptime(release[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return 0  # a folder of somebody else
    return time.time() - made.timestamp()


def _changes(told: str, edition: Edition) -> Changes:
    """What a dry run of rsync announces, line by line."""
    added: list[str] = []
    changed: list[str] = []
    removed: list[str] = []
    for line in told.splitlines():
        marks = line.partition(" ")[0]
        name = _unquoted(line[12:] if line.startswith("*deleting   ") else line.partition(" ")[2])
        if marks == "*deleting":
            removed += [] if name.endswith("/") else [name]
        elif len(marks) == 11 and marks[1] == "f" and marks[0] in "<>c":
            (added if "+++" in marks else changed).append(name)
    sent = sum(edition.sizes.get(name, 0) for name in (*added, *changed))
    return Changes(tuple(added), tuple(changed), tuple(removed), sent)


def _unquoted(name: str) -> str:
    """A name as it is: rsync writes bytes beyond plain letters as \\#303."""
    plain = re.sub(rb"\\#(\d{3})", lambda found: bytes([int(found[1], 8) & 255]), name.encode())
    return plain.decode(errors="surrogateescape")
