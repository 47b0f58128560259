"""The file to look at: dropped on the page, or one that lies on this computer already."""

import hashlib
import os
import shutil
from pathlib import Path

import streamlit as st

from cuaderno.cli.places import runs_beside
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.workbench import Place
from cuaderno.workbench.examining.words import TEXT
from cuaderno.workbench.frame import plain
from cuaderno.workbench.serving import is_loopback

ENDINGS = ("csv", "tsv", "jsonl", "json", "parquet", "txt")
FOLDER = ".data"  # beside the runs, which git ignores


def choose(place: Place) -> Path | None:
    """The file or folder that was chosen; the address remembers it.

    A path is only opened as long as nobody but this computer reaches the workbench: others could read any file by it.
    """
    words = TEXT[place.lang]
    left, right = st.columns(2, gap="large", vertical_alignment="top")
    with left:
        dropped = st.file_uploader(words["drop"], ENDINGS, key="dropped data")
    if dropped is not None and st.session_state.get("kept drop") != dropped.file_id:
        st.session_state["kept drop"] = dropped.file_id
        st.session_state["data path"] = str(keep(place.diary, dropped.name, dropped.getvalue()))
    with right:
        if "data path" not in st.session_state:
            st.session_state["data path"] = st.query_params.get("file", "")
        alone = is_loopback(str(st.get_option("server.address") or "127.0.0.1"))
        typed = st.text_input(
            words["path"], key="data path", placeholder=words["path_example"], disabled=not alone,
            help=None if alone else words["path_closed"],
        ).strip()  # fmt: skip
        if st.query_params.get("file", "") != typed:
            st.query_params["file"] = typed
        if not typed:
            return None
        path = found(place.diary, typed)
        if not alone or kept_here(place.diary, path):
            _must_be_kept(place, path)
            st.caption(plain(words["copy"].format(folder=path.parent)))
            st.button(words["forget"], key="forget data", on_click=forget, args=(place.diary, path))
    return path


def found(diary: Path, typed: str) -> Path:
    """What somebody typed as a path: from the diary's folder on, or from CUADERNO_DATA.

    Raises:  CuadernoError when nothing is there.
    """
    written = Path(typed).expanduser()
    places = [diary / written, Path.cwd() / written, Path(os.environ.get("CUADERNO_DATA") or ".") / written]
    for path in places:
        if path.exists():
            return path.absolute()
    raise CuadernoError(f"There is no {typed} in {diary}, nor here. Give the whole path, or drop the file on the page.")


def keep(diary: Path, name: str, content: bytes) -> Path:
    """A copy of what was dropped, beside the runs; the same content lies there once. Only its owner may read it."""
    name = Path(name.replace("\\", "/")).name or "data.txt"
    folder = runs_beside(diary) / FOLDER / hashlib.sha256(content).hexdigest()[:8]
    path = folder / name
    with disk_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    if not path.is_file() or path.read_bytes() != content:
        write_atomic(path, content)
    return path.absolute()


def kept_here(diary: Path, path: Path) -> bool:
    """Whether it is a copy that this page made."""
    return (runs_beside(diary) / FOLDER).resolve() in path.resolve().parents


def _must_be_kept(place: Place, path: Path) -> None:
    if not kept_here(place.diary, path):
        raise CuadernoError(TEXT[place.lang]["path_closed"])


def forget(diary: Path, path: Path) -> None:
    """Delete the copy and all that was made of it; the file that was dropped stays where it was."""
    if kept_here(diary, path):
        shutil.rmtree(path.parent, ignore_errors=True)
    st.session_state["data path"] = ""
