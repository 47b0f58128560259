"""The command `cuaderno`: thin verbs over the lab, the studies, the diary and the site."""

import argparse
import inspect
import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import cuaderno
from cuaderno import studies
from cuaderno.lab import parallel, records
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.run import Interrupted, Run, repeat_command

DESCRIPTION = (
    "Train it on your own PC, write it down in two languages, publish the page with the model running inside it."
)
EXAMPLES = {
    "new my-diary": "start a diary that builds at once",
    "train STUDY --preset quick": "train a study; Ctrl-C stops cleanly",
    "runs": "what was trained, and how well it went",
    "keep STUDY-2026": "promote a run into the diary's records",
    "predict STUDY INPUT": "ask the newest kept run",
    "chat": "talk with one that has read a text",
    "serve": "write and read the diary at once",
}
A_RUN = "a run's id, the beginning of one, its folder, or a study for its newest"
LAYOUT: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
CHAT_OPTIONS: dict[str, tuple[type, str]] = {  # what a study's chat.open may take
    "you": (str, "who you are, for a model that has read a dialogue"),
    "they": (str, "who answers"),
    "temperature": (float, "0 always takes the likeliest, 1 draws as the model expects"),
    "top_k": (int, "draw among the N likeliest tokens only; 0 for all"),
    "top_p": (float, "draw among the likeliest tokens that reach this probability together; 1 for all"),
    "min_p": (float, "leave out tokens that are less likely than this share of the likeliest"),
    "repetition_penalty": (float, "above 1 it repeats itself less"),
    "max_tokens": (int, "the longest answer; 0 for one that ends by itself"),
    "seed": (int, "the same seed gives the same answers"),
}
JOURNEY_EXAMPLE = '[[objective]] with id = "…", title = { en = "…", es = "…" }, study = "…", evidence = "…".'
EXAMPLE = next(iter(studies.names()), "NAME")  # the study that stands in for any in the help


# -- where things are -------------------------------------------------------------------------------------------------


