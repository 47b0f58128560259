"""Two processes on one machine, joined by gloo, do what one would do with the whole batch."""

import json
import os
import subprocess
import sys

import pytest
import torch

from cuaderno.lab import parallel
from cuaderno.lab.errors import CuadernoError

PROGRAM = """
    import json
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

    run = Run.create("toy", {"seed": 0}, Path("runs"))
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
    parallel.leave()
"""


def test_two_processes_equal_one_with_the_whole_batch(said):
    assert not said["whole"].startswith("FAILED"), said["whole"]
    report = json.loads(said["whole"])

    model = torch.nn.Linear(3, 1)
    model.load_state_dict({"weight": torch.tensor(report["weight"]), "bias": torch.tensor(report["bias"])})
    (model(torch.tensor(report["x"])) - torch.tensor(report["y"])).square().mean().backward()
    assert torch.allclose(model.weight.grad, torch.tensor(report["gradient"]), atol=1e-6)
    assert report["unused"] == 0 and report["any"] is True
    assert len(set(report["ids"])) == 1, "both write one run"
    assert report["restored"] == [0, 1], "each process gets its own state back"
    assert report["lines"] == 3, "only one of them logs"


SHARDED = """
    import copy, json, os, sys
    import torch
    from torch import nn
    from cuaderno.lab import parallel

    parallel.start()

    def make():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
        model = parallel.shard(model, [model[0]], torch.device("cpu"))
        weights = list(model.parameters())
        return model, [torch.optim.AdamW(weights[:2], lr=0.1), torch.optim.SGD(weights[2:], lr=0.1, momentum=0.9)]

    def train(model, optimizers, steps):
        torch.manual_seed(1)
        x, mine = torch.randn(8, 3), slice(parallel.rank(), None, 2)
        for _ in range(steps):
            model(x[mine]).square().mean().backward()
            parallel.average_gradients(model)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()

    first, second = make(), make()
    parallel.same_start(first[0])
    train(*first, 2)
    state = copy.deepcopy(parallel.whole_state(*first))  # numbers that are not split are the optimizer's own
    kept = {name: weight.clone() for name, weight in state["model"].items()}
    train(*first, 2)
    parallel.load_state(state, *second)
    train(*second, 2)
    before, after = parallel.whole_state(*first)["model"], parallel.whole_state(*second)["model"]
    parallel.unshard(second[0])
    report = parallel.gather({
        "equal": [torch.equal(before[name], after[name]) for name in before], "names": list(kept),
        "outer": tuple(second[0][2].weight.tolist()) == tuple(after["2.weight"].tolist()) if after else None,
    })
    if parallel.is_main():
        answer = {name: weight.tolist() for name, weight in kept.items()}
        print(json.dumps({"report": report, "weights": answer}))
    parallel.leave()
    sys.stdout.flush()
    os._exit(0)  # torch sometimes aborts while its own threads end
"""


@pytest.fixture(scope="module")
def said(torchrun, tmp_path_factory) -> dict[str, str]:
    return torchrun(tmp_path_factory.mktemp("two"), {"whole": PROGRAM, "split": SHARDED})


def test_a_split_model_is_saved_whole_and_goes_on_bit_by_bit(said):
    assert not said["split"].startswith("FAILED"), said["split"]
    answer = json.loads(said["split"])
    main, other = answer["report"]
    assert main["equal"] == [True] * 4 and main["outer"] is True and other["names"] == []

    torch.manual_seed(0)  # one process with the whole batch
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2))
    weights = list(model.parameters())
    optimizers = [torch.optim.AdamW(weights[:2], lr=0.1), torch.optim.SGD(weights[2:], lr=0.1, momentum=0.9)]
    torch.manual_seed(1)
    x = torch.randn(8, 3)
    for _ in range(2):
        model(x).square().mean().backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(torch.tensor(answer["weights"][name]), weight, rtol=1e-4, atol=1e-5)


def test_what_cannot_be_split_is_said(monkeypatch):
    model = torch.nn.Linear(1, 1)
    with pytest.raises(CuadernoError, match="torchrun --nproc-per-node 2"):
        parallel.shard(model, [], torch.device("cpu"))
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(CuadernoError, match="--device cpu"):
        parallel.shard(model, [], torch.device("mps"))


def test_one_process_gives_its_state_and_takes_it_back():
    model, twin = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    optimizers, twins = ([torch.optim.SGD(one.parameters(), lr=rate)] for one, rate in ((model, 0.5), (twin, 0.1)))
    parallel.unshard(model)
    parallel.load_state(parallel.whole_state(model, optimizers), twin, twins)
    assert torch.equal(model.weight, twin.weight) and twins[0].param_groups[0]["lr"] == 0.5


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


def test_leaving_gives_the_code_and_what_was_printed():
    with pytest.raises(SystemExit) as left:
        parallel.leave(3)
    assert left.value.code == 3
    # What would abort the process while Python is taken apart has no chance to.
    code = (
        "import atexit, os; from cuaderno.lab import parallel; atexit.register(os.abort); "
        "print('said'); parallel.leave(3)"
    )
    environment = {**os.environ, "WORLD_SIZE": "2", "RANK": "1"}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (answer.returncode, answer.stdout) == (3, "said\n")
