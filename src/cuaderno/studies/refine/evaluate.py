"""How a tuned model answers about rows that it never saw, and what needs no network beside it."""

import numpy as np

from cuaderno.lab.metrics import Metric
from cuaderno.lab.run import Run
from cuaderno.studies.refine import baselines
from cuaderno.studies.refine.before import judge_before
from cuaderno.studies.refine.data import Table, open_table, say
from cuaderno.studies.refine.judge import MOST_WRITTEN, ask, judge_answers, judge_labels, judge_numbers
from cuaderno.studies.refine.quantize import in_page
from cuaderno.studies.refine.train import Config
from cuaderno.studies.refine.tuned import Tuned, trained

MAIN = {"classify": "macro_f1", "regress": "pearson", "chat": "exact_match"}


def evaluate(run: Run) -> dict[str, Metric]:
    """All metrics of a finished run, on its test rows."""
    config, tuned = run.config(Config), trained(run)
    table = open_table(config.data, config.task, config.text_column, config.target_column, config.test_data)
    metrics = judged(tuned, table)
    if tuned.pretrained:
        metrics |= judge_before(config, tuned, table)
    metrics["parameters"] = Metric(sum(weight.numel() for weight in tuned.model.parameters()))
    warn_if_beaten(metrics, MAIN[config.task])
    return metrics


def judged(tuned: Tuned, table: Table) -> dict[str, Metric]:
    """The model's numbers and those of its baselines."""
    if tuned.task == "chat":
        return judge_answers(tuned, table.test) | baselines.for_answers(tuned, table, MOST_WRITTEN)
    answered = ask(tuned, [row.texts for row in table.test])
    if tuned.task == "classify":
        guessed = [tuned.labels[i] for i in answered.argmax(axis=1)]
        found = judge_labels(guessed, [str(row.target) for row in table.test]) | baselines.for_labels(table)
    else:
        right = np.array([row.target for row in table.test], float)
        found = judge_numbers(answered[:, 0].astype(float), right) | baselines.for_numbers(table)
    return found | judged_in_page(tuned, table)


def judged_in_page(tuned: Tuned, table: Table) -> dict[str, Metric]:
    """One number of the rounded model, where a page can run it."""
    page = in_page(tuned)
    if page is None:
        return {}
    answered = ask(page, [row.texts for row in table.test])
    if tuned.task == "regress":
        right = np.array([row.target for row in table.test], float)
        return judge_numbers(answered[:, 0].astype(float), right, "browser_", only=("pearson",))
    guessed = [tuned.labels[i] for i in answered.argmax(axis=1)]
    judged = judge_labels(guessed, [str(row.target) for row in table.test], "browser_")
    return {"browser_accuracy": judged["browser_accuracy"]}


def warn_if_beaten(metrics: dict[str, Metric], main: str) -> None:
    """Say so when counting words does as well."""
    rivals = {name: m.value for name, m in metrics.items() if name.startswith("baseline_") and name.endswith(main)}
    best = max(rivals, key=lambda name: rivals[name], default="")
    if best and rivals[best] >= metrics[main].value:
        say(
            f"The baseline wins: {best} is {rivals[best]:.3f}, the tuned model's {main} {metrics[main].value:.3f}. On "
            "these rows it is the better choice, being smaller, faster and easier to explain."
        )