def find_diary() -> Path | None:
    """The diary we are in: the nearest folder upwards with a cuaderno.toml, or with one in its `diary/`."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        for candidate in (folder, folder / "diary"):
            if (candidate / "cuaderno.toml").is_file():
                return candidate
    return None


def the_diary(arguments: argparse.Namespace) -> Path:
    folder = Path(arguments.diary) if arguments.diary else find_diary()
    if folder is None or not (folder / "cuaderno.toml").is_file():
        where = f"There is no diary in {folder}" if folder else "There is no diary in this folder or above it"
        raise CuadernoError(f"{where} (no cuaderno.toml). Start one with `cuaderno new DIR`, or name one: --diary DIR.")
    return folder


def runs_folder() -> Path:
    """Scratch runs lie beside the diary, or in the current folder when there is none."""
    diary = find_diary()
    if diary is None:
        return Path("runs")
    return (diary.parent if diary.name == "diary" else diary) / "runs"


def all_folders(arguments: argparse.Namespace) -> list[Path]:
    diary = Path(arguments.diary) if getattr(arguments, "diary", None) else find_diary()
    return [runs_folder(), *([diary / "records"] if diary else [])]


# -- diaries and studies ----------------------------------------------------------------------------------------------


def new(arguments: argparse.Namespace) -> None:
    from cuaderno.scaffold import new_diary

    folder = new_diary(Path(arguments.folder))
    print(f"A new diary is in {folder}. Read and write at once:\n\n  cd {folder}\n  cuaderno serve")


def new_study(arguments: argparse.Namespace) -> None:
    from cuaderno.scaffold import new_study

    folder = new_study(arguments.name)
    print(f"A new study is in {folder}. It trains already:\n\n  cuaderno train {arguments.name} --preset tiny")


def list_studies(arguments: argparse.Namespace) -> None:
    rows = [(name, studies.describe(name)) for name in studies.names()]
    if arguments.json:
        print(json.dumps([{"name": name, "description": text} for name, text in rows], ensure_ascii=False))
    else:
        print_table(("study", "what it is"), rows)


# -- training ---------------------------------------------------------------------------------------------------------


def train(arguments: argparse.Namespace) -> None:
    from cuaderno.lab.device import calm_threads

    calm_threads()
    kind, presets = studies.config(arguments.study)
    if arguments.resume:
        run = resumable(arguments, arguments.options)
    else:
        if arguments.preset not in presets:
            raise CuadernoError(
                f"'{arguments.study}' has no preset '{arguments.preset}'.{nearest(arguments.preset, presets)}"
            )
        config = parse_config(arguments, kind, presets)
        studies.load(arguments.study, "train")  # what cannot be imported must not leave a run behind
        parallel.start()
        command = repeat_command(["train", arguments.study, *repeatable(arguments)])
        run = Run.create(arguments.study, config, Path(arguments.runs or runs_folder()), command)
    part = studies.load(arguments.study, "train")
    tell(f"run {run.id} in {run.folder}")
    with nullcontext() if arguments.resume else nothing_left_behind(run):
        part.train(run.config(part.Config), run)
    parallel.stop()
    if parallel.is_main():
        finish(run, arguments)


@contextmanager
def nothing_left_behind(run: Run) -> Iterator[None]:
    """A new run that fails before there is anything in it is taken away again."""
    try:
        yield
    except BaseException:
        if parallel.is_main() and not any((run.folder / "checkpoint").glob("*")) and not run.history():
            shutil.rmtree(run.folder, ignore_errors=True)
        raise


def parse_config(arguments: argparse.Namespace, kind: type, presets: dict):
    import tyro

    prog = f"cuaderno train {arguments.study}"
    text = (
        f"{studies.describe(arguments.study)}\n\n"
        f"Presets (--preset NAME): {', '.join(presets)}. Every setting below can be changed besides.\n"
        "Also: --resume RUN, --runs DIR, --keep, --no-evaluate (see `cuaderno train --help`)."
    )
    return tyro.cli(kind, args=arguments.options, default=presets[arguments.preset], prog=prog, description=text)


def repeatable(arguments: argparse.Namespace) -> list[str]:
    preset = [] if arguments.preset == "default" else ["--preset", arguments.preset]
    return [*preset, *arguments.options]


def resumable(arguments: argparse.Namespace, options: list[str]) -> Run:
    named = [Path(arguments.runs)] if arguments.runs else []
    run = records.find(arguments.resume, *named, *all_folders(arguments), damaged=tell)
    if options:
        raise CuadernoError(
            f"A resumed run keeps its settings, so {options[0]} cannot be changed. Train a new run instead."
        )
    if run.study != arguments.study:
        raise CuadernoError(f"{run.id} is a run of '{run.study}': cuaderno train {run.study} --resume {run.id}")
    if run.status in ("trained", "finished") and run.has_weights:
        raise CuadernoError(
            f"{run.id} is {run.status}: there is nothing left to train. Try: cuaderno evaluate {run.id}"
        )
    if run.status == "running":
        raise CuadernoError(
            f"{run.id} is being trained by process {run.data['process']['id']} now. Stop that one first."
        )
    parallel.start()
    run.resumed()
    return run


def finish(run: Run, arguments: argparse.Namespace) -> None:
    if arguments.no_evaluate:
        tell(f"Trained. Next: cuaderno evaluate {run.id}")
        return
    evaluate_run(run)
    export_run(run)
    if arguments.keep:
        tell(f"kept as {records.keep(run, the_diary(arguments) / 'records').folder}")
    else:
        tell(f"Keep it in the diary with: cuaderno keep {run.id}")


def evaluate(arguments: argparse.Namespace) -> None:
    run = records.find(arguments.run, *all_folders(arguments), damaged=tell)
    if run.folder.parent.name == "records":
        raise CuadernoError(f"{run.id} is kept: its results stay as they are. Evaluate a run under {runs_folder()}.")
    evaluate_run(run)


def evaluate_run(run: Run) -> None:
    tell("evaluating on held-out data …")
    run.finish(studies.load(run.study, "evaluate").evaluate(run))
    print_table(("metric", "value", "95 % interval", "n"), [metric_row(*item) for item in run.metrics.items()])


def metric_row(name: str, metric) -> tuple[str, ...]:
    interval = "" if metric.low is None else f"{metric.low:.4g} – {metric.high:.4g}"
    return name, f"{metric.value:.4g}", interval, str(metric.n)


def predict(arguments: argparse.Namespace) -> int:
    from cuaderno.chat.conversation import printable
    from cuaderno.chat.terminal import print_json
    from cuaderno.lab.device import calm_threads

    calm_threads()
    must_be_study(arguments)
    if arguments.help:
        return predict_help(arguments.study)
    if arguments.run:
        run = records.find(arguments.run, *all_folders(arguments), damaged=tell)
    else:
        run = records.newest(arguments.study, the_diary(arguments) / "records")
    if run.study != arguments.study:
        raise CuadernoError(f"{run.id} is a run of '{run.study}', not of '{arguments.study}'.")
    part = studies.load(arguments.study, "predict")
    options = parse_predict(arguments, part)
    failed = 0
    for answer in part.predict(run, arguments.inputs, *options):
        failed += "error" in answer
        if arguments.json:
            print_json(answer)
        elif "error" in answer:
            tell(printable(f"{answer['input']}: {answer['error']}"))
        else:
            print(printable(part.show(answer) if hasattr(part, "show") else show(answer)), flush=True)
    return 1 if failed else 0


def must_be_study(arguments: argparse.Namespace) -> None:
    """Tell a run in the place of a study from a misspelt name.

    Raises:  CuadernoError when there is no such study.
    """
    given, run = arguments.study, None
    if given not in studies.names() and ("-" in given or (Path(given) / "run.json").is_file()):
        with suppress(CuadernoError):
            run = records.find(given, *all_folders(arguments), damaged=tell)
    if run:
        inputs = list(dict.fromkeys(arguments.inputs))
        words = shlex.join(["cuaderno", "predict", run.study, *inputs, "--run", given])
        raise CuadernoError(f"'{given}' is a run, not a study. Did you mean: {words}")
    studies.folder(given)


def predict_help(study: str) -> int:
    """What a study takes as INPUT, and its own options."""
    part = studies.load(study, "predict")
    prog = f"cuaderno predict {study} INPUT"
    text = f"{what_it_takes(study)}\n\nAlso: --run RUN, --json, --diary DIR (see `cuaderno predict --help`)."
    if hasattr(part, "Options"):
        import tyro

        tyro.cli(part.Options, args=["--help"], prog=prog, description=text)
    print(f"usage: {prog} [INPUT ...]\n\n{text}\n\nThe study has no options of its own.")
    return 0


def what_it_takes(study: str) -> str:
    """The first line of a study's predict.py, read without importing it."""
    path = studies.folder(study) / "predict.py"
    return path.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip('"') if path.is_file() else ""


