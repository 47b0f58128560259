"""How much does the offline corrector find, beside harper-py and hunspell alone? Mistakes of learners, and clean text.

    python bench/proofread.py [--sets dev,test] [--clean 2000]

bench/data/proofread-dev.toml and proofread-test.toml hold sentences with marked mistakes and sentences without any. The
rules were written with the first beside them; of the second only the sums below were ever looked at while they were.
Whoever looks at them and then writes more rules adds one to LOOKS.

- flagged: a suggestion overlaps the marked words
- right first: with the first suggestion they become one of the corrections that the writer of the set accepts
- touched: sentences without a mistake for which there is a suggestion
- unasked: suggestions elsewhere in a sentence with mistakes
- lost: sentences that would lose content if every suggestion were accepted, by the rules that guard every correction

Ours goes through the same protection and guard as `cuaderno proofread`: what the guard refuses counts as not found.
harper-py knows English only. hunspell is the program with the dictionaries en_US and es_ES (Debian: apt-get install
hunspell hunspell-en-us hunspell-es); without it its rows are left out. Writes bench/results/proofread.md and .json.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cuaderno.diary.proofreading.applying import Sheet
from cuaderno.diary.proofreading.guard import faults
from cuaderno.diary.proofreading.offline import Offline
from cuaderno.diary.proofreading.passages import Passage, read_passages
from cuaderno.lab.device import processor
from cuaderno.lab.metrics import wilson

HERE = Path(__file__).parent
LANGUAGES = ("en", "es")
OURS, HARPER, HUNSPELL = "ours", "harper-py", "hunspell"
LOOKS = 1


@dataclass(frozen=True)
class Change:
    """Characters `start` to `end` become `new`."""

    start: int
    end: int
    new: str


@dataclass
class Score:
    """What one program made of one set in one language."""

    program: str
    set: str
    lang: str
    mistakes: int = 0
    flagged: int = 0
    right: int = 0
    clean: int = 0
    touched: int = 0
    unasked: int = 0
    lost: int = 0
    seconds: float = 0.0
    missed: list[str] = field(default_factory=list)  # only of the development set

    def __add__(self, other: "Score") -> "Score":
        counts = ("mistakes", "flagged", "right", "clean", "touched", "unasked", "lost", "seconds")
        both = {name: getattr(self, name) + getattr(other, name) for name in counts}
        return Score(self.program, self.set, "both", **both)


Program = Callable[[str, str], list[Change]]


def passage(text: str) -> Passage:
    return Passage(1, "paragraph", 1, 0, len(text), text)


def ours() -> Program:
    """The corrector as `cuaderno proofread` uses it."""
    corrector = Offline()

    def suggest(text: str, lang: str) -> list[Change]:
        sheet = Sheet(passage(text), lang)
        offer = sheet.offer(corrector.correct(sheet.view.text, lang), lambda _: None)
        return [core(text, one.start, one.end, one.new) for one in offer.suggestions]

    return suggest


def harper() -> Program | None:
    """The first suggestion of every lint, in plain text."""
    try:
        from harper import Linter
    except ImportError:
        return None
    linter = Linter()

    def suggest(text: str, lang: str) -> list[Change]:
        if lang != "en":
            return []
        changes = []
        for lint in linter.lint(text, language="plaintext"):
            start, end = lint.span.start, lint.span.end
            if lint.suggestions:
                corrected = linter.apply_suggestion(text, lint, lint.suggestions[0])
                changes.append(core(text, 0, len(text), corrected))
            else:
                changes.append(Change(start, end, text[start:end]))
        return changes

    return suggest


def hunspell() -> Program | None:
    """The first suggestion of `hunspell -a` for every word that it does not know."""
    if not shutil.which("hunspell"):
        return None
    names = {"en": "en_US", "es": "es_ES"}
    found = subprocess.run(["hunspell", "-D"], capture_output=True, text=True, input="").stderr
    if not all(name in found for name in names.values()):
        return None

    def suggest(text: str, lang: str) -> list[Change]:
        command = ["hunspell", "-a", "-i", "utf-8", "-d", names[lang]]
        answer = subprocess.run(command, input=f"^{text}\n", capture_output=True, text=True, encoding="utf-8").stdout
        changes, place = [], 0
        for line in answer.splitlines():
            if line[:1] not in {"&", "#"}:
                continue
            word = line.split()[1]
            place = text.find(word, place)
            if place < 0:
                break
            new = line.partition(": ")[2].split(", ")[0] if line[0] == "&" else word
            changes.append(Change(place, place + len(word), new))
            place += len(word)
        return changes

    return suggest


def core(text: str, start: int, end: int, new: str) -> Change:
    """A change without the words that it does not change, so that only what is meant counts as flagged."""
    old = text[start:end]
    ours, theirs = re.findall(r"\w+|\W", old), re.findall(r"\w+|\W", new)
    first = 0
    while first < min(len(ours), len(theirs)) and ours[first] == theirs[first]:
        first += 1
    last = 0
    while last < min(len(ours), len(theirs)) - first and ours[-1 - last] == theirs[-1 - last]:
        last += 1
    kept = len("".join(ours[:first])), len("".join(ours[len(ours) - last :]))
    return Change(start + kept[0], end - kept[1], "".join(theirs[first : len(theirs) - last]))


def with_changes(text: str, changes: list[Change]) -> str:
    """The text with some changes; of two that overlap the first."""
    parts, place = [], 0
    for one in sorted(changes, key=lambda one: (one.start, one.end)):
        if one.start >= place:
            parts += [text[place : one.start], one.new]
            place = one.end
    return "".join(parts) + text[place:]


def touches(one: Change, start: int, end: int) -> bool:
    """Whether a change lies in some words; something put in between has to lie at their edge or inside."""
    return start <= one.start <= end if one.start == one.end else one.start < end and one.end > start


def judge(program: Program, name: str, which: str, lang: str, sentences: list[dict]) -> Score:
    """Count what a program does with the sentences of one language."""
    score, started = Score(name, which, lang), cpu_seconds()
    answers = [program(sentence["text"], lang) for sentence in sentences]
    score.seconds = cpu_seconds() - started
    for sentence, changes in zip(sentences, answers, strict=True):
        text, fixes = sentence["text"], sentence["fixes"]
        after = with_changes(text, changes)
        score.lost += bool(changes and name == OURS and loses(text, after, lang))
        if not fixes:
            score.clean += 1
            score.touched += bool(changes)
            continue
        asked: set[Change] = set()
        for fix in fixes:
            start = text.index(fix["wrong"])
            end = start + len(fix["wrong"])
            mine = [one for one in changes if touches(one, start, end)]
            asked |= set(mine)
            right = bool(mine) and with_changes(text, mine) in accepted(text, fix, fixes)
            score.mistakes += 1
            score.flagged += bool(mine)
            score.right += right
            if not right and which == "dev":
                score.missed.append(f"{text} | {fix['wrong']} | {with_changes(text, mine) if mine else ''}")
        score.unasked += len(set(changes) - asked)
    return score


def accepted(text: str, fix: dict, fixes: list[dict]) -> set[str]:
    """The sentences in which a mistake is mended, a neighbouring one mended too or not."""
    found = {text.replace(fix["wrong"], right, 1) for right in fix["right"]}
    for other in fixes:
        if other is not fix:
            found |= {one.replace(other["wrong"], right, 1) for one in found for right in other["right"]}
    return found


def loses(text: str, after: str, lang: str) -> bool:
    """Whether the guard of every correction says that something of the content is gone."""
    sheet = Sheet(passage(text), lang)
    return bool(faults(sheet.view, sheet.look(after), lang))


def cpu_seconds() -> float:
    """Of this process and the programs that it has called."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


