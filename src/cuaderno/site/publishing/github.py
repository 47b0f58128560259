"""A branch that GitHub Pages serves: one commit of the printed site, made and pushed from a repository of our own.

That repository lies in the diary's `.cache`, and takes only the settings of the diary's: where its remotes are, and how
one signs in there. So the diary's own branches, index, files and objects are never touched, and it does not matter
whether it is a shallow clone, has a detached HEAD or no commit at all.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from cuaderno.diary.settings import Settings
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.site.git import PATIENT_SSH, Git, GitError, clean, without_passwords
from cuaderno.site.output import MARK
from cuaderno.site.publishing.edition import Changes, Edition, Note
from cuaderno.site.publishing.target import Step

OURS, LIVE, NEXT = Path(".cache", "publish.git"), "refs/cuaderno/live", "refs/cuaderno/next"
SLOWEST = ("-c", "http.lowSpeedLimit=500", "-c", "http.lowSpeedTime=60")  # a line that is dead, not slow


class PushError(GitError):
    """The push failed: `said` is all that was written, `shown` what a person wants to read of it."""

    def __init__(self, said: str, shown: str):
        super().__init__("push", said)
        self.shown = shown


class GitHub:
    """A branch of a remote. What is there must be ours, and is replaced only if nobody else replaces it meanwhile."""

    is_public = True

    def __init__(self, diary: Path, settings: Settings):
        self.diary, self.settings = diary, settings
        self.branch = settings.publish.branch
        self.home = Git(diary)
        self.tip = ""  # the commit that is live; empty while there is none
        self.name = f"the branch {self.branch}"

    # -- what is there -------------------------------------------------------------------------------------------------

    def look(self) -> Note | None:
        self.remote, self.url = self._remote()
        address = without_passwords(self.url)
        self.shown = address if self.remote == self.url else f"{self.remote} ({address})"
        self.name = f"the branch {self.branch} of {self.shown}"
        self._check_branch()
        self.identity = self._identity()
        self.git = self._our_repository()
        self.tip = self._tip()
        if not self.tip:
            return None
        mark = self.git.tried("cat-file", "blob", f"{self.tip}:{MARK}")
        if mark is None:
            raise CuadernoError(
                f"{self.name[0].upper()}{self.name[1:]} holds something that Cuaderno did not publish, and nothing was "
                "touched. "
                f'Choose another branch in cuaderno.toml, [publish] branch = "…", or delete that one: '
                f"git push {without_passwords(self.remote)} --delete {self.branch}"
            )
        return Note.read(mark.encode(errors="surrogateescape"))

    def _remote(self) -> tuple[str, str]:
        """The remote's name, and the address that one pushes to."""
        if self.home.run("--version") and self.home.tried("rev-parse", "--git-dir") is None:
            raise CuadernoError(
                f"{self.diary} is in no git repository, so there is nowhere to push to. Make one (git init), make an "
                "empty repository on GitHub and name it: git remote add origin git@github.com:USER/REPOSITORY.git"
            )
        known = (self.home.tried("remote") or "").split()
        wanted = self.settings.publish.remote or ("origin" if "origin" in known or len(known) != 1 else known[0])
        if wanted in known:
            return wanted, self._absolute(self.home.run("remote", "get-url", "--push", wanted))
        if re.search(r"[:/\\]", wanted):
            return wanted, self._absolute(wanted)
        cure = nearest(wanted, known) or " Add it: git remote add origin git@github.com:USER/REPOSITORY.git"
        raise CuadernoError(f"The repository has no remote '{wanted}'.{cure}")

    def _absolute(self, url: str) -> str:
        """An address that means the same from anywhere: git counts relative ones from the repository's top."""
        if re.match(r"[\w.+-]+://|[^/\\]{2,}:|[A-Za-z]:[/\\]|[/~]", url):
            return url
        top = self.home.tried("rev-parse", "--show-toplevel")
        return str(Path(top or self.diary, url).resolve())

    def _check_branch(self) -> None:
        if self.home.tried("check-ref-format", f"refs/heads/{self.branch}") is None:
            raise CuadernoError(
                f"'{self.branch}' cannot be a branch. Choose another in cuaderno.toml, [publish] branch."
            )
        if self.home.tried("symbolic-ref", "--short", "HEAD") == self.branch:
            raise CuadernoError(
                f"'{self.branch}' is the branch that you are working on: the site would take the place of your diary. "
                'Choose another in cuaderno.toml, [publish] branch = "gh-pages".'
            )

    def _identity(self) -> str:
        try:
            said = self.home.run("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
        except GitError:
            raise CuadernoError(
                "git does not know who you are, and a commit needs a name. Tell it once: "
                'git config --global user.name "Your Name" and git config --global user.email you@example.org'
            ) from None
        return said.rsplit(" ", 2)[0]

    def _our_repository(self) -> Git:
        """The repository in `.cache`: made when it is missing or damaged, with the settings of the diary's own."""
        folder = (self.diary / OURS).resolve()
        config = Path(self.diary, self.home.run("rev-parse", "--git-path", "config")).resolve()
        with disk_errors(folder):
            whole = folder.is_dir() and Git(folder, GIT_DIR=str(folder)).tried("rev-parse", "--is-bare-repository")
            if whole != "true":
                shutil.rmtree(folder, ignore_errors=True)
                folder.parent.mkdir(parents=True, exist_ok=True)
                kind = self.home.tried("rev-parse", "--show-object-format") or "sha1"
                self.home.run("init", "--quiet", "--bare", "--template=", f"--object-format={kind}", str(folder))
            self._take_settings(folder / "config", config)
        ssh = os.environ.get("GIT_SSH_COMMAND") or self.home.tried("config", "core.sshCommand")
        patience = {} if ssh or os.environ.get("GIT_SSH") else {"GIT_SSH_COMMAND": PATIENT_SSH}
        return Git(folder, GIT_DIR=str(folder), **patience)

    def _take_settings(self, ours: Path, theirs: Path) -> None:
        """Let our repository's settings begin with the diary's; ours stand behind and win."""
        text = ours.read_text(encoding="utf-8")
        quoted = str(theirs).replace("\\", "\\\\").replace('"', '\\"')
        own = re.sub(r"\A\[include\]\n\tpath = .*\n", "", text)
        wanted = f'[include]\n\tpath = "{quoted}"\n{own}'
        if wanted != text:
            write_atomic(ours, wanted)

    def _tip(self) -> str:
        """The commit that the branch is at now, brought here without its past."""
        ref = f"refs/heads/{self.branch}"
        listed = self._ask("ls-remote", self.url, ref)
        found = next((line.split()[0] for line in listed.splitlines() if line.split()[1:] == [ref]), "")
        if found and self.git.tried("rev-parse", "--verify", f"{found}^{{tree}}") is None:
            self._ask("fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", self.url, f"+{ref}:{LIVE}")
            return self.git.run("rev-parse", LIVE)
        return found

    def _ask(self, *words: str) -> str:
        try:
            return self.git.run(*SLOWEST, *words)
        except GitError as error:
            raise CuadernoError(self._explained(error.said)) from None

    # -- what will be there --------------------------------------------------------------------------------------------

    def prepare(self, edition: Edition) -> Changes:
        self.edition = replace(edition, extra=self._extra())
        tree = self._commit(self.edition, Note("", None), lambda done, all_: None)
        return self._changes(tree)

    def _extra(self) -> dict[str, bytes]:
        """What GitHub wants besides: no Jekyll, and the name of a domain of one's own."""
        extra = {".nojekyll": b""}
        host = own_domain(self.settings.url)
        kept = self.git.tried("cat-file", "blob", f"{self.tip}:CNAME") if self.tip else None
        if host and self.settings.base == "/":
            extra["CNAME"] = f"{host}\n".encode()
        elif kept:
            extra["CNAME"] = f"{kept}\n".encode()
        return extra

    @property
    def warnings(self) -> list[str]:
        url, host = self.settings.url, urlsplit(self.settings.url).hostname or ""
        domain = self._extra().get("CNAME", b"").decode().strip()
        if domain and domain != host:
            return [f"the branch names the domain {domain}, and the url in cuaderno.toml is {url}: set url to that "
                    "domain, or take the domain away in the repository's Settings → Pages."]  # fmt: skip
        kept = (self.git.tried("cat-file", "blob", f"{self.tip}:CNAME") or "").strip() if self.tip else ""
        if kept and kept != domain:
            return [f"the domain of the site changes from {kept} to {domain}, as the url in cuaderno.toml says."]
        found = re.search(r"github\.com[:/]([\w.-]+)/([\w.-]+?)(?:\.git)?/?\Z", self.url)
        if found and not domain and not own_domain(url):
            user, name = found[1].lower(), found[2]
            address = f"https://{user}.github.io/{'' if name.lower() == f'{user}.github.io' else f'{name}/'}"
            if url.lower() != address.lower():
                return [f"GitHub shows this repository at {address}, and the url in cuaderno.toml is {url}: links and "
                        "styles will not be found."]  # fmt: skip
        return []

    def _changes(self, commit: str) -> Changes:
        sizes = self.edition.sizes | {name: len(content) for name, content in self.edition.extra.items()}
        if not self.tip:
            return Changes(tuple(sizes), bytes=sum(sizes.values()))
        told = self.git.run("diff-tree", "-r", "-z", "--no-renames", "--name-status", self.tip, commit)
        parts = told.split("\0")
        found = [(state, name) for state, name in zip(parts[::2], parts[1::2], strict=False) if name != MARK]
        named = {one: tuple(name for state, name in found if state == one) for one in "AMD"}
        sent = sum(sizes.get(name, 0) for name in (*named["A"], *named["M"]))
        return Changes(named["A"], named["M"], named["D"], sent)

    def _commit(self, edition: Edition, note: Note, step: Step, parent: str = "") -> str:
        """One commit of the edition, as NEXT; the bytes go in as they are, whatever filters git knows."""
        command = self.git.command("-c", "core.bigFileThreshold=64m", "fast-import", "--quiet", "--force", "--done")
        with disk_errors(self.git.folder):
            process = subprocess.Popen(
                command, cwd=self.git.folder, env=self.git.environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
            )
            assert process.stdin and process.stderr
            try:
                with contextlib.suppress(BrokenPipeError):  # it says why below
                    for piece in self._stream(edition, note, step, parent):
                        process.stdin.write(piece)
                    process.stdin.close()
            except BaseException:
                process.kill()
                raise
            finally:
                said = process.stderr.read().decode(errors="replace")
                process.stderr.close()
                code = process.wait()
        if code:
            for report in self.git.folder.glob("fast_import_crash_*"):
                report.unlink(missing_ok=True)
            raise CuadernoError(f"The site could not be packed: {self._disk_words(clean(said))}")
        return self.git.run("rev-parse", NEXT)

    def _stream(self, edition: Edition, note: Note, step: Step, parent: str) -> Iterator[bytes]:
        message = f"Publish the diary{f' from {note.source[:12]}' if note.source else ''}\n".encode()
        # an ident is "Name <mail>"; the time is ours
        yield (
            f"commit {NEXT}\ncommitter {self.identity} {int(time.time())} +0000\ndata {len(message)}\n".encode(
                errors="surrogateescape"
            )
            + message
        )
        yield f"from {parent}\n".encode() if parent else b""
        yield b"deleteall\n"
        for name, content in (edition.extra | {MARK: note.content}).items():
            yield _file(name, content)
        for number, name in enumerate(edition.sizes, 1):
            yield _file(name, (edition.folder / name).read_bytes())
            step(number, len(edition.sizes))
        yield b"done\n"

    # -- bringing it there ---------------------------------------------------------------------------------------------

    def push(self, edition: Edition, note: Note, step: Step) -> str:
        commit = self._commit(self.edition, note, step)
        try:
            self._push(commit)
        except PushError as error:
            if not re.search(r"non-fast-forward|denyNonFastforwards|force.push|force push", error.said, re.I):
                raise CuadernoError(self._explained(error.said, error.shown)) from None
            commit = self._commit(self.edition, note, step, parent=self.tip)  # the remote wants a past: it gets one
            try:
                self._push(commit)
            except PushError as second:
                raise CuadernoError(self._explained(second.said, second.shown)) from None
        advice = self._advice()
        self.tip = commit
        self.git.tried("update-ref", LIVE, commit)
        self.git.tried("-c", "gc.autoDetach=false", "gc", "--auto", "--quiet")
        return f"The branch moved in one step, to commit {commit[:7]}.{advice}"

    def _advice(self) -> str:
        if "github.com" not in self.url:
            return ""
        if self.tip:
            return " GitHub shows it in a minute or so."
        pages = f"choose 'Deploy from a branch' and '{self.branch}'"
        return f" This is the first time: in the repository's Settings → Pages, {pages}."

    def _push(self, commit: str) -> None:
        """Raises:  PushError with what the remote said."""
        ref = f"refs/heads/{self.branch}"
        quietly = ("-c", "push.followTags=false", "-c", "push.gpgSign=false")
        how = ("--porcelain", "--progress", "--no-verify", "--no-recurse-submodules")
        lease = f"--force-with-lease={ref}:{self.tip}"  # without a tip: only if there is still no such branch
        words = [*SLOWEST, *quietly, "push", *how, lease, self.url, f"{commit}:{ref}"]
        process = subprocess.Popen(
            self.git.command(*words), cwd=self.git.folder, env=self.git.environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=None if sys.stdin.isatty() else subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdout and process.stderr
        try:
            said = _passed_on(process.stderr)
            answer = process.stdout.read().decode(errors="replace")
        except BaseException:
            process.terminate()
            raise
        finally:
            process.stdout.close()
            process.stderr.close()
            code = process.wait()
        if code:
            refused = [line.split("\t")[-1] for line in answer.splitlines() if line.startswith("!")]
            lines = lines_of(said)
            own = clean("\n".join(line for line in lines if not line.startswith("remote:")))
            told = words_of_remote(lines)
            all_ = " ".join(filter(None, [*refused, told, own]))
            raise PushError(all_, " ".join(filter(None, [*refused, told or own])))

    def _explained(self, said: str, shown: str = "") -> str:
        """What went wrong, in one paragraph, with a cure; of what was `said`, a person is told what is `shown`."""
        shown = shown or said
        for pattern, words in EXPLAINED:
            if re.search(pattern, said, re.I):
                return words.format(remote=self.shown, branch=self.branch, said=shown)
        return f"Publishing to {self.name} failed, and what was live stays live. git said: {shown}"

    def _disk_words(self, said: str) -> str:
        if re.search(r"no space left|disk quota|disk full", said, re.I):
            return "the disk is full. Free some space and try again; what was live stays live."
        return f"git said: {said}"


STAYS = "What was live stays live."
EXPLAINED = (
    (
        r"no space left|disk quota|disk full",
        f"A disk is full, here or at {{remote}}. {STAYS} Free some space and try again. git said: {{said}}",
    ),
    (
        r"stale info|fetch first|cannot lock ref|reference already exists|failed to update ref",
        "Somebody else published to {branch} of {remote} meanwhile, and nothing was replaced. Look at what is there "
        "now, and publish again: cuaderno publish --dry-run",
    ),
    (
        r"GH001|exceeds GitHub's file size limit|large files detected",
        f"GitHub refused the site: a file in it has more than 100 MB. `cuaderno check` names it. {STAYS}",
    ),
    (
        r"GH013|push protection",
        f"GitHub found a secret in the site and refused it. {STAYS} git said: {{said}}",
    ),
    (
        r"protected branch|GH006|hook declined|pre-receive|remote rejected|denied by|prohibited",
        f"{{remote}} refused the push. {STAYS} It said: {{said}}",
    ),
    (
        r"could not resolve host|name or service not known|temporary failure in name|network is unreachable|no route",
        "{remote} cannot be reached: there is no network, or its name is misspelt. Look at it with `git remote -v`, "
        f"and try again. {STAYS}",
    ),
    (
        r"timed out|too slow|connection (?:was )?(?:reset|closed|refused)|early eof|hung up|broken pipe|disconnect|"
        r"remote end|rpc failed|failed to connect|couldn't connect",
        f"The connection to {{remote}} broke off. {STAYS} Try again in a while. git said: {{said}}",
    ),
    (
        r"authentication failed|could not read (?:username|password)|permission denied \(publickey|invalid username|"
        r"403|permission to .* denied|terminal prompts disabled|host key verification failed",
        f"{{remote}} does not let you in. {STAYS} Sign in for git once: with `gh auth login`, or with an SSH key. "
        "git said: {said}",
    ),
    (
        r"repository not found|does not appear to be a git repository|not found|no such file or directory",
        "There is no repository at {remote}. Make it on GitHub, or mend its address: git remote set-url. "
        "git said: {said}",
    ),
)


def _file(name: str, content: bytes) -> bytes:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    head = f'M 100644 inline "{quoted}"\ndata {len(content)}\n'
    return head.encode(errors="surrogateescape") + content + b"\n"


def own_domain(url: str) -> str:
    """The host of an address when it is a domain of one's own, and neither GitHub's nor this computer."""
    host = urlsplit(url).hostname or ""
    return "" if host.endswith(".github.io") or host in ("localhost", "github.io") else host


CODES = re.compile(  # what colours a terminal, names its window or rings its bell
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
PROGRESS = re.compile(
    r"(?:Enumerating|Counting|Compressing|Writing|Receiving|Resolving|Unpacking|Checking|Processing|Updating) [\w ]+:"
    r"(?: refs:)?\s+\d|Delta compression using|Total \d+ \(|POST git-"
)
MOST_SHOWN = 1000  # characters of what a remote says


def lines_of(said: str) -> list[str]:
    """What git wrote, line by line, without colours and without the counting."""
    text = CODES.sub("", without_passwords(said)).replace("\r", "\n")
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not PROGRESS.match(re.sub(r"^(?:remote:\s*)+", "", line))]


def words_of_remote(lines: list[str]) -> str:
    """The lines of the remote that say something, as one."""
    found = [re.sub(r"^(?:remote:\s*)+", "", line) for line in lines if line.startswith("remote:")]
    words = " ".join(line for line in found if re.search(r"\w", line))
    return words if len(words) <= MOST_SHOWN else f"{words[:MOST_SHOWN]} …"


def _passed_on(stream: IO[bytes]) -> str:
    """What git writes while it works, shown in a terminal as it comes."""
    told = bytearray()
    shown = sys.stderr.isatty()
    while piece := os.read(stream.fileno(), 4096):
        told += piece
        if shown:
            sys.stderr.write(without_passwords(piece.decode(errors="replace")))
            sys.stderr.flush()
    return told.decode(errors="replace")