def parse_predict(arguments: argparse.Namespace, part) -> tuple:
    """The settings of a study's own Options, where it has some."""
    if not hasattr(part, "Options"):
        if arguments.options:
            raise CuadernoError(f"`cuaderno predict {arguments.study}` has no option {arguments.options[0]}.")
        return ()
    import tyro

    return (tyro.cli(part.Options, args=arguments.options, prog=f"cuaderno predict {arguments.study} INPUT"),)


def show(answer: dict) -> str:
    return "  ".join(f"{value}" if name == "input" else f"{name} {value}" for name, value in answer.items())


def chat(arguments: argparse.Namespace) -> int:
    from cuaderno.chat.terminal import talk
    from cuaderno.chat.words import language
    from cuaderno.lab.device import calm_threads

    calm_threads()
    run = talker(arguments)
    given = {name: getattr(arguments, name) for name in CHAT_OPTIONS if getattr(arguments, name) is not None}
    part = studies.load(run.study, "chat")
    known = inspect.signature(part.open).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    if strangers := [option(name) for name in given if name not in known and not takes_all]:
        raise CuadernoError(f"A run of '{run.study}' knows nothing of {strangers[0]}. Leave it out.")
    return talk(part.open(run, **given), arguments.lang or language(), arguments.message, arguments.json)


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def talker(arguments: argparse.Namespace) -> Run:
    """The run to talk with: the named one, or the newest kept one whose study can."""
    able = [name for name in studies.names() if (studies.folder(name) / "chat.py").is_file()]
    if arguments.run:
        run = records.find(arguments.run, *all_folders(arguments), damaged=tell)
        if run.study not in able:
            others = f" These can: {', '.join(able)}." if able else ""
            raise CuadernoError(f"{run.id} cannot be talked with: its study '{run.study}' has no chat.py.{others}")
        return run
    kept = records.runs_in(the_diary(arguments) / "records", damaged=tell)
    runs = [run for run in kept if run.study in able]
    if not runs:
        train = able[0] if able else "NAME"
        raise CuadernoError(
            "No kept run here can be talked with. Train one and keep it: "
            f"`cuaderno train {train}`, then `cuaderno keep RUN`; or name a run with --run."
        )
    return runs[0]


