"""What the author has accepted: in cuaderno.toml, or in a comment of the text itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from cuaderno.site.checking.finding import KINDS, NEVER_ACCEPTED, Finding, unknown_kind
from cuaderno.site.checking.subject import Subject
from cuaderno.site.checking.texts import Text, spans

COMMENT = re.compile(r"<!--\s*accept:\s*([\w-]+(?:\s*,\s*[\w-]+)*)\s*(?:[;:(–—].*?)?-->", re.S)
ENTRY = re.compile(r"([\w-]+)(?:\s+([^:]+?))?(?:\s*:\s+(.+))?")


@dataclass
class Acceptance:
    """A kind, at lines of a file or in files of a pattern; `says` must be part of what was found."""

    kind: str
    pattern: str
    says: str
    path: Path  # where it was written down
    line: int
    lines: tuple[int, int] | None = None
    used: bool = field(default=False, compare=False)

    def takes(self, finding: Finding, name: str) -> bool:
        if finding.kind != self.kind or not (fnmatchcase(name, self.pattern) or name.startswith(f"{self.pattern}/")):
            return False
        if self.lines is not None:
            return self.lines[0] <= finding.line <= self.lines[1]
        return self.says in finding.message


def sort_out(subject: Subject, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    """What is left to report, with the acceptances that accept nothing; and what was accepted."""
    acceptances, wrong = _read(subject)
    left, accepted = list(wrong), list[Finding]()
    for finding in findings:
        name = below(finding.path, subject.folder)
        taken = [one for one in acceptances if finding.kind not in NEVER_ACCEPTED and one.takes(finding, name)]
        for one in taken:
            one.used = True
        (accepted if taken else left).append(finding)
    for one in acceptances:
        if not one.used and one.kind != "dead-link":  # which is looked for only now and then
            left.append(Finding("accept", one.path, one.line, f"there is no '{one.kind}' to accept.", "Take it out."))
    return left, accepted


def below(path: Path, folder: Path) -> str:
    """A file's name as cuaderno.toml calls it: from the diary's folder on."""
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def _read(subject: Subject) -> tuple[list[Acceptance], list[Finding]]:
    found: list[Acceptance] = []
    wrong: list[Finding] = []
    path = subject.folder / "cuaderno.toml"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for entry in subject.edition.settings.accept:
        line = next((number for number, text in enumerate(lines, 1) if entry in text), 1)
        parts = ENTRY.fullmatch(entry.strip())
        kind = parts[1] if parts else entry
        if fault := _fault(kind):
            wrong.append(Finding("accept", path, line, *fault))
        elif parts:
            found.append(Acceptance(kind, parts[2] or "*", parts[3] or "", path, line))
    for text in subject.texts:
        _in_text(subject, text, found, wrong)
    return found, wrong


def _in_text(subject: Subject, text: Text, found: list[Acceptance], wrong: list[Finding]) -> None:
    if "<!--" not in text.body:
        return
    name = below(text.path, subject.folder)
    for number, comment in spans(text.body, COMMENT):
        line = text.line + number - 1
        for kind in re.split(r"\s*,\s*", comment[1]):
            if fault := _fault(kind):
                wrong.append(Finding("accept", text.path, line, *fault))
            elif lines := _reach(text, line, comment[0]):
                found.append(Acceptance(kind, name, "", text.path, line, lines))


def _fault(kind: str) -> tuple[str, str] | None:
    if kind not in KINDS:
        return unknown_kind(kind), "Mend the acceptance."
    if kind in NEVER_ACCEPTED:
        return f"'{kind}' cannot be accepted.", "Take it out, and mend what was found."
    return None


def _reach(text: Text, line: int, comment: str) -> tuple[int, int] | None:
    """The lines of the block that a comment is in, or of the next one when it stands alone; None inside code."""
    after = False
    for first, last, words in text.blocks:
        if after:
            return first, last
        if first <= line <= last:
            if re.match(r"\s*(?:```|~~~)", words):
                return None
            if words.strip() != comment.strip():
                return first, last
            after = True
    return None
