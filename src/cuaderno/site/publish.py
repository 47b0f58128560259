"""Publish a diary: check everything, print it, show what would change, and bring it to its target in one step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cuaderno.diary.settings import read_settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import alone
from cuaderno.site.build import ATTIC, LOCAL
from cuaderno.site.check import PARTS, Report, Say, examine_printed, nothing, shown
from cuaderno.site.check import examine as examine  # with the part below
from cuaderno.site.checking.finding import ERROR, Finding
from cuaderno.site.checking.subject import Subject
from cuaderno.site.publishing import address
from cuaderno.site.publishing.edition import Changes, Edition, Note
from cuaderno.site.publishing.target import Step, Target, target_of

PUBLISHED = "published"  # below the attic: the site as it was printed to be published
PARTS["the address"] = address.look
ALWAYS_REFUSED = ("secret", "fault", "journey")  # even with `force`: a site that does not build cannot be published


@dataclass(frozen=True)
class Outcome:
    """What was done. `told` says how it was brought there; it is empty when there was nothing to do."""

    target: str
    address: str
    live: Note | None
    changes: Changes
    pushed: bool = False
    told: str = ""
    warnings: list[str] = field(default_factory=list)


class Refused(CuadernoError):
    """The diary cannot be published as it is; `report` has all that is wrong."""

    def __init__(self, report: Report, faults: list[Finding], cure: str):
        lines = [f"  {line}" for line in shown(faults)]
        things = f"{len(faults)} thing{'' if len(faults) == 1 else 's'}"
        super().__init__("\n".join([f"Nothing was published: {things} must be mended first.", *lines, cure]))
        self.report = report


def publish(
    diary_folder: Path,
    to: str = "",
    *,
    dry_run: bool = False,
    force: bool = False,
    agree: Callable[[Target, Changes], bool] = lambda target, changes: True,
    say: Say = nothing,
    part: Say = nothing,
    step: Step = lambda done, all_: None,
) -> Outcome:
    """Publish without drafts to a target, that of `cuaderno.toml` unless one is named. `agree` is asked before.

    Raises:  CuadernoError with everything that is wrong in the diary, or with what went wrong on the way; what was live
             stays live.
    """
    folder = Path(diary_folder)
    settings = read_settings(folder)
    target = target_of(to or settings.publish.to, folder, settings, named=bool(to))
    with alone(folder / ATTIC / f"{PUBLISHED}.lock", lambda: say("Waiting for another `cuaderno publish` …")):
        say(f"Looking at {target.name} …")
        live = target.look()
        part("the pages")
        subject = Subject(folder, folder / ATTIC / PUBLISHED, search=True, warn=lambda line: say(f"warning: {line}"))
        report = examine_printed(subject, say=say, part=part)
        part("")  # from here on the terminal is for questions, some of git and ssh among them
        for line in shown([finding for finding in report.findings if force or finding.severity != ERROR]):
            say(line)
        check_ready(report, target, settings.url, force)
        assert subject.site
        for warning in target.warnings:
            say(f"warning: {warning}")
        edition = Edition.of(subject.site)
        changes = target.prepare(edition)
        outcome = Outcome(target.name, settings.url, live, changes)
        if dry_run or not changes or not agree(target, changes):
            return outcome
        told = target.push(edition, Note.now(folder), step)
        return Outcome(target.name, settings.url, live, changes, True, told)


def check_ready(report: Report, target: Target, url: str, force: bool) -> None:
    """Raises:  Refused when something keeps the diary from being published there."""
    faults = [finding for finding in report.errors if not force or finding.kind in ALWAYS_REFUSED]
    cure = "Mend them, accept them in cuaderno.toml, or publish all the same with --force."
    if any(finding.kind == "secret" for finding in faults):
        cure = "Secrets are never published, whatever is accepted or forced."
    elif any(finding.kind in ALWAYS_REFUSED for finding in faults):
        cure = "A diary that does not build cannot be published."
    if target.is_public and url.startswith(LOCAL) and not force:
        faults = [*faults, *(finding for finding in report.findings if finding.kind == "no-url")]
    if faults:
        raise Refused(report, faults, cure)
