"""What Cuaderno writes for you to begin with: a diary, a study, a page that stands alone."""

import json
import keyword
import re
import shutil
from datetime import date
from html import escape
from pathlib import Path
from string import Template

import cuaderno
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import SHARED, shared_web
from cuaderno.lab.files import disk_errors, write_atomic

HERE = Path(__file__).parent
NOT_LOADED = ("parity.json", "poster.svg", "model.onnx")  # proof, picture and download: the page needs none of them
Words = dict[str, str]  # by language
STUDIES = Path(cuaderno.__file__).parent / "studies"


def new_diary(folder: Path) -> Path:
    """Write a diary with a first post in two languages, ready to build and to publish on GitHub Pages.

    Raises:  CuadernoError when the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CuadernoError(f"{folder} exists and is not empty, and nothing there was touched. Choose a new name.")
    with disk_errors(folder):
        for source in sorted(path for path in (HERE / "diary").rglob("*") if path.is_file()):
            target = folder / _dotted(source.relative_to(HERE / "diary"))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        (folder / "records").mkdir()
    for sidecar in folder.glob("posts/*/translation.*.toml"):  # nothing is due for another look on the first day
        made = f"made = {date.today().isoformat()}"
        write_atomic(sidecar, re.sub(r"^made = .*$", made, sidecar.read_text(encoding="utf-8"), flags=re.M))
    return folder


def new_study(name: str, studies: Path = STUDIES) -> Path:
    """Write a study that trains, evaluates, exports and passes every promise, to be changed file by file.

    Raises:  CuadernoError when the name cannot be a package, is taken, or Cuaderno is not a source checkout.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise CuadernoError(
            f"'{name}' cannot name a study: use lower-case letters, digits and _, beginning with a letter."
        )
    if (studies / name).exists():
        raise CuadernoError(f"There is a folder {studies / name} already. Choose another name.")
    if studies == STUDIES and "site-packages" in studies.parts:
        raise CuadernoError(
            "A study is part of Cuaderno's source: clone the repository, `make try`, and call this there."
        )
    words = {
        "cuaderno.scaffold.study": f"cuaderno.studies.{name}",
        "sample": name,
        "Sample": name.replace("_", " ").capitalize(),
    }
    for source in sorted(path for path in (HERE / "study").rglob("*") if path.is_file()):
        if "__pycache__" not in source.parts:
            text = re.sub("|".join(words), lambda found: words[found[0]], source.read_text(encoding="utf-8"))
            target = studies / name / source.relative_to(HERE / "study").as_posix().replace("sample", name)
            with disk_errors(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(target, text)
    return studies / name


def standalone_page(web: Path, export: Path, output: Path, title: Words, description: str) -> Path:
    """Put a study's widget and a run's export into one folder that any static server shows; returns its index.html.

    Raises:  CuadernoError when the folder holds a file that is not from an earlier export.
    """
    inside = [(path, path.relative_to(top)) for top in (web, export) for path in top.rglob("*") if path.is_file()]
    sources = {target: path for path, target in inside if path.name not in NOT_LOADED}
    sources |= {Path(path.name): path for path in shared_web(list(web.iterdir()))}
    ours = {"index.html", *(target.parts[0] for target in sources)}
    if output.exists() and (not output.is_dir() or {path.name for path in output.iterdir()} - ours):
        raise CuadernoError(f"{output} holds other files, and nothing there was touched. Choose a new folder.")
    if (output / "index.html").exists() and not (output / "model.json").exists():
        raise CuadernoError(f"{output} holds a page of yours, and nothing there was touched. Choose a new folder.")
    with disk_errors(output):
        output.mkdir(parents=True, exist_ok=True)
        for target, source in sources.items():
            (output / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, output / target)
        write_atomic(output / "index.html", live_page(title, description))
    return output / "index.html"


def live_page(title: Words, description: str) -> str:
    """A page that mounts the widget.js beside it, on the export beside it."""
    return _page(title, description, 'import { mount, TEXT } from "./widget.js";', 'artifact: "./"')


def one_file_page(title: Words, description: str, web: Path, entry: str, data: object) -> str:
    """A page that needs no other file: the module `entry` of a web folder is in it, and `data` as its `data`.

    Traps:   the modules share one scope there, so no two of them may give the same name to different things.
    """
    held = f'<script id="data" type="application/json">{_as_json(data)}</script>\n'
    options = 'data: JSON.parse(document.getElementById("data").textContent)'
    return _page(title, description, "\n".join(_modules(web / entry, [])), options, held)


def _modules(path: Path, known: list[Path]) -> list[str]:
    """A module and before it all that it imports, without the words that tie them together."""
    known.append(path)
    text = path.read_text(encoding="utf-8")
    asked = re.findall(r'^import .* from "\./(.+)";$', text, re.M)
    before = [next(folder / name for folder in (path.parent, SHARED) if (folder / name).is_file()) for name in asked]
    inside = [code for other in before if other not in known for code in _modules(other, known)]
    alone = re.sub(r"^import .*;\n|^export \{.*\};\n|^export (?=\w)", "", text, flags=re.M)
    return [*inside, alone.replace("</", "<\\/")]


def _page(title: Words, description: str, code: str, options: str, data: str = "") -> str:
    template = Template((HERE / "page.html").read_text(encoding="utf-8"))
    said = {"title": escape(title["en"]), "description": escape(description), "titles": _as_json(title)}
    return template.substitute(said, code=code, options=options, data=data)


def _as_json(data: object) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _dotted(path: Path) -> Path:
    """`dot-env.example` is shipped without its dot, so that no tool overlooks it."""
    return Path(*("." + part[4:] if part.startswith("dot-") else part for part in path.parts))
