"""Ask a trained model, talk with one, take one along."""

import argparse
import inspect
import shlex
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cuaderno import studies
from cuaderno.chat import ChatModel
from cuaderno.cli.places import all_folders, find_diary, measured_run, say_which, the_diary
from cuaderno.cli.shell import A_MEASURED_RUN, Verbs, tell
from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run

if TYPE_CHECKING:
    from cuaderno.chat.conversation import Conversation

CHAT_OPTIONS: dict[str, tuple[type, str]] = {  # what a study's chat.open may take, and a served model
    "system": (str, "what it is to be and to do, for a model that obeys"),
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


def predict(arguments: argparse.Namespace) -> int:
    from cuaderno.chat.terminal import print_json
    from cuaderno.lab.device import calm_threads
    from cuaderno.lab.text import printable

    calm_threads()
    must_be_study(arguments)
    if arguments.help:
        return predict_help(arguments.study)
    if arguments.run:
        run = measured_run(arguments.run, arguments)
    else:
        run = records.newest(arguments.study, the_diary(arguments) / "records")
        say_which(run)
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
        elif words := part.show(answer) if hasattr(part, "show") else show(answer):  # a study may have enough said
            print(printable(words), flush=True)
    return 1 if failed else 0


def needs_no_input(words: list[str]) -> bool:
    """Whether `predict STUDY --option …` has no input, and the study can do without one, or says what it can do."""
    if len(words) < 2 or words[1] not in studies.names() or not studies.answers_alone(words[1]):
        return False
    _, theirs, _ = ours_and_theirs(words[2:])
    return not theirs or (theirs[0].startswith("-") and theirs[0] != "-")


def ours_and_theirs(words: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Our own options, those of the study, and what comes behind `--`, which begins inputs."""
    ours: list[str] = []
    theirs: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            return ours, theirs, list(rest)
        if word == "--json":
            ours.append(word)
        elif word.partition("=")[0] in ("--run", "--diary"):
            ours += [word] if "=" in word else [word, next(rest, "")]
        else:
            theirs.append(word)
    return ours, theirs, []


def parse_alone(top: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """What a study was asked that was given no input."""
    ours, theirs, inputs = ours_and_theirs(words[2:])
    parsed = top.parse_args([*words[:2], "INPUT", *ours])
    parsed.inputs, parsed.options, parsed.help = inputs, theirs, False
    return parsed


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

        spell(part.Options)
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

    spell(part.Options)
    return (tyro.cli(part.Options, args=arguments.options, prog=f"cuaderno predict {arguments.study} INPUT"),)


def spell(kind: type) -> None:
    """Let `--class` be an option although no field can be called so, but `class_`; and -o stand for `--output`."""
    from typing import Annotated

    import tyro

    for name, hint in dict(kind.__annotations__).items():
        if hasattr(hint, "__metadata__"):  # spelt before
            continue
        if name.endswith("_"):
            kind.__annotations__[name] = Annotated[hint, tyro.conf.arg(name=name[:-1])]
        elif name == "output":
            kind.__annotations__[name] = Annotated[hint, tyro.conf.arg(aliases=["-o"])]


def show(answer: dict) -> str:
    return "  ".join(f"{value}" if name == "input" else f"{name} {value}" for name, value in answer.items())


def chat(arguments: argparse.Namespace) -> int:
    """Talk with a model; what goes wrong is said in the language of the conversation."""
    from cuaderno.chat.words import language
    from cuaderno.workbench.saying import spoken

    lang = arguments.lang or language()
    try:
        return hold(arguments, lang, partial(spoken, lang=lang))
    except CuadernoError as error:
        raise CuadernoError(spoken(error, lang).strip()) from error


def hold(arguments: argparse.Namespace, lang: str, tongue: Callable[[str], str]) -> int:
    """Open the models that were named, and hold the conversation."""
    from cuaderno.chat.terminal import talk

    given = {name: getattr(arguments, name) for name in CHAT_OPTIONS if getattr(arguments, name) is not None}
    model = served(arguments, given) if arguments.model else trained(arguments, given)
    if arguments.compare:
        from cuaderno.chat.both import Both

        model = Both(model, open_any(arguments.compare, arguments, given))
    keep = keeper(the_diary(arguments), given.get("system", "")) if arguments.save else None
    return talk(model, lang, arguments.message, arguments.json, keep, tongue)


def keeper(diary: Path, system: str) -> Callable[["Conversation"], None]:
    """What keeps each conversation of a command in the diary, as far as it has come."""
    from cuaderno.chat import saved

    known: list[tuple[Conversation, str]] = []  # /new begins another one

    def keep(conversation: "Conversation") -> None:
        # Of two models that are compared each has a conversation of its own, without the other's answers.
        for one in getattr(conversation.model, "conversations", (conversation,)):
            if not one.messages or one.messages[-1]["role"] != "assistant":
                continue
            name = next((name for other, name in known if other is one), None)
            if name is None:
                name = saved.new_name()
                known.append((one, name))
            saved.save(diary, name, one.messages, one.model.name, system)

    return keep


def served(arguments: argparse.Namespace, given: dict) -> ChatModel:
    """The model that somebody serves; its key is in the .env of the diary, or of this folder when there is no diary."""
    from cuaderno.chat.providers import open_model

    folder = the_diary(arguments) if arguments.diary else find_diary() or Path.cwd()
    return open_model(arguments.model, folder, **given)


def trained(arguments: argparse.Namespace, given: dict) -> ChatModel:
    """A run, opened by its study."""
    return open_run(talker(arguments), given)


def open_run(run: Run, given: dict) -> ChatModel:
    """A run to talk with, with the options that its study knows.

    Raises:  CuadernoError when it knows nothing of one of them.
    """
    from cuaderno.lab.device import calm_threads

    calm_threads()
    part = studies.load(run.study, "chat")
    known = inspect.signature(part.open).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    if strangers := [option(name) for name in given if name not in known and not takes_all]:
        raise CuadernoError(f"A run of '{run.study}' knows nothing of {strangers[0]}. Leave it out.")
    return part.open(run, **given)


def open_any(name: str, arguments: argparse.Namespace, given: dict) -> ChatModel:
    """A served model or a run, told apart by the name."""
    named = argparse.Namespace(**vars(arguments) | {"model": name, "run": name})
    return served(named, given) if is_served(name) else trained(named, given)


def is_served(name: str) -> bool:
    """Whether a name means a model that is no run: a provider's, an address, or a folder in the Hugging Face format."""
    from cuaderno.chat.huggingface import is_folder
    from cuaderno.chat.servers import PROVIDERS

    return name.partition(":")[0] in (*PROVIDERS, "http", "https") or is_folder(name)


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def talkative() -> list[str]:
    """The studies whose runs can be talked with."""
    return [name for name in studies.names() if (studies.folder(name) / "chat.py").is_file()]


def talker(arguments: argparse.Namespace) -> Run:
    """The run to talk with: the named one, or the newest kept one whose study can."""
    able = talkative()
    if arguments.run:
        run = measured_run(arguments.run, arguments, able_to_talk if arguments.run in able else None)
        if run.study not in able:
            others = f" These can: {', '.join(able)}." if able else ""
            raise CuadernoError(f"{run.id} cannot be talked with: its study '{run.study}' has no chat.py.{others}")
        return run
    kept = records.runs_in(the_diary(arguments) / "records", damaged=tell)
    runs = [run for run in kept if able_to_talk(run)]
    if not runs:
        train = able[0] if able else "NAME"
        raise CuadernoError(
            "No kept run here can be talked with. Train one and keep it: "
            f"`cuaderno train {train}`, then `cuaderno keep RUN`; or name a run with --run, or a model with --model."
        )
    say_which(runs[0])
    return runs[0]


def able_to_talk(run: Run) -> bool:
    return studies.can_talk(run.study, run.data["config"])


def export(arguments: argparse.Namespace) -> None:
    run = measured_run(arguments.run, arguments)
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
        from cuaderno.site.studies import Study

        cards = {lang: Study(run.study).card(lang) for lang in ("en", "es")}
        title = {lang: card.title for lang, card in cards.items()}
        web, output = studies.folder(run.study) / "web", Path(arguments.output)
        page = standalone_page(web, folder, output, title, cards["en"].description)
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


def add(verbs: Verbs) -> None:
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

    talks = (
        "",
        "--run RUN --lang es",
        "--run RUN --message 'Who are you?' --temperature 0.5",
        "--model gemini --system 'You correct my English.'",
        "--model openai:MODEL",
        "--model http://localhost:11434/v1#llama3",
        "--run RUN --compare openai --message 'Who are you?'",
    )
    summary = "Talk with a trained model or a served one: in the terminal, or one question a line."
    verb = verbs.add("chat", chat, summary, *talks)
    who = verb.add_mutually_exclusive_group()
    who.add_argument("--run", metavar="RUN", help=f"{A_MEASURED_RUN} (default: the newest kept run that can talk)")
    help_model = (
        "gemini[:MODEL], openai[:MODEL], the address of an OpenAI-compatible server, ADDRESS#MODEL (keys: .env), or a "
        "folder in the Hugging Face format"
    )
    who.add_argument("--model", metavar="NAME", help=help_model)
    help_compare = "ask this one too, a run or a model, and show both answers"
    verb.add_argument("--compare", metavar="NAME", help=help_compare)
    verb.add_argument("--save", action="store_true", help="keep the conversation in the diary (`cuaderno chats`)")
    verb.add_argument("--lang", choices=("en", "es"), help="the language of the terminal (default: your locale's)")
    verb.add_argument("--message", metavar="TEXT", help="ask this one question and end")
    verb.add_argument("--json", action="store_true", help="print one JSON object per answer")
    how = verb.add_argument_group("how it answers (what is left out, the model decides)")
    for name, (kind, text) in CHAT_OPTIONS.items():
        letter = "TEXT" if kind is str else "N" if kind is int else "X"
        how.add_argument(option(name), type=kind, metavar=letter, help=text)

    verb = verbs.add("export", export, "Write a run's files for the browser.", "STUDY", "STUDY -o page")
    verb.add_argument("run", metavar="RUN", help=A_MEASURED_RUN)
    verb.add_argument("-o", "--output", metavar="DIR", help="also write a page that runs the model without a site")
    verb.add_argument("--onnx", metavar="FILE", help="also write the network as ONNX, where the study can")
    verb.add_argument("--huggingface", metavar="DIR", help="also write a save_pretrained folder, where the study can")
