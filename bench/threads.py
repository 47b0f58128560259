"""What do 1 and 2 threads cost, alone or beside busy neighbours, when idle threads spin and when they sleep?

    python bench/threads.py [--steps 300]

The same small training runs in a fresh process for each row, because OpenMP reads its settings once. A row's cost is
the CPU time of its process; its wall time says what the reader waits. Writes bench/results/threads.md.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

WORK = """
import json, sys, time
import torch
threads, steps = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(120, 64), torch.nn.ReLU(), torch.nn.Linear(64, 48))
optimizer = torch.optim.AdamW(model.parameters())
x, y = torch.randn(2000, 120), torch.randn(2000, 48)
cpu, wall = time.process_time(), time.perf_counter()
for _ in range(steps):
    loss = (model(x) - y).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "loss": loss.item()}))
"""
POLICIES = {
    "spinning": {"OMP_WAIT_POLICY": "ACTIVE"},
    "sleeping (ours)": {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"},
}


def measure(threads: int, policy: dict[str, str], steps: int) -> dict[str, float]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "KMP_"))} | policy
    command = [sys.executable, "-c", WORK, str(threads), str(steps)]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300, help="optimizer updates per row")
    parser.add_argument("--repeats", type=int, default=3, help="the row with the least CPU time is kept")
    arguments = parser.parse_args()
    rows = []
    for busy in (False, True):
        spin = [sys.executable, "-c", "while True: pass"]
        neighbours = [subprocess.Popen(spin) for _ in range(os.cpu_count() or 1)] if busy else []
        try:
            for threads in (1, 2):
                for name, policy in POLICIES.items():
                    tries = [measure(threads, policy, arguments.steps) for _ in range(arguments.repeats)]
                    best = min(tries, key=lambda row: row["cpu"])
                    rows.append(("busy" if busy else "as it is", threads, name, best["cpu"], best["wall"]))
                    print(*rows[-1], flush=True)
        finally:
            for neighbour in neighbours:
                neighbour.kill()
                neighbour.wait()
    lines = ["| machine | threads | idle threads | CPU s | wall s |", "|---|---|---|---|---|"]
    lines += [f"| {m} | {t} | {p} | {cpu:.2f} | {wall:.2f} |" for m, t, p, cpu, wall in rows]
    note = f"{arguments.steps} steps of a 120-64-48 network on 2,000 rows, best of {arguments.repeats}"
    target = Path(__file__).parent / "results" / "threads.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(
        "\n".join(
            ["# Threads", "", f"{note}; {os.cpu_count()} cores, Python {platform.python_version()}.", "", *lines, ""]
        )
    )
    print(f"written to {target}")


if __name__ == "__main__":
    main()