def export(arguments: argparse.Namespace) -> None:
    run = records.find(arguments.run, *all_folders(arguments), damaged=tell)
    folder = run.folder / "export"
    is_whole = (folder / "model.json").is_file() and (folder / "parity.json").is_file()
    alone = not (arguments.onnx or arguments.huggingface or arguments.output)
    if run.folder.parent.name == "records":
        tell(f"{run.id} is kept: its export in {folder} stays as it is")
    elif alone or not is_whole:
        export_run(run)
    else:
        tell(f"the export in {folder} stays as it is; `cuaderno export {run.id}` alone writes it again")
    if arguments.onnx:
        extra(run, "export", "export_onnx")(run, Path(arguments.onnx))
        tell(f"ONNX in {arguments.onnx}: it answers as torch does")
    if arguments.huggingface:
        extra(run, "huggingface", "export")(run, Path(arguments.huggingface))
        tell(f"Hugging Face format in {arguments.huggingface}: AutoModelForCausalLM.from_pretrained opens it")
    if arguments.output:
        from cuaderno.scaffold import standalone_page

        page = standalone_page(studies.folder(run.study) / "web", folder, Path(arguments.output))
        print(f"{page} runs the model by itself. Look at it with: python -m http.server -d {page.parent}")


def extra(run: Run, part: str, name: str) -> Callable:
    """What only some studies offer.

    Raises:  CuadernoError when this run's does not.
    """
    if (studies.folder(run.study) / f"{part}.py").is_file():
        found = getattr(studies.load(run.study, part), name, None)
        if found:
            return found
    raise CuadernoError(f"The study '{run.study}' cannot write this format.")


def export_run(run: Run) -> None:
    from cuaderno.lab.export import check_parity

    folder = run.folder / "export"
    folder.mkdir(exist_ok=True)
    studies.load(run.study, "export").export(run, folder)
    cases = check_parity(studies.folder(run.study) / "web", folder)
    size = sum(path.stat().st_size for path in folder.iterdir())
    proof = "not compared with Python (no Node.js here)" if cases is None else f"{cases} answers equal Python's"
    tell(f"exported to {folder}: {size / 1024:.0f} KB, {proof}")


# -- runs -------------------------------------------------------------------------------------------------------------


def keep(arguments: argparse.Namespace) -> None:
    run = records.find(arguments.run, *all_folders(arguments), damaged=tell)
    print(f"kept as {records.keep(run, the_diary(arguments) / 'records').folder}")


def runs(arguments: argparse.Namespace) -> None:
    folders = all_folders(arguments)
    if arguments.compare:
        found = [records.find(reference, *folders, damaged=tell) for reference in arguments.compare]
    else:
        found = records.runs_in(*(folders[1:] if arguments.kept else folders), damaged=tell)
    if arguments.study:
        studies.folder(arguments.study)
        found = [run for run in found if run.study == arguments.study]
    anything = bool(found)
    found = records.select(found, arguments.where or [])
    if arguments.sort:
        found = records.sort(found, arguments.sort)
    if arguments.json:
        print(records.as_json(found))
    elif len(arguments.compare) > 1:
        compare(found)
    elif not found and anything:
        print("No run passes these tests.")
    elif not found:
        print(f"No runs here yet. Train one: cuaderno train {EXAMPLE} --preset tiny")
    else:
        columns = ("run", "status", "steps", "CPU s", "first result")
        print_table(columns, [run_row(run) for run in found])


def run_row(run: Run) -> tuple[str, ...]:
    name, metric = next(iter(run.metrics.items()), (None, None))
    result = f"{name} {metric.value:.4g}" if metric else ""
    return run.id, run.status, f"{run.data['steps']:,}", f"{run.data['cpu_seconds']:.0f}", result


