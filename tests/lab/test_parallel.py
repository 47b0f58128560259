"""Two processes on one machine, joined by gloo, do what one would do with the whole batch."""

import json
import subprocess
import sys
import textwrap

import torch

from cuaderno.lab import parallel

PROGRAM = """
    import json, sys
    from pathlib import Path
    import torch
    from cuaderno.lab import parallel
    from cuaderno.lab.run import Run

    parallel.start()
    torch.manual_seed(parallel.rank())            # different at first …
    model = torch.nn.Linear(3, 1)
    unused = torch.nn.Linear(2, 2)
    both = torch.nn.ModuleList([model, unused])
    parallel.same_start(both)                     # … then the same
    torch.manual_seed(0)
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    mine = slice(parallel.rank(), None, 2)
    (model(x[mine]) - y[mine]).square().mean().backward()
    parallel.average_gradients(both)

    run = Run.create("toy", {"seed": 0}, Path(sys.argv[1]))
    for step in run.steps(3):
        run.log(step, loss=1.0)
        if run.checkpoint_due():
            run.checkpoint(rank=parallel.rank())
    restored = Run.open(run.folder).restore()
    report = {
        "gradient": model.weight.grad.tolist(), "weight": model.weight.tolist(), "bias": model.bias.tolist(),
        "x": x.tolist(), "y": y.tolist(), "unused": float(unused.weight.grad.abs().sum()),
        "ids": parallel.gather(run.id), "any": parallel.any_process(parallel.rank() == 1),
        "restored": parallel.gather(restored["rank"]), "lines": len(run.history()),
    }
    if parallel.is_main():
        print(json.dumps(report))
    parallel.stop()
"""


def test_two_processes_equal_one_with_the_whole_batch(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(program)]
    answer = subprocess.run([*command, str(tmp_path / "runs")], capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    report = json.loads(answer.stdout)

    model = torch.nn.Linear(3, 1)
    model.load_state_dict({"weight": torch.tensor(report["weight"]), "bias": torch.tensor(report["bias"])})
    (model(torch.tensor(report["x"])) - torch.tensor(report["y"])).square().mean().backward()
    assert torch.allclose(model.weight.grad, torch.tensor(report["gradient"]), atol=1e-6)
    assert report["unused"] == 0 and report["any"] is True
    assert len(set(report["ids"])) == 1, "both write one run"
    assert report["restored"] == [0, 1], "each process gets its own state back"
    assert report["lines"] == 3, "only one of them logs"


def test_one_process_needs_no_group():
    model = torch.nn.Linear(1, 1)
    model(torch.ones(1, 1)).sum().backward()
    before = model.weight.grad.clone()
    parallel.start()
    parallel.same_start(model)
    parallel.average_gradients(model)
    parallel.stop()
    assert parallel.is_main() and parallel.gather("mine") == ["mine"] and not parallel.any_process(False)
    assert torch.equal(model.weight.grad, before)