# -- clean text --------------------------------------------------------------------------------------------------------


def own_prose(lang: str) -> Iterator[str]:
    """The paragraphs of this project's diary and of its studies' cards."""
    root = HERE.parent
    card = "README.md" if lang == "en" else "README.es.md"
    files = [*sorted((root / "diary").rglob(f"{lang}.md")), *sorted((root / "src/cuaderno/studies").glob(f"*/{card}"))]
    for file in files:
        for one in read_passages(file.read_text(encoding="utf-8")):
            if one.kind == "paragraph":
                yield " ".join(one.text.split())


def collections(lang: str) -> Iterator[tuple[str, list[str]]]:
    """Clean text by others, where CUADERNO_DATA has it."""
    if not os.environ.get("CUADERNO_DATA"):
        return
    root = Path(os.environ["CUADERNO_DATA"])
    if (file := root / "languages" / f"{lang}.txt").exists():
        yield "Tatoeba", file.read_text(encoding="utf-8").splitlines()
    if lang == "en" and (file := root / "finetune" / "instruct_en_alpaca.jsonl").exists():
        answers = [json.loads(line)["output"] for line in file.read_text(encoding="utf-8").splitlines()]
        prose = [one for answer in answers for one in answer.split("\n") if re.fullmatch(r"[A-Z][^{}<>=`|]+[.!?]", one)]
        yield "answers to instructions", prose