def compare(found: list[Run]) -> None:
    header = ("", *(run.id for run in found))
    differences = records.config_differences(found)
    print_table(
        header, [(name, *(str(value) for value in row)) for name, row in differences.items()], "settings that differ"
    )
    names = list(dict.fromkeys(name for run in found for name in run.metrics))
    rows = [
        (name, *(metric_row(name, run.metrics[name])[1] if name in run.metrics else "–" for run in found))
        for name in names
    ]
    costs = ("cpu_seconds", "wall_seconds", "steps")
    rows += [(name, *(f"{run.data[name]:,.0f}" for run in found)) for name in costs]
    print_table(header, rows, "results")


# -- the writing desk -------------------------------------------------------------------------------------------------


def translate(arguments: argparse.Namespace) -> None:
    from cuaderno.diary import desk
    from cuaderno.diary.dates import parse_date

    try:
        today = parse_date(arguments.on).date() if arguments.on else date.today()
    except ValueError:
        raise CuadernoError(f"'{arguments.on}' is not a day. Write 2026-11-21.") from None
    folder = the_diary(arguments)
    if not arguments.post:
        wrong = [word for word in ("edit", "next", "remember", "dismiss") if getattr(arguments, word)]
        if wrong:
            raise CuadernoError(f"--{wrong[0]} needs a post: cuaderno translate POST --{wrong[0]}")
    if arguments.remember:
        tell(desk.remember(folder, arguments.post, today))
    for number in arguments.dismiss or ():
        tell(desk.dismiss(folder, arguments.post, number, today))
    if arguments.review and not arguments.json:
        lines = desk.review(folder, arguments.post, today)
    elif arguments.edit or arguments.next:
        lines = desk.edit(folder, arguments.post, today, first_only=arguments.next)
    else:
        lines = []
    for line in lines:
        tell(line)
    if arguments.review and not arguments.json:
        return
    if arguments.json:
        print(json.dumps(desk.as_json(folder, arguments.post, today, arguments.review), ensure_ascii=False))
    elif arguments.post:
        show_translation(*desk.status(folder, arguments.post, today))
    else:
        print_table(("post", "from", "done", "missing", "stale", "faults", "due"), desk.overview(folder, today))


def show_translation(title: str, rows: Sequence[Sequence[str]], advice: str) -> None:
    print_table(("", "state", "begins", "mind"), rows, title)
    print(f"\n{advice}")


# -- the site ---------------------------------------------------------------------------------------------------------


def build(arguments: argparse.Namespace) -> None:
    from cuaderno.site.build import build

    output = Path(arguments.output) if arguments.output else None
    result = build(the_diary(arguments), output, drafts=arguments.drafts)
    print(f"{result.pages} pages in {result.output} ({result.seconds:.1f} s)")


def serve(arguments: argparse.Namespace) -> None:
    from cuaderno.site.serve import serve

    serve(the_diary(arguments), arguments.port, arguments.host, drafts=arguments.drafts, open_browser=arguments.open)


def check(arguments: argparse.Namespace) -> None:
    from cuaderno.lab.export import check_parity
    from cuaderno.site.check import check

    diary = the_diary(arguments)
    print(check(diary, tell))
    for run in records.kept(diary / "records"):
        if run.study in studies.names():
            cases = check_parity(studies.folder(run.study) / "web", run.folder / "export")
            print(
                f"{run.id}: "
                + ("no Node.js, not compared" if cases is None else f"{cases} browser answers equal Python's")
            )


def journey(arguments: argparse.Namespace) -> None:
    from cuaderno.diary.progress import as_dict
    from cuaderno.site.edition import Edition

    folder = the_diary(arguments)
    edition = Edition(folder, {})
    if edition.progress is None:
        raise CuadernoError(
            f"{folder / 'journey.toml'} says nothing yet. Write down there what you want to learn: {JOURNEY_EXAMPLE}"
        )
    faults = [*edition.progress.journey.problems, *edition.progress.faults]
    if faults:
        raise CuadernoError("\n".join(dict.fromkeys(str(fault) for fault in faults)))
    lang = arguments.lang or edition.settings.default
    if lang not in edition.languages:
        raise CuadernoError(f"'{lang}' is not a language of this diary.{nearest(lang, edition.languages)}")
    found = as_dict(edition.progress, lang)
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        show_journey(found)


