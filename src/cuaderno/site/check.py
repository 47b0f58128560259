"""Check a diary: print it where nobody looks, and tell everything that is wrong with it, each thing with its place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import alone
from cuaderno.site.build import ATTIC
from cuaderno.site.checking import (
    leaks,
    licences,
    links,
    models,
    online,
    pictures,
    promises,
    publication,
    translations,
    typed,
)
from cuaderno.site.checking.accepted import below, sort_out
from cuaderno.site.checking.finding import ERROR, NOTE, WARNING, Finding, in_order
from cuaderno.site.checking.following import follow as follow  # other parts look at a site's links, too
from cuaderno.site.checking.subject import Subject
from cuaderno.site.edition import shown_path

CHECKED = "checked"  # below the attic: the site that was printed to be looked at
PARTS: dict[str, Callable[[Subject], Iterator[Finding]]] = {
    "links": links.look,
    "pictures": pictures.look,
    "translations": translations.look,
    "typed numbers": typed.look,
    "the journey": promises.look,
    "what is ready to be published": publication.look,
    "licences": licences.look,
    "secrets": leaks.look,
}
Say = Callable[[str], None]


def nothing(_: str) -> None:
    """Say nothing."""


@dataclass
class Report:
    """What a check found, in order; `accepted` is what the author does not want to hear of."""

    folder: Path
    findings: list[Finding]
    accepted: list[Finding] = field(default_factory=list)
    site: Path | None = None
    pages: int = 0
    links: int = 0
    compared: dict[str, int] = field(default_factory=dict)  # run → answers that are equal in the browser

    def of(self, severity: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == severity]

    @property
    def errors(self) -> list[Finding]:
        return self.of(ERROR)

    @property
    def lines(self) -> list[str]:
        """Every finding as a person reads it."""
        return shown(self.findings)

    @property
    def summary(self) -> str:
        """One line that says how it stands."""
        counts = [
            f"{len(found)} {name}{'' if len(found) == 1 else 's'}"
            for name, severity in (("error", ERROR), ("warning", WARNING), ("note", NOTE))
            if (found := self.of(severity))
        ]
        accepted = [f"{len(self.accepted)} accepted"] if self.accepted else []
        built = "the diary does not build" if self.site is None else self._built()
        return ". ".join([built, ", ".join([*counts, *accepted])]) if counts or accepted else built

    def _built(self) -> str:
        if any(finding.kind == "broken-link" for finding in self.findings):
            return f"{self.pages} pages build, {self.links} links"
        return f"{self.pages} pages build, {self.links} links lead somewhere"

    def as_dict(self) -> dict:
        def listed(findings: list[Finding]) -> list[dict]:
            return [finding.as_dict(below(finding.path, self.folder)) for finding in findings]

        counts = {name: len(self.of(name)) for name in (ERROR, WARNING, NOTE)}
        return {"findings": listed(self.findings), "accepted": listed(self.accepted), "counts": counts,
                "pages": self.pages, "links": self.links, "compared": self.compared}  # fmt: skip


def check(diary_folder: Path, report: Say = print) -> str:
    """One line that says what was found to be right. `report` gets each warning.

    Raises:  CuadernoError with every error there is.
    """
    found = examine(diary_folder, compare=False)
    for line in shown(found.of(WARNING)):
        report(line)
    if found.errors:
        raise CuadernoError("\n".join(shown(found.errors)))
    return found.summary


def shown(findings: list[Finding]) -> list[str]:
    """Findings as a person reads them, each with its file as it would be typed here."""
    return [finding.shown(shown_path(finding.path)) for finding in findings]


def examine(
    diary_folder: Path, *, compare: bool = True, ask: bool = False, say: Say = nothing, part: Say = nothing
) -> Report:
    """Print a diary and look at everything. `ask` the addresses outside; `say` what takes long; `part` what is next.

    Raises:  CuadernoError when the folder is no diary, its settings are wrong, or the disk is full.
    """
    folder = Path(diary_folder)
    with alone(folder / ATTIC / f"{CHECKED}.lock", lambda: say("Waiting for another check of this diary …")):
        part("the pages")
        subject = Subject(folder, folder / ATTIC / CHECKED)
        return examine_printed(subject, compare=compare, ask=ask, say=say, part=part)


def examine_printed(
    subject: Subject, *, compare: bool = True, ask: bool = False, say: Say = nothing, part: Say = nothing
) -> Report:
    """Look at a diary that was printed already."""
    found = [_fault(subject, problem) for problem in subject.problems]
    found += [_fault(subject, warning, "lacking") for warning in subject.lacking]
    for name, look in PARTS.items():
        part(name)
        found += look(subject)
    compared: dict[str, int] = {}
    if compare:
        part("models")
        found += models.look(subject, lambda run, cases: compared.update({run: cases}))
    if ask:
        part("outside links")
        addresses = links.outside(subject)
        say(f"asking {len(addresses)} addresses outside …")
        found += links.dead(subject, addresses, online.ask(addresses))
    left, accepted = sort_out(subject, in_order(found))
    report = Report(subject.folder, in_order(left), accepted, subject.site, compared=compared)
    if subject.result:
        report.pages, report.links = subject.result.pages, subject.followed[0]
    return report


def _fault(subject: Subject, problem: str, kind: str = "fault") -> Finding:
    """What the build said, which begins with file and line where it knows them."""
    place, _, rest = problem.partition(": ")
    path, _, line = place.rpartition(":")
    if not rest or not line.isdigit():
        place = path = ""
    where = Path(path) if path else _named(subject.folder, problem)
    kind = "journey" if where.name == "journey.toml" else kind
    return Finding(kind, where, int(line) if path else 0, rest if path else problem)


def _named(folder: Path, problem: str) -> Path:
    """The file that a fault without a line begins with, else the diary itself."""
    first = Path(problem.split(" ", 1)[0])
    return first if first.exists() else folder
