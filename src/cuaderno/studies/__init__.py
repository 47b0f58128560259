"""Find studies by looking, never by list: a folder with a train.py is a study."""

import ast
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from cuaderno.lab.errors import CuadernoError, nearest

HERE = Path(__file__).parent


def names() -> list[str]:
    """The studies there are, in alphabetical order."""
    return sorted(path.parent.name for path in HERE.glob("*/train.py"))


def folder(name: str) -> Path:
    """Where a study lives, for its card and its web files.

    Raises:  CuadernoError with the nearest name when there is no such study.
    """
    if name not in names():
        raise CuadernoError(f"There is no study '{name}'.{nearest(name, names())} `cuaderno list` shows them all.")
    return HERE / name


def load(name: str, part: str) -> ModuleType:
    """The module `part` of a study, imported on demand: `load(name, "train").Config`."""
    folder(name)
    try:
        return import_module(f"cuaderno.studies.{name}.{part}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("cuaderno"):
            raise
        raise CuadernoError(
            f"The study '{name}' needs the package '{error.name}', which is not installed. "
            "Install what training needs with: pip install 'cuaderno[train]'"
        ) from error


def describe(name: str) -> str:
    """The study in one line: the first sentence of its docstring, read without importing it."""
    text = ast.get_docstring(ast.parse((folder(name) / "__init__.py").read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0] if text else ""


def config(name: str) -> tuple[type, dict[str, object]]:
    """A study's Config and its presets by name, without importing the study, so that `--help` does not wait for torch.

    Traps:   only the imports from the standard library, the class `Config` and the constants made from it are executed;
             turn the result into the study's own with `load(name, "train").Config(**asdict(config))`.
    """
    module = _declared(name, "train", "Config")
    kind = module.Config
    presets = {key.lower(): value for key, value in vars(module).items() if isinstance(value, kind)}
    return kind, {"default": kind()} | presets


def settled(name: str, config: object) -> Any:
    """The settings as the study's own Config, by its `settle` if it has one: names written out, the impossible refused.

    Raises:  CuadernoError when the study cannot be imported or the settings cannot be, so that no run is left behind.
    """
    part = load(name, "train")
    own = part.Config(**asdict(config))  # type: ignore[call-overload]
    return part.settle(own) if hasattr(part, "settle") else own


def options(name: str) -> type | None:
    """The Options of a study's predict.py, read as `config` reads; None when it has none."""
    if not (folder(name) / "predict.py").is_file():
        return None
    return getattr(_declared(name, "predict", "Options"), "Options", None)


def needs_no_input(name: str) -> bool:
    """Whether the options of a study's predict.py do something by themselves: it says `ALONE = True`."""
    path = folder(name) / "predict.py"
    tree = ast.parse(path.read_text(encoding="utf-8") if path.is_file() else "")
    found = [node for node in tree.body if isinstance(node, ast.Assign)]
    return any(
        getattr(node.targets[0], "id", "") == "ALONE" and ast.literal_eval(node.value)
        for node in found
        if isinstance(node.value, ast.Constant)
    )


def logged(name: str) -> tuple[set[str], bool]:
    """The names of what a study's train.py logs, read without importing it, and whether these are all of them."""
    path = HERE / name / "train.py"
    tree = ast.parse(path.read_text(encoding="utf-8") if path.is_file() else "")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    logs = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "log"]
    words = [word.arg for call in logs for word in call.keywords]
    return {word for word in words if word}, bool(words) and None not in words


def told(name: str, kind: str, lang: str) -> dict[str, str]:
    """What the settings of a study's Config or Options do, in another language than English; headings begin with `# `.

    It stands in `settings.LANG.toml` beside the study. In English, which the comments are, it is empty.
    """
    path = folder(name) / f"settings.{lang}.toml"
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        headings = {f"# {heading}": str(text) for heading, text in dict(said.get("headings", {})).items()}
        return headings | {setting: str(text) for setting, text in dict(said.get(kind, {})).items()}
    except (OSError, ValueError, TypeError) as error:
        raise CuadernoError(
            f"{path} cannot be read: {error}. It has the tables Config, Options and headings."
        ) from error


def can_talk(name: str, settings: Mapping[str, object]) -> bool:
    """Whether a run of this study with these settings can be talked with, read from its chat.py without importing it.

    A chat.py without `ONLY` can talk with every run; with `ONLY = {"task": "chat"}` with those that have this setting.
    """
    path = HERE / name / "chat.py"
    if name not in names() or not path.is_file():
        return False
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["ONLY"]:
            only = ast.literal_eval(node.value)
            return all(settings.get(setting) == value for setting, value in only.items())
    return True


def _declared(name: str, part: str, kind: str) -> ModuleType:
    """A module with nothing in it but a dataclass of a study and the constants made from it."""
    path = folder(name) / f"{part}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))

    def wanted(node: ast.stmt) -> bool:
        if isinstance(node, ast.ImportFrom):
            return node.level == 0 and (node.module or "").split(".")[0] in sys.stdlib_module_names
        if isinstance(node, ast.ClassDef):
            return node.name == kind
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            return getattr(node.value.func, "id", "") in (kind, "replace")
        return False

    tree.body = [node for node in tree.body if wanted(node)]
    module = ModuleType(f"_cuaderno_{kind.lower()}_{name}")
    module.__file__ = str(path)  # where tyro looks for the comments that become --help
    sys.modules[module.__name__] = module
    exec(compile(tree, str(path), "exec"), module.__dict__)
    return module


def register_environments() -> None:
    """Import every study's `environment.py`, which registers there: `gymnasium.make("cuaderno/…")`."""
    for path in sorted(HERE.glob("*/environment.py")):
        load(path.parent.name, "environment")