def show_journey(found: dict) -> None:
    rows = [
        (one["id"], "".join("■" if done else "□" for done in one["marks"].values()), one["state"],
         ", ".join(one["missing"]), one["run"] or "")
        for one in found["objectives"]
    ]  # fmt: skip
    print_table(("objective", "marks", "state", "missing", "reached by"), rows)
    if found["bets"]:
        print()
        rows = [
            (one["id"], one["verdict"], one["made"][:10], one["condition"], one["run"] or "") for one in found["bets"]
        ]
        print_table(("bet", "verdict", "made", "won if", "settled by"), rows)
    print(f"\nmovements this month: {len(found['moved_this_month'])}")
    if still := [one["id"] for one in found["standing_still"]]:
        print(f"no movement for 30 days: {', '.join(still)}")


# -- the shell --------------------------------------------------------------------------------------------------------


class Parser(argparse.ArgumentParser):
    """argparse that names the nearest command or option when one is misspelt."""

    def error(self, message: str) -> NoReturn:
        for word in message.replace("'", " ").split():
            known = [key for action in self._actions for key in (action.choices or action.option_strings or [])]
            close = get_close_matches(word, [str(key) for key in known], n=1, cutoff=0.6)
            if "invalid choice" in message and close and close[0] != word:
                self.exit(2, f"There is no command '{word}'. Did you mean '{close[0]}'? See `{self.prog} --help`.\n")
        self.exit(2, f"{self.prog}: {message}. See `{self.prog} --help`.\n")


class Verbs:
    """The commands of a parser, added one by one with the same looks."""

    def __init__(self, top: Parser):
        self.commands = top.add_subparsers(metavar="COMMAND", parser_class=Parser, required=True)

    def add(self, name: str, action: Callable, summary: str, *examples: str, in_diary: bool = True) -> Parser:
        epilog = "examples:\n" + "\n".join(f"  cuaderno {name} {example}" for example in examples)
        verb = self.commands.add_parser(
            name, help=summary, description=summary, epilog=epilog.replace("STUDY", EXAMPLE), **LAYOUT
        )
        verb.set_defaults(action=action, diary=None)
        if in_diary:
            verb.add_argument("--diary", metavar="DIR", help="the diary's folder (default: the one you are in)")
        return verb


def examples() -> str:
    commands = {f"cuaderno {command}".replace("STUDY", EXAMPLE): what for command, what in EXAMPLES.items()}
    width = max(map(len, commands))
    lines = "\n".join(f"  {command:{width}}  {what}" for command, what in commands.items())
    return f"examples:\n{lines}\n\n`cuaderno COMMAND --help` shows the options of one command."


def parser() -> Parser:
    top = Parser(prog="cuaderno", description=DESCRIPTION, epilog=examples(), **LAYOUT)
    top.add_argument("--version", action="version", version=f"cuaderno {cuaderno.__version__}")
    top.add_argument("--debug", action="store_true", help="show the traceback behind an error")
    verbs = Verbs(top)
    add_beginnings(verbs)
    add_training(verbs)
    add_answers(verbs)
    add_runs(verbs)
    add_writing(verbs)
    add_site(verbs)
    return top


def add_beginnings(verbs: Verbs) -> None:
    verb = verbs.add("new", new, "Start a diary that builds at once.", "my-diary", in_diary=False)
    verb.add_argument("folder", metavar="DIR")

    summary = "Write a new study that already trains and passes every test."
    verb = verbs.add("new-study", new_study, summary, "pendulum", in_diary=False)
    verb.add_argument("name", metavar="NAME", help="one lower-case word")

    verb = verbs.add("list", list_studies, "Show the studies there are.", "", "--json", in_diary=False)
    verb.add_argument("--json", action="store_true", help="print JSON")


