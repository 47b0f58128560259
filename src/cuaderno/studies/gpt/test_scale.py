"""The same loop in many processes, in pieces, split, compiled and in half precision; and what it needs in memory."""

import dataclasses
import functools
import json
import math
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.gpt import kernels, memory
from cuaderno.studies.gpt import train as study
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.train import TINY, Config, length_at, train
from cuaderno.studies.gpt.windows import Windows

SHORT = dataclasses.replace(TINY, steps=10, looks=2)

# Trains every config once and again: the second time it is stopped at `stop_at` and resumed by a fresh Run.
PROGRAM = """
    import json, sys
    from pathlib import Path
    from cuaderno.lab import parallel, run as run_module
    from cuaderno.lab.run import Interrupted, Run
    from cuaderno.studies.gpt import train as study
    from cuaderno.studies.gpt.train import Config, train

    study.SAMPLE_TOKENS = 40  # more than the context holds
    parallel.start()
    run_module.CHECKPOINT_EVERY_SECONDS = 1e9
    steps = Run.steps

    def stopping(self, *budget):
        for step in steps(self, *budget):
            self._stop_asked |= step == stop_at
            yield step

    folders = {}
    for name, (settings, stop_at) in json.loads(sys.argv[2]).items():
        run = Run.create("gpt", Config(**settings), Path(sys.argv[1]))
        Run.steps = stopping
        try:
            train(Config(**settings), run)
        except Interrupted:
            Run.steps = steps
            run = Run.open(run.folder)
            run.resumed()
            train(Config(**settings), run)
        folders[name] = str(run.folder)
    if parallel.is_main():
        print("FOLDERS " + json.dumps(folders))
    parallel.leave()
"""


def launch(folder: Path, jobs: dict[str, tuple[Config, int]]) -> dict[str, Run]:
    """Train all jobs, one after the other, in two processes under torchrun; a job is a config and where to stop it."""
    program = folder / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    settings = {name: (dataclasses.asdict(config), stop_at) for name, (config, stop_at) in jobs.items()}
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(program)]
    answer = subprocess.run(
        [*command, str(folder / "runs"), json.dumps(settings)], capture_output=True, text=True, timeout=240
    )
    assert answer.returncode == 0, answer.stderr
    line = next(line for line in answer.stdout.splitlines() if line.startswith("FOLDERS "))
    return {name: Run.open(Path(where)) for name, where in json.loads(line.removeprefix("FOLDERS ")).items()}


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> dict[str, Run]:
    """Runs of two processes; one launch for all, since starting torch twice takes longer than training."""
    sharded = dataclasses.replace(SHORT, shard=True, accumulation=2)
    jobs = {"plain": (SHORT, 0), "sharded": (sharded, 0), "sharded, stopped": (sharded, 4)}
    return launch(tmp_path_factory.mktemp("two"), jobs)


@pytest.fixture(scope="module")
def one(tmp_path_factory) -> Run:
    """The same training in one process."""
    return trained(SHORT, tmp_path_factory.mktemp("one"))


def trained(config: Config, folder: Path) -> Run:
    run = Run.create("gpt", config, folder)
    train(config, run)
    return run


def losses(run: Run) -> list[dict]:
    return [{key: value for key, value in row.items() if key != "seconds"} for row in run.history()]


def assert_close(first: Run, second: Run) -> None:
    """Equal but for rounding, since the same numbers were added in another order, half a batch at a time.

    Adam divides every gradient by its size, so where that is next to nothing (tokens that hardly occur) its rounding
    counts for more: a number in a thousand may be off, by a fortieth of a single update.
    """
    one, two = first.load_weights(), second.load_weights()
    assert one.keys() == two.keys()
    for name in one:
        torch.testing.assert_close(one[name], two[name], rtol=1e-3, atol=SHORT.learning_rate / 40)
        off = ~torch.isclose(one[name], two[name], rtol=1e-4, atol=1e-5)
        assert off.float().mean() <= 1e-3, name
    for row, twin in zip(losses(first), losses(second), strict=True):
        assert row == pytest.approx(twin, rel=1e-5)


# -- many processes ----------------------------------------------------------------------------------------------------


def test_two_processes_end_where_one_does(one, two):
    assert_close(one, two["plain"])


