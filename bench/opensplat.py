"""OpenSplat (github.com/pierotofy/OpenSplat) for bench/splat.py: its binary on the same photos, cameras and points.

It runs on its CPU path with one thread. It can hold back one view only, so the others of the test are taken out of the
copy of COLMAP's model that it gets; what it learnt is read back from its .ply, and judged on them as ours is.
"""

import os
import re
import resource
import shutil
import struct
import subprocess
import sys
from pathlib import Path

BACKGROUND = (0.6130, 0.0101, 0.3984)  # what it paints behind everything
FIRST_STEPS = 10, 60  # two runs, whose difference is steps alone: before any splat is added, and without loading


def cost_of_a_step(binary: str, project: Path, shrink: float, output: Path) -> float:
    """CPU milliseconds of a step on whole pictures, with as many splats as there are points."""
    whole = ("--num-downscales", "0")
    few, many = (train(binary, project, number, shrink, output, *whole)["cpu_seconds"] for number in FIRST_STEPS)
    return 1000 * (many - few) / (FIRST_STEPS[1] - FIRST_STEPS[0])


def within(binary: str, project: Path, seconds: float, shrink: float, output: Path, view: str) -> dict:
    """A training of its own recipe that takes about so many CPU seconds, with the loss of the view that it kept back.

    How many steps fit is tried out, at last with a fifth of the time, since a step costs more once splats are added.
    Its learning rates fall with the number of steps that it is told.
    """
    steps = 100
    for share in (0.2, 1.0):
        spent = train(binary, project, steps, shrink, output)["cpu_seconds"]
        steps = max(50, int(steps * share * seconds / spent))
    return train(binary, project, steps, shrink, output, "--val", "--val-image", view)


def train(binary: str, project: Path, steps: int, shrink: float, output: Path, *options: str) -> dict:
    """CPU seconds of so many steps on pictures whose sides are divided by `shrink`, and what it said of its losses.

    Raises:  SystemExit with its own words when it did not come to its end.
    """
    command = [binary, str(project), "--cpu", "--keep-crs", "-n", str(steps), "-d", f"{shrink:.6f}", *options]
    command += ["-o", str(output)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = answer.stdout + answer.stderr
    if answer.returncode or f"Step {steps}:" not in said:
        sys.exit(f"OpenSplat did not train to the end. It said: …{said[-600:]}")
    loss = re.findall(r"validation loss: ([0-9.eE+-]+)", said)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_seconds": spent, "steps": steps} | ({"loss": float(loss[-1])} if loss else {})


def project_without(source: Path, target: Path, names: set[str]) -> None:
    """A folder like `source`, with `images` and COLMAP's `sparse/0`, whose model does not know these photos."""
    model = target / "sparse" / "0"
    model.mkdir(parents=True)
    (target / "images").symlink_to((source / "images").resolve())
    for name in ("cameras.bin", "points3D.bin"):
        shutil.copy(source / "sparse" / "0" / name, model / name)
    kept = [
        record for name, record in images((source / "sparse" / "0" / "images.bin").read_bytes()) if name not in names
    ]
    (model / "images.bin").write_bytes(struct.pack("<Q", len(kept)) + b"".join(kept))


def images(content: bytes):
    """The name and the bytes of each record of an images.bin."""
    begun, pose = 8, struct.calcsize("<I7dI")
    while begun < len(content):
        ends = content.index(b"\0", begun + pose)
        (points,) = struct.unpack_from("<Q", content, ends + 1)
        after = ends + 9 + 24 * points
        yield content[begun + pose : ends].decode(), content[begun:after]
        begun = after
