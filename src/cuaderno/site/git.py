"""git, asked as a program: its answers, and its errors without what nobody may read."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cuaderno.lab.errors import CuadernoError

LEFT_OUT = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX")
PATIENT_SSH = "ssh -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"


class GitError(CuadernoError):
    """git refused; `said` is what it wrote, without passwords."""

    def __init__(self, command: str, said: str):
        super().__init__(f"git {command} failed: {said or 'it said nothing'}")
        self.said = said


class Git:
    """git in a folder. What the surroundings say of another repository, as in a hook, is forgotten."""

    def __init__(self, folder: Path, **environment: str):
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        self.environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"} | environment
        if not sys.stdin.isatty():
            self.environment["GIT_TERMINAL_PROMPT"] = "0"

    def command(self, *words: str) -> list[str]:
        return ["git", "-c", f"core.hooksPath={os.devnull}", *words]

    def run(self, *words: str, text: str | None = None) -> str:
        """What git answers.

        Raises:  GitError when it fails, CuadernoError when there is no git.
        """
        done = self._done(words, text)
        if done.returncode:
            raise GitError(words[0], clean(done.stderr.decode(errors="replace")))
        return done.stdout.decode(errors="surrogateescape").rstrip("\n")

    def tried(self, *words: str) -> str | None:
        """What git answers, or None when it fails or is not there."""
        try:
            return self.run(*words)
        except CuadernoError:
            return None

    def _done(self, words: Sequence[str], text: str | None) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                self.command(*words),
                cwd=self.folder,
                env=self.environment,
                input=(text or "").encode(),
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise CuadernoError(
                "There is no git on this computer. Install it (Debian, Ubuntu: `sudo apt-get install git`; "
                "macOS: `xcode-select --install`; Windows: `winget install Git.Git`)."
            ) from None


def clean(text: str) -> str:
    """What git or rsync wrote, on one line: the last words count, and no password is among them."""
    text = without_passwords(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "\n"))
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not re.match(r"hint:|To |Everything up|warning: unable to access", line)]
    return " ".join(line.removeprefix("fatal: ").removeprefix("error: ") for line in said[-4:])


def without_passwords(text: str) -> str:
    """An address as it may be shown."""
    return re.sub(r"(\w://)[^/@\s]+@", r"\1", text)
