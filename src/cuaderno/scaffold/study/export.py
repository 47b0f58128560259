"""Two numbers for the browser, and answers that it must repeat."""

from pathlib import Path

from cuaderno.lab.export import save_json, save_parity
from cuaderno.lab.run import Run
from cuaderno.scaffold.study.predict import predict


def export(run: Run, folder: Path) -> None:
    weights = run.load_weights()
    save_json(folder / "model.json", {"w": weights["linear.weight"].item(), "b": weights["linear.bias"].item()})
    inputs = [-1.0, 0.0, 0.25, 3.0]
    answers = predict(run, [str(x) for x in inputs])
    save_parity(folder, [{"input": x, "output": answer["y"]} for x, answer in zip(inputs, answers, strict=True)])
