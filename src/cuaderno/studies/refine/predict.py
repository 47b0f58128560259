"""A text to label or to score, two with ||| between them to compare, or a question to answer."""

from collections.abc import Iterator

from cuaderno.lab.run import Run
from cuaderno.studies.refine.judge import ask
from cuaderno.studies.refine.tuned import Tuned, trained
from cuaderno.studies.refine.write import write

BETWEEN = "|||"


def predict(run: Run, inputs: list[str]) -> Iterator[dict]:
    """One answer per input, in order: a label with probabilities, a score, or an answer."""
    tuned = trained(run)
    for text in inputs:
        problem = unreadable(tuned, text)
        yield {"input": text, "error": problem} if problem else {"input": text} | answer(tuned, text)


def parts(text: str) -> list[str]:
    """The one text or the two of an input, with single spaces."""
    return [" ".join(part.split()) for part in text.split(BETWEEN)]


def unreadable(tuned: Tuned, text: str) -> str:
    """What is wrong with an input, or nothing."""
    if any(ord(char) < 32 and char not in "\t\n\r" for char in text):
        return "This holds control characters, so it is no text. Give a sentence."
    wanted = 2 if tuned.is_pair else 1
    found = parts(text) if tuned.is_pair else [text]
    if len(found) != wanted:
        return f"This model compares two texts: write them with {BETWEEN} between, as in 'A cat. {BETWEEN} A dog.'"
    if not all(part.strip() for part in found):
        return "There is no text to read. Give a sentence."
    return ""


def answer(tuned: Tuned, text: str) -> dict:
    """What the model says about one text that can be read."""
    if tuned.task == "chat":
        return {"answer": "".join(write(tuned, [{"role": "user", "content": text.strip()}]))}
    found = ask(tuned, [parts(text) if tuned.is_pair else [" ".join(text.split())]])[0]
    if tuned.task == "regress":
        return {"score": float(found[0])}
    shares = {label: float(share) for label, share in zip(tuned.labels, found, strict=True)}
    return {"label": max(shares, key=lambda label: shares[label]), "probabilities": shares}


def show(answer: dict) -> str:
    """An answer in one line."""
    if "answer" in answer:
        return answer["answer"]
    if "score" in answer:
        return f"{answer['score']:.2f}  {answer['input']}"
    shares = sorted(answer["probabilities"].items(), key=lambda item: -item[1])[:4]
    return ", ".join(f"{label} {share:.0%}" for label, share in shares) + f"  {answer['input']}"