def add_training(verbs: Verbs) -> None:
    verb = verbs.add(
        "train",
        train,
        "Train a study, evaluate it on held-out data and export it for the browser.",
        "STUDY --preset tiny",
        "STUDY --learning-rate 2e-3 --seed 1",
        "STUDY --resume STUDY-20261121-153012-ab12cd",
        "STUDY --help                  # all settings of the study",
    )
    verb.add_argument("study", metavar="STUDY", help="`cuaderno list` shows them")
    verb.add_argument("--preset", default="default", metavar="NAME", help="a named set of settings, such as tiny")
    verb.add_argument("--resume", metavar="RUN", help="go on with a stopped run, bit by bit as if it had not stopped")
    verb.add_argument("--runs", metavar="DIR", help="where the run's folder goes (default: runs/ beside the diary)")
    verb.add_argument("--keep", action="store_true", help="keep the finished run in the diary's records")
    verb.add_argument("--no-evaluate", action="store_true", help="stop after training")

    verb = verbs.add(
        "evaluate", evaluate, "Measure a trained run on held-out data again.", "STUDY", "STUDY-20261121-15"
    )
    verb.add_argument("run", metavar="RUN", help=A_RUN)


def add_answers(verbs: Verbs) -> None:
    examples = ("STUDY INPUT", "STUDY INPUT INPUT --json", "STUDY INPUT --run STUDY-20261121-15")
    verb = verbs.add("predict", predict, "Ask a trained model.", *examples)
    verb.add_argument("study", metavar="STUDY", help="`cuaderno list` shows them")
    verb.add_argument("inputs", nargs="+", metavar="INPUT", help="what the study takes; any number of them")
    takes = "\n".join(f"  {name:12}{what_it_takes(name)}" for name in studies.names() if what_it_takes(name))
    verb.epilog = (
        f"{verb.epilog}\n\nwhat each study takes (`cuaderno predict STUDY --help` shows its options):\n{takes}"
    )
    verb.add_argument("--run", metavar="RUN", help="which run answers (default: the study's newest kept run)")
    verb.add_argument("--json", action="store_true", help="print one JSON object a line")

    examples = ("", "--run RUN --lang es", "--run RUN --message 'Who are you?' --temperature 0.5")
    verb = verbs.add("chat", chat, "Talk with a trained model: in the terminal, or one question a line.", *examples)
    verb.add_argument("--run", metavar="RUN", help=f"{A_RUN} (default: the newest kept run that can talk)")
    verb.add_argument("--lang", choices=("en", "es"), help="the language of the terminal (default: your locale's)")
    verb.add_argument("--message", metavar="TEXT", help="ask this one question and end")
    verb.add_argument("--json", action="store_true", help="print one JSON object per answer")
    how = verb.add_argument_group("how it answers (what is left out, the model's study decides)")
    for name, (kind, text) in CHAT_OPTIONS.items():
        letter = "TEXT" if kind is str else "N" if kind is int else "X"
        how.add_argument(option(name), type=kind, metavar=letter, help=text)

    verb = verbs.add("export", export, "Write a run's files for the browser.", "STUDY", "STUDY -o page")
    verb.add_argument("run", metavar="RUN", help=A_RUN)
    verb.add_argument("-o", "--output", metavar="DIR", help="also write a page that runs the model without a site")
    verb.add_argument("--onnx", metavar="FILE", help="also write the network as ONNX, where the study can")
    verb.add_argument("--huggingface", metavar="DIR", help="also write a save_pretrained folder, where the study can")


def add_runs(verbs: Verbs) -> None:
    verb = verbs.add("keep", keep, "Promote a finished run into the diary's records.", "STUDY", "STUDY-20261121-15")
    verb.add_argument("run", metavar="RUN", help=A_RUN)

    verb = verbs.add(
        "runs",
        runs,
        "List runs, or compare them side by side.",
        "",
        "--study STUDY --where 'seed<3' --sort cpu_seconds",
        "STUDY-20261121-15 STUDY-20261121-16     # compare two",
        "--json",
    )
    verb.add_argument("compare", nargs="*", metavar="RUN", help="only these; two or more are compared side by side")
    verb.add_argument("--study", metavar="STUDY", help="only runs of this study")
    verb.add_argument("--kept", action="store_true", help="only kept runs")
    verb.add_argument("--where", action="append", metavar="TEST", help="a test such as 'seed=1' or 'cpu_seconds<100'")
    verb.add_argument("--sort", metavar="NAME", help="by a setting, metric or field; --sort=-NAME: the largest first")
    verb.add_argument("--json", action="store_true", help="print the whole runs as JSON")


