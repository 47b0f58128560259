"""The built wheel in a clean environment carries all it needs and runs `new`, `build` and `serve`."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy of what git would ship."""
    copy, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(TOP / name, copy)
    shutil.copytree(TOP / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def clean(wheel, tmp_path_factory) -> Path:
    """A new virtual environment with the wheel in it; dependencies are lent by path, so nothing is downloaded."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    bin_folder = folder / ("Scripts" if os.name == "nt" else "bin")
    python = next(path for path in (bin_folder / "python", bin_folder / "python.exe") if path.exists())
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def cuaderno(python: Path, *words: str, **options) -> subprocess.CompletedProcess:
    command = [str(python), "-m", "cuaderno", *words]
    left_out = ("PYTHONPATH", "CUADERNO_DATA", "PYTHONDONTWRITEBYTECODE")  # the first compiles for the others
    environment = {key: value for key, value in os.environ.items() if key not in left_out}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, **options)


def test_it_ships_what_it_needs_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for ending in (
        "site/static/style.css",
        "lab/parity.mjs",
        "lab/web/frame.js",
        "scaffold/diary/cuaderno.toml",
        "web/widget.js",
        ".html",
        "workbench/workbench.css",
        "workbench/writing/writing.js",
        "workbench/entry/app.py",
    ):
        assert any(name.endswith(ending) for name in names), f"{ending} is missing"
    rubbish = [name for name in names if re.search(r"test_|__pycache__|\.env$|\.nbi$|scaffold/diary/\.", name)]
    assert not rubbish
    assert all(zipfile.ZipFile(wheel).getinfo(name).file_size < 5 << 20 for name in names)


def test_new_build_serve(clean, tmp_path):
    where = subprocess.run([clean, "-c", "import cuaderno; print(cuaderno.__file__)"], capture_output=True, text=True)
    assert str(TOP) not in where.stdout, "it is the installed package that is tested"
    assert cuaderno(clean, "new", "mine", cwd=tmp_path).returncode == 0
    built = cuaderno(clean, "build", cwd=tmp_path / "mine")
    assert built.returncode == 0, built.stderr
    assert "pages in" in built.stdout
    assert (tmp_path / "mine" / "_site" / "index.html").is_file()
    assert cuaderno(clean, "check", cwd=tmp_path / "mine").returncode == 0
    assert (tmp_path / "mine" / ".env.example").is_file() and (tmp_path / "mine" / ".gitignore").is_file()
    assert (tmp_path / "mine" / ".github" / "workflows" / "pages.yml").is_file()

    command = [str(clean), "-u", "-m", "cuaderno", "serve"]
    server = subprocess.Popen(
        command, cwd=tmp_path / "mine", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        address = next(found for line in server.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+/\S*", line)))
        with urllib.request.urlopen(address[0], timeout=10) as answer:
            assert b"<html" in answer.read()
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


def test_training_without_the_extra_says_what_to_install(clean, tmp_path):
    code = """
import sys
class WithoutTorch:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, WithoutTorch())
from cuaderno.cli import main
main(sys.argv[1:])
"""
    name = cuaderno(clean, "list", "--json").stdout.split('"name": "')[1].split('"')[0]
    answer = subprocess.run(
        [clean, "-c", code, "train", name], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert answer.returncode == 1 and "pip install 'cuaderno[train]'" in answer.stderr
    assert "Traceback" not in answer.stderr
