"""Licences: kept runs that learned from data of others, whose weights the site publishes all the same."""

from collections.abc import Iterator

from cuaderno.lab.records import foreign_licence
from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject


def look(subject: Subject) -> Iterator[Finding]:
    for cited in subject.edition.records.all:
        if licence := foreign_licence(cited.run):
            what = f"this run learned from data that are not this project's own. Their licence: {licence}."
            cure = "Take the record out if its weights may not be published; if they may, accept this finding."
            yield Finding("licence", cited.run.folder / "run.json", 0, what, cure)