def add_writing(verbs: Verbs) -> None:
    verb = verbs.add(
        "translate",
        translate,
        "Translate a post by hand: what is done, missing or stale, and an editor to write it in.",
        "                              # every post",
        "my-first-post                 # paragraph by paragraph",
        "my-first-post --edit",
        "my-first-post --dismiss 3     # the source changed, the translation need not",
        "--review                      # look again at what you translated some days ago",
    )
    verb.add_argument("post", nargs="?", metavar="POST", help="its folder's name or its file (default: every post)")
    verb.add_argument("--edit", action="store_true", help="open $VISUAL or $EDITOR with all that is missing or stale")
    verb.add_argument("--next", action="store_true", help="the same with the next paragraph only")
    verb.add_argument("--review", action="store_true", help="open what is due for another look, after 1, 3, 7, … days")
    verb.add_argument("--dismiss", type=int, action="append", metavar="N", help="accept paragraph N as it stands")
    verb.add_argument(
        "--remember", action="store_true", help="declare the whole translation as made from the present source"
    )
    verb.add_argument("--on", metavar="DATE", help="the day to count from (default: today)")
    verb.add_argument("--json", action="store_true", help="print JSON")


def add_site(verbs: Verbs) -> None:
    verb = verbs.add("build", build, "Print the diary as a static site.", "", "-o public --drafts")
    verb.add_argument("-o", "--output", metavar="DIR", help="where the site goes (default: _site in the diary)")
    verb.add_argument("--drafts", action="store_true", help="also print drafts")

    verb = verbs.add("serve", serve, "Show the diary, and again at every change.", "", "--port 8000 --open")
    verb.add_argument("--port", type=int, metavar="N", help="default: the first free one from 8000")
    verb.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, which only this machine can reach")
    verb.add_argument("--no-drafts", dest="drafts", action="store_false", help="leave drafts out")
    verb.add_argument("--open", action="store_true", help="open the browser")

    verb = verbs.add(
        "journey", journey, "Show how far the objectives have come and what became of the bets.", "", "--json"
    )
    verb.add_argument("--lang", metavar="LANG", help="the language of the titles in JSON (default: the diary's)")
    verb.add_argument("--json", action="store_true", help="print JSON")

    verbs.add(
        "check",
        check,
        "Check that the diary builds, its links lead somewhere, its bets are fair and its models agree.",
        "",
    )


def main(arguments: list[str] | None = None) -> None:
    """Run one command; the exit code is 0, 1 for an error, 2 for a misused command, 130 for Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    with errors_in_words(debug):
        parsed = parse(words)
        sys.exit(parsed.action(parsed) or 0)


def parse(words: list[str]) -> argparse.Namespace:
    """Our own options by argparse; what `train` and `predict` have besides belongs to the study."""
    top = parser()
    named = [word for word in words[1:] if not word.startswith("-")]
    help_asked = {"--help", "-h"} & set(words)
    if words[:1] == ["predict"] and (named or not help_asked):
        ours = [word for word in words if word not in help_asked]
        missing = ["INPUT", "INPUT"] if help_asked else []  # help needs none, and perhaps no study either
        parsed, options = top.parse_known_args([*ours, *missing])
        if help_asked and parsed.study == "INPUT":
            top.parse_args(["predict", "--help"])
        parsed.options, parsed.help = options, bool(help_asked)
        return parsed
    if words[:1] == ["train"] and named:
        parsed, options = top.parse_known_args([word for word in words if word not in help_asked])
        parsed.options = [*options, *help_asked]
        return parsed
    parsed = top.parse_args(words or ["--help"])
    parsed.options = []
    return parsed


@contextmanager
def errors_in_words(debug: bool) -> Iterator[None]:
    try:
        yield
    except CuadernoError as error:
        if debug:
            raise
        tell(str(error))
        sys.exit(130 if isinstance(error, Interrupted) else 1)
    except KeyboardInterrupt:
        if debug:
            raise
        tell("\nStopped. What was saved before is intact.")
        sys.exit(130)
    except BrokenPipeError:  # the reader of a pipe went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes
        sys.exit(1)


def tell(text: str) -> None:
    """For the person; standard output is for results."""
    if parallel.is_main():
        print(text, file=sys.stderr, flush=True)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*header, box=None, title=title, title_justify="left", header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    console = Console() if sys.stdout.isatty() else Console(width=240)
    console.print(table)
