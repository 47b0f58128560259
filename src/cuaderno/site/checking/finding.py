"""One thing that was found: where, how bad, what it is and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cuaderno.lab.errors import nearest

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
KINDS = {
    "fault": (ERROR, "the diary does not build"),
    "journey": (ERROR, "journey.toml says what runs, posts and studies contradict, or a bet came after its run"),
    "broken-link": (ERROR, "a link of the site leads to no page, no place in it, or no file"),
    "empty-link": (ERROR, "a link without an address"),
    "bad-address": (ERROR, "an outside address that cannot be one"),
    "no-alt": (ERROR, "a picture that says nothing to those who cannot see it"),
    "differs": (ERROR, "a translated paragraph whose numbers, links or code are not those of its source"),
    "typed-result": (ERROR, "a typed number that a kept run has"),
    "secret": (ERROR, "a key, token or password in what is published; it cannot be accepted"),
    "too-large": (ERROR, "a file of more than 100 MiB, which GitHub refuses"),
    "parity": (ERROR, "a model that answers otherwise in the browser than in Python"),
    "typed-number": (WARNING, "a typed number beside the name of a metric"),
    "wordless-link": (WARNING, "a link without words"),
    "weak-alt": (WARNING, "a description that describes nothing, such as 'image'"),
    "local-link": (WARNING, "a link to the author's own computer"),
    "dead-link": (WARNING, "an outside address that does not answer (with --online)"),
    "behind": (WARNING, "a translation with missing or stale paragraphs"),
    "bet-undecided": (WARNING, "a bet whose interval lies on both sides of the line"),
    "late": (WARNING, "a bet or a bar that git knows only since after its run"),
    "objective": (WARNING, "an objective that is at odds with its post or its study"),
    "formula": (WARNING, "a formula that cannot be read"),
    "possible-secret": (WARNING, "something that looks like a password"),
    "location": (WARNING, "a picture that tells where it was taken"),
    "licence": (WARNING, "a kept run that learned from data of others, whose weights are published"),
    "large": (WARNING, "a file of more than 25 MiB"),
    "unused-picture": (WARNING, "a picture that no text shows"),
    "no-url": (WARNING, "no address in cuaderno.toml"),
    "uncommitted": (WARNING, "a record that git does not have as it is"),
    "accept": (WARNING, "an acceptance of something that is not there"),
    "lacking": (WARNING, "a project or a work read that says nothing in one of the languages"),
    "untranslated": (NOTE, "a post in one language only"),
    "draft": (NOTE, "a post that is not published"),
    "future": (NOTE, "a post of a day that has not come"),
    "no-node": (NOTE, "models that were not compared, because there is no Node.js"),
}
NEVER_ACCEPTED = ("secret", "fault", "journey")


@dataclass(frozen=True)
class Finding:
    """`line` is 0 for a file as a whole. `path` is absolute, or relative to where the command runs."""

    kind: str
    path: Path
    line: int
    what: str
    cure: str = ""

    def __post_init__(self) -> None:
        assert self.kind in KINDS, self.kind

    @property
    def severity(self) -> str:
        return KINDS[self.kind][0]

    @property
    def message(self) -> str:
        return f"{self.what} {self.cure}".strip()

    def shown(self, path: Path) -> str:
        """One line, the file called as a person would. Errors carry no mark, as everywhere."""
        place = f"{path}:{self.line}" if self.line else f"{path}"
        mark = "" if self.severity == ERROR else f"{self.severity}: "
        return f"{place}: {mark}{self.message} ({self.kind})"

    def as_dict(self, name: str) -> dict[str, str | int | None]:
        values = {"severity": self.severity, "kind": self.kind, "file": name, "line": self.line or None}
        return values | {"what": self.what, "cure": self.cure}


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Each once, the worst first, then as they stand in the files."""
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda one: (SEVERITIES.index(one.severity), str(one.path), one.line, one.kind))


def unknown_kind(name: str) -> str:
    """What to say of a kind that does not exist."""
    return f"'{name}' is no kind of finding.{nearest(name, KINDS)}"