def alarms(program: Program, lang: str, paragraphs: list[str]) -> tuple[int, int, int, float]:
    """Paragraphs, words and suggestions of some clean text, and the CPU seconds."""
    started = cpu_seconds()
    found = sum(len(program(paragraph, lang)) for paragraph in paragraphs)
    return len(paragraphs), sum(len(paragraph.split()) for paragraph in paragraphs), found, cpu_seconds() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="\n".join(__doc__.splitlines()[4:]))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--sets", default="dev,test", help="which of the two sets (default: dev,test)")
    parser.add_argument("--clean", type=int, default=2000, help="sentences of each collection of clean text")
    parser.add_argument("--missed", action="store_true", help="print what ours missed or got wrong in the first set")
    arguments = parser.parse_args()
    started = cpu_seconds()
    programs = {OURS: ours()}
    for lang in LANGUAGES:
        programs[OURS]("A few words.", lang)
    loading = cpu_seconds() - started
    programs |= {name: one for name, one in ((HARPER, harper()), (HUNSPELL, hunspell())) if one}
    scores = []
    for which in arguments.sets.split(","):
        sentences = tomllib.loads((HERE / "data" / f"proofread-{which}.toml").read_text(encoding="utf-8"))["sentence"]
        for name, program in programs.items():
            for lang in LANGUAGES:
                if name != HARPER or lang == "en":
                    some = [sentence for sentence in sentences if sentence["lang"] == lang]
                    scores.append(judge(program, name, which, lang, some))
                    print(summary(scores[-1]), flush=True)
    clean = []
    for lang in LANGUAGES:
        for name, paragraphs in [("this project's diary and cards", list(own_prose(lang))), *collections(lang)]:
            clean.append((lang, name, *alarms(programs[OURS], lang, paragraphs[: arguments.clean])))
    for score in scores if arguments.missed else ():
        print(*(score.missed if score.program == OURS else ()), sep="\n")
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    page = report(scores, clean, loading, arguments)
    (results / "proofread.md").write_text(page, encoding="utf-8")
    rows = [{name: value for name, value in asdict(score).items() if name != "missed"} for score in scores]
    found = {"loading_seconds": loading, "scores": rows, "clean": clean}
    (results / "proofread.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(page)


def summary(score: Score) -> str:
    shares = (
        f"flagged {score.flagged}/{score.mistakes}, right first {score.right}, touched {score.touched}/{score.clean}"
    )
    return f"{score.program} {score.set} {score.lang}: {shares}, unasked {score.unasked}, lost {score.lost}"


def share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    metric = wilson(part, whole)
    return f"{metric.value:.0%} ({metric.low:.0%}–{metric.high:.0%})".replace("%", " %")


def report(scores: list[Score], clean: list[tuple], loading: float, arguments: argparse.Namespace) -> str:
    """The page of the tables."""
    lines = [
        "# Correction offline: beside harper-py and hunspell alone",
        "",
        f"`python bench/proofread.py --sets {arguments.sets} --clean {arguments.clean}` on {processor()}.",
        "Shares with 95 % intervals (Wilson). Lost: sentences that would lose content if everything were accepted.",
        "The rules were written with dev beside them. Of test only these sums were looked at, never a sentence: "
        f"before more rules were written, {LOOKS} time(s) in the latest round.",
        "",
        "| set | program | language | mistakes | flagged | right first | clean | touched | unasked | lost | CPU s |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for which in dict.fromkeys(score.set for score in scores):
        for name in dict.fromkeys(score.program for score in scores):
            rows = [score for score in scores if (score.set, score.program) == (which, name)]
            for score in [*rows, rows[0] + rows[1]] if len(rows) == 2 else rows:
                lines.append(
                    f"| {which} | {name} | {score.lang} | {score.mistakes} | {share(score.flagged, score.mistakes)} "
                    f"| {share(score.right, score.mistakes)} | {score.clean} | {share(score.touched, score.clean)} "
                    f"| {score.unasked} | {score.lost if name == OURS else '–'} | {score.seconds:.1f} |"
                )
    lines += [
        "",
        f"Loading both languages took ours {loading:.1f} CPU s more.",
        "",
        "Suggestions of ours in text that is taken to be clean (it is not quite: some of them are right):",
        "",
        "| language | text | paragraphs or sentences | words | suggestions | per 1,000 words | CPU s per 1,000 words |",
        "|---|---|---|---|---|---|---|",
    ]
    for lang, name, count, words, found, seconds in clean:
        per = 1000 / max(1, words)
        lines.append(f"| {lang} | {name} | {count:,} | {words:,} | {found} | {found * per:.1f} | {seconds * per:.1f} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
