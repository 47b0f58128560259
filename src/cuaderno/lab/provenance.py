"""What a result depends on besides its code: commit, versions, machine."""

import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import cuaderno


def git_state() -> dict[str, str | bool | None]:
    """Commit of the source tree that runs, and whether its files differ from it; None outside a repository."""

    def git(*arguments: str) -> str | None:
        command = ["git", "-C", str(Path(cuaderno.__file__).parent), *arguments]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return answer.stdout.strip() if answer.returncode == 0 else None

    tracked = git("ls-files", "--error-unmatch", "__init__.py")  # an installed copy inside somebody else's repository
    if tracked is None:
        return {"commit": None, "dirty": None}
    return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain", "--", "."))}


def versions() -> dict[str, str]:
    """Python's version, ours, and that of every declared dependency that is loaded now."""
    found = {"python": platform.python_version(), "cuaderno": cuaderno.__version__}
    try:
        declared = metadata.requires("cuaderno") or []
    except metadata.PackageNotFoundError:
        declared = []
    for line in declared:
        name = line.split(";")[0].split("[")[0].split(">")[0].split("=")[0].split("<")[0].strip()
        if name.replace("-", "_") in sys.modules:
            found[name] = metadata.version(name)
    return found