def test_an_update_in_pieces_is_the_whole_update(one, tmp_path):
    assert_close(one, trained(dataclasses.replace(SHORT, accumulation=2), tmp_path))


def test_a_split_model_in_pieces_ends_where_a_whole_one_does(two):
    assert_close(two["plain"], two["sharded"])
    texts = [json.loads((run.folder / "checkpoint" / "samples.json").read_text()) for run in two.values()]
    assert len(texts[0]) == 2 and all(text == texts[0] for text in texts), "it also writes as the whole one does"


def test_a_split_model_stopped_and_resumed_is_bit_equal(two):
    undisturbed, resumed = two["sharded"], two["sharded, stopped"]
    assert losses(undisturbed) == losses(resumed)
    before, after = undisturbed.load_weights(), resumed.load_weights()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_checkpoint_of_a_split_model_holds_every_tensor_once(two):
    main, other = torch.load(two["sharded"].folder / "checkpoint" / "training.pt", weights_only=True)
    shapes = {name: weight.shape for name, weight in study.build(SHORT).named_parameters()}
    assert {name: weight.shape for name, weight in main["state"]["model"].items()} == shapes
    averages = main["state"]["optimizers"]["state"]
    assert all(averages[name]["momentum_buffer"].shape == shapes[name] for name in averages if "mlp" in name)
    assert not other["state"]["model"] and not other["state"]["optimizers"]


def test_one_process_cannot_split(tmp_path):
    with pytest.raises(CuadernoError, match="torchrun --nproc-per-node 2"):
        trained(dataclasses.replace(SHORT, shard=True), tmp_path)


@pytest.mark.parametrize("processes, pieces", [(2, 1), (3, 1), (2, 3)])
def test_every_process_reads_its_own_part_of_the_windows(processes, pieces):
    whole, shares = Windows(5000, seed=3), processes * pieces
    copies = [Windows(5000, seed=3) for _ in range(processes)]
    for length in (8, 8, 16, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32):  # through the end of the order, too
        starts = whole.take(length, 4 * shares)
        read = [c.take(length, 4 * shares).reshape(shares, -1)[r::processes].ravel() for r, c in enumerate(copies)]
        assert sorted(np.concatenate(read)) == sorted(starts)
        assert len(set(np.concatenate(read))) == 4 * shares, "no window is read twice in one update"


# -- half precision and compiling -------------------------------------------------------------------------------------


def test_half_precision_trains(one, tmp_path):
    rows = losses(trained(dataclasses.replace(SHORT, precision="bf16"), tmp_path))
    assert all(math.isfinite(value) for row in rows for value in row.values())
    last, plain = ([row["train_loss"] for row in found if "train_loss" in row][-1] for found in (rows, losses(one)))
    assert rows != losses(one) and last == pytest.approx(plain, rel=0.02)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`torch.jit.script_method`")  # torch's own
def test_compiled_trains_as_eager_does(tmp_path):
    if not kernels.has_compiler(torch.device("cpu")):
        pytest.skip("no C++ compiler")
    config = dataclasses.replace(SHORT, num_layers=1, steps=3, looks=3)
    eager = losses(trained(config, tmp_path))
    compiled = losses(trained(dataclasses.replace(config, compile="yes"), tmp_path))
    for row, twin in zip(eager, compiled, strict=True):
        assert row == pytest.approx(twin, rel=1e-4)


def test_without_a_compiler_we_say_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "has_compiler", lambda place: False)
    with pytest.raises(CuadernoError, match="--compile no"):
        trained(dataclasses.replace(SHORT, compile="yes"), tmp_path)


def test_a_missing_compiler_is_noticed(monkeypatch):
    from torch._inductor import config

    monkeypatch.setattr(config.cpp, "cxx", (None, "no-such-compiler"))
    assert not kernels.has_compiler(torch.device("cpu"))


def test_growing_windows_compile_at_most_once_per_length(monkeypatch):
    from torch._dynamo.testing import CompileCounter  # takes as long to load as torch itself

    torch._dynamo.reset()
    counter = CompileCounter()
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend=counter))
    monkeypatch.setattr(kernels, "has_compiler", lambda place: True)
    model = GPT(20, 256, num_layers=2, num_heads=2, embed_dim=16)
    forward, lengths = kernels.compiled(model, torch.device("cpu")), []
    for step in range(20):
        length = length_at(step / 20, model.context_length)
        model.train()
        forward(torch.zeros(1024 // length, length, dtype=torch.long)).sum().backward()
        lengths.append(length)
        model.eval()
        with torch.inference_mode():
            model(torch.zeros(1, 5, dtype=torch.long))  # as looks and samples do in between
    assert len(set(lengths)) == 3 and 0 < counter.frame_count <= 3


# -- memory ------------------------------------------------------------------------------------------------------------

MEASURE = """
    import psutil, resource, sys, torch
    from torch.nn import functional as F
    from cuaderno.studies.gpt import memory
    from cuaderno.studies.gpt.model import GPT
    from cuaderno.studies.gpt.train import Config, make_optimizers

    def peak():  # ru_maxrss would begin with what the process that started this one held
        if sys.platform == "linux":
            lines = open("/proc/self/status").read().splitlines()
            return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    def step(*shape):
        model = GPT(*shape)
        optimizers = make_optimizers(model, Config())
        tokens = torch.zeros(64, model.context_length, dtype=torch.long)
        for _ in range(2):
            F.cross_entropy(model(tokens).flatten(0, 1), tokens.flatten()).backward()
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
        return model

    torch.set_num_threads(1)
    memory.estimate(step(8, 8, 1, 1, 8), 8)  # whatever is loaded late is loaded now
    before = psutil.Process().memory_info().rss
    model = step(80, 64, 4, 4, 256)
    measured = peak() - before
    print(measured, memory.estimate(model, 64 * 64)["total"])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")
def test_the_estimate_is_within_a_third_of_the_peak():
    answer = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEASURE)], capture_output=True, text=True, timeout=240
    )
    assert answer.returncode == 0, answer.stderr
    measured, estimated = map(int, answer.stdout.split())
    assert 2 / 3 < estimated / measured < 4 / 3


def test_the_estimate_follows_the_batch_and_its_pieces():
    model = GPT(30, 32, num_layers=2, num_heads=2, embed_dim=32)
    whole, pieces = memory.estimate(model, 4096), memory.estimate(model, 4096, accumulation=4)
    assert whole["activations"] == pytest.approx(4 * pieces["activations"], rel=0.02)
    assert memory.estimate(model, 4096, bf16=True)["activations"] < 0.8 * whole["activations"]
    assert whole["total"] == sum(size for name, size in whole.items() if name != "total")
    longer = GPT(30, 2048, num_layers=2, num_heads=2, embed_dim=32)
    assert memory.estimate(longer, 4096)["activations"] == pytest.approx(whole["activations"], rel=0.02), (
        "no attention that we use keeps a table of all pairs of tokens"
    )


def test_too_little_memory_is_said_before_the_first_step(tmp_path, monkeypatch, capsys):
    config = dataclasses.replace(SHORT, steps=1, looks=1)
    trained(config, tmp_path)
    assert "may not fit" not in capsys.readouterr().err
    free = psutil.virtual_memory()._replace(available=6_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    run = trained(dataclasses.replace(config, batch_tokens=8192), tmp_path)
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "may not fit" in line]
    assert "6.0 MB of cpu memory are free" in line and run.data["effective"]["memory"] in line
    assert "--accumulation " in line and "--batch-tokens" in line and "--shard" in line


def test_pieces_that_are_named_do_fit(monkeypatch, capsys):
    model = GPT(30, 32, num_layers=2, num_heads=2, embed_dim=32)
    monkeypatch.setattr(memory, "free_bytes", lambda place: 6_000_000)
    parts = memory.estimate(model, 8192)
    memory.warn_if_too_large(parts, torch.device("cpu"))
    pieces = int(capsys.readouterr().err.split("--accumulation ")[1].split(",")[0])
    memory.warn_if_too_large(memory.estimate(model, 8192, pieces), torch.device("cpu"), pieces)
    assert pieces > 1 and capsys.readouterr().err == ""


def test_processes_share_the_memory_of_their_machine(monkeypatch):
    alone = memory.free_bytes(torch.device("cpu"))
    monkeypatch.setitem(os.environ, "LOCAL_WORLD_SIZE", "2")
    assert memory.free_bytes(torch.device("cpu")) == pytest.approx(alone / 2, rel=0.2)
