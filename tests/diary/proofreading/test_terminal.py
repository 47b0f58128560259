"""`cuaderno proofread` as a person and as a program use it."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from cuaderno.diary.proofreading.terminal import Terminal
from cuaderno.diary.proofreading.words import TEXT

from .conftest import FIXES, POST, Scripted, opened

# The command with a corrector that is always the same: what the person sees is under test, not what it suggests.
MAIN = f"""\
import sys, types
from cuaderno.diary.proofreading.edits import Edit

class Offline:
    name = "offline"
    def correct(self, text, lang):
        return [Edit(old, new, old + " is wrong") for old, new in {FIXES!r}.items() if old in text]
    def knows(self, word, lang):
        return word not in {FIXES!r}

module = types.ModuleType("cuaderno.diary.proofreading.offline")
module.Offline = Offline
sys.modules[module.__name__] = module
from cuaderno.cli import main
main()
"""


@pytest.fixture
def command(tmp_path, diary):
    script = tmp_path / "command.py"
    script.write_text(MAIN)
    return [str(script), "proofread", "--diary", str(diary)]


def environment(**values):
    ours = ("NO_COLOR", "LC_ALL", "LANG", "LC_MESSAGES")
    known = {name: value for name, value in os.environ.items() if name not in ours}
    return known | {"LANG": "C.UTF-8", "TERM": "xterm", "PYTHONIOENCODING": "utf-8"} | values


def run(command, *words, expected=0, **values):
    done = subprocess.run([sys.executable, *command, *words], capture_output=True, text=True, encoding="utf-8",
                          env=environment(**values), stdin=subprocess.DEVNULL, timeout=60)  # fmt: skip
    assert done.returncode == expected, done.stderr
    return done


@pytest.fixture
def person(command):
    pexpect = pytest.importorskip("pexpect")
    children = []

    def start(*words, **values):
        child = pexpect.spawn(sys.executable, [*command, *words], env=environment(**values), encoding="utf-8",
                              timeout=30, dimensions=(40, 120))  # fmt: skip
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


QUESTION = r"\[q\]uit  \[\?\]  "


def test_a_person_goes_through_a_post(person, post):
    child = person("first")
    child.expect("My frist post .en., corrected with offline")
    child.expect_exact("suggestion 1 · passage 1 of 5 · line 2")
    child.expect_exact("My \x1b[31;9mfrist\x1b[0m \x1b[32;1mfirst\x1b[0m post")
    child.expect("frist is wrong")
    child.expect(QUESTION)
    child.sendline("what?")
    child.expect("Type y, n, a, e or q")
    child.expect(QUESTION)
    child.sendline("?")
    child.expect("it will not come again")
    child.expect(QUESTION)
    child.sendline("y")
    child.expect("except is wrong")
    assert "My first post" in post.read_text()  # at once
    child.expect(QUESTION)
    child.sendline("e")
    child.expect("instead of “except” I want: expect")
    child.send("\x15hope for\r")
    child.expect("teh is wrong")
    assert "I don't hope for anyone to\nread" in post.read_text()
    child.expect(QUESTION)
    child.sendline("n")
    child.expect(QUESTION)
    child.sendline("all")
    child.expect("4 accepted, 1 in your own words, 1 declined, 0 left open")
    child.expect("counts as corrected")
    child.wait()
    assert child.exitstatus == 0
    expected = POST.replace("except", "hope for")
    for old, new in FIXES.items():
        expected = expected.replace(old, new) if old not in ("teh", "except") else expected
    assert post.read_text() == expected
    assert (post.parent / "original.en.md").read_text() == POST


def test_in_spanish_with_the_same_keys(person, post):
    child = person("first", LANG="es_ES.UTF-8")
    child.expect("corregida con offline")
    child.expect(r"\[s\]í")
    child.sendline("s")
    child.expect(r"\[s\]í")
    child.sendline("q")
    child.expect("Aceptadas: 1. Con tus palabras: 0. Rechazadas: 0. Pendientes: 2.")
    child.wait()
    assert "first post" in post.read_text() and "except" in post.read_text()
    child = person("first", "--ui-lang", "en", LANG="es_ES.UTF-8")
    child.expect("corrected with offline")


def test_what_ones_own_words_would_lose_is_said_and_asked(person, post):
    child = person("first")
    child.expect(QUESTION)
    child.sendline("y")
    child.expect(QUESTION)
    child.sendline("e")
    child.expect("I want: expect")
    child.send("\x15expect 7 or `8` of\r")
    child.expect("would bring in")
    child.expect("Keep it all the same")
    child.sendline("n")
    child.expect("Nothing was changed")
    child.expect(QUESTION)
    assert "expect 7" not in post.read_text()
    child.sendline("q")
    child.wait()


@pytest.mark.parametrize("end", ["ctrl-c", "ctrl-d", "kill"])
def test_what_was_accepted_stays_and_the_same_command_goes_on(person, post, end):
    child = person("first")
    child.expect(QUESTION)
    child.sendline("y")
    child.expect("except is wrong")
    child.expect(QUESTION)
    if end == "kill":
        child.kill(signal.SIGKILL)
    else:
        child.sendintr() if end == "ctrl-c" else child.sendeof()
        child.expect("Stopped. What you accepted is in the post" if end == "ctrl-c" else "1 accepted")
    child.wait()
    assert child.exitstatus == {"ctrl-c": 130, "ctrl-d": 0}.get(end)
    assert post.read_text() == POST.replace("frist", "first") and (post.parent / "original.en.md").read_text() == POST
    child = person("first")
    child.expect("except is wrong")
    child.expect(QUESTION)
    child.sendline("a")
    child.expect("counts as corrected")
    child.wait()
    assert not any(f" {old} " in post.read_text() for old in FIXES)


def test_colour_is_not_needed(person):
    child = person("first", NO_COLOR="1")
    child.expect_exact("My [-frist-]{+first+} post")
    child = person("first", TERM="dumb")
    child.expect_exact("My [-frist-]{+first+} post")


def test_without_a_terminal_nothing_is_changed(command, post):
    done = run(command, "first")
    assert "[-frist-]{+first+}" in done.stdout and "not a terminal" in done.stderr and "--apply safe" in done.stderr
    assert post.read_text() == POST and [path.name for path in post.parent.iterdir()] == ["en.md"]
    assert "Esto no es una terminal" in run(command, "first", LANG="es_MX.UTF-8").stderr


def test_only_the_safe_ones_without_asking(command, post):
    done = run(command, "first", "--apply", "safe")
    text = post.read_text()
    assert all(part in text for part in ("first post", "the course", "What I want", "model", "a lot"))
    assert "except anyone" in text  # another word is nobody's to choose
    assert "✓" in done.stdout and "5 accepted, 0 in your own words, 0 declined, 1 left open" in done.stderr
    assert "cuaderno proofread first" in done.stderr
    assert run(command, "first", "--apply", "safe", "--dry-run").returncode == 0 and post.read_text() == text


def test_what_is_left_out_is_said_with_its_reason(diary, post, capsys):
    session = opened(diary, Scripted({"It has": "It never has", "frist": "first", "read this": "read this 7 times"}))
    found = Terminal(session, "es").list()
    out = capsys.readouterr()
    assert "first" in out.out and "«never» sería nuevo y cambiaría el sentido" in out.err
    assert [one["code"] for one in found["refused"]] == ["meaning_added", "added_number"]
    assert "añadiría el número 7" in out.err and post.read_text() == POST


def test_refused_suggestions_are_named_once_and_asked_about_at_the_end(diary, post, capsys):
    session = opened(diary, Scripted({"It has": "It never has"}))
    Terminal(session, "en").list()
    said = capsys.readouterr().err
    assert said.count("It has → It never has: “never” would be new") == 1
    assert "refused: 1: “never” would be new" in Terminal(session, "en").refusals()


@pytest.mark.parametrize(("said", "is_done"), [("n", False), ("y", True)])
def test_whether_a_post_with_refused_suggestions_is_done_is_asked(person, command, post, said, is_done):
    script = Path(command[0])
    script.write_text(MAIN.replace(repr(FIXES), repr({"It has": "It never has"})), encoding="utf-8")
    child = person("first")
    child.expect("Count the post as corrected all the same")
    child.sendline(said)
    child.expect("counts as corrected. What" if is_done else "does not count as corrected")
    child.wait()
    assert (post.parent / "original.en.md").exists() is is_done
    assert "counts as corrected" in run(command, "first", "--apply", "safe", "--done").stderr


def test_going_back_names_what_was_changed_by_hand_between_two_sessions(command, post):
    run(command, "first", "--apply", "safe")
    post.write_text(post.read_text() + "\nA later line of mine, with teh slip.\n")
    run(command, "first", "--apply", "safe")
    post.write_text(post.read_text().replace("A later line of mine", "Another line of mine"))
    done = run(command, "first", "--revert", expected=1)
    assert "Another line of mine" in done.stderr and post.read_text().count("line of mine") == 1


def test_json_tells_everything(command, post):
    found = json.loads(run(command, "first", "--json").stdout)
    assert found["post"] == "first" and found["lang"] == "en" and found["with"] == "offline" and not found["finished"]
    assert [(one["old"], one["new"]) for one in found["suggestions"]][:2] == [
        ("My frist post", "My first post"), ("don't except anyone", "don't expect anyone"),
    ]  # fmt: skip
    assert {one["safe"] for one in found["suggestions"]} == {True, False} and post.read_text() == POST
    found = json.loads(run(command, "first", "--json", "--apply", "safe").stdout)
    assert [one["applied"] for one in found["suggestions"]].count(True) == 5


def test_going_back(command, post):
    run(command, "first", "--apply", "safe")
    post.write_text(post.read_text() + "More.\n")
    done = run(command, "first", "--revert", expected=1)
    assert "was changed after it was corrected" in done.stderr and "--revert --yes" in done.stderr
    done = run(command, "first", "--revert", "--yes")
    kept = Path(done.stderr.split("kept in ")[1].strip().rstrip("."))
    assert post.read_text() == POST and kept.read_text().endswith("More.\n")
    assert "was not corrected" in run(command, "first", "--revert", expected=1).stderr


def test_going_back_asks_when_the_post_was_changed(command, person, post):
    run(command, "first", "--apply", "safe")
    post.write_text(post.read_text() + "More.\n")
    child = person("first", "--revert")
    child.expect("Go back all the same")
    child.sendline("")
    child.expect("Nothing was changed")
    child.wait()
    assert post.read_text().endswith("More.\n")


def test_the_posts_at_a_glance(command, post):
    assert "not corrected" in run(command).stdout
    run(command, "first", "--apply", "safe")
    assert "begun" in run(command).stdout and "empezada" in run(command, "--ui-lang", "es").stdout


def test_the_prompt_is_public(command, diary):
    done = run(command, "--prompt", "--lang", "es")
    assert "Corriges el español" in done.stdout and "You correct" not in done.stdout
    assert "You correct the English" in run(command, "first", "--prompt").stdout
    (diary / "prompts").mkdir()
    (diary / "prompts" / "proofread.md").write_text("My own.")
    assert run(command, "first", "--prompt").stdout == "My own.\n"


def test_who_is_not_there_is_an_error(command):
    assert "Did you mean 'first'" in run(command, "frist", expected=1).stderr
    assert "does not exist in 'es'" in run(command, "first", "--lang", "es", expected=1).stderr
    assert "invalid choice" in run(command, "first", "--apply", "everything", expected=2).stderr


SLOW = """\
import sys, types, time
module = types.ModuleType("cuaderno.chat.providers")
class Model:
    name = "slow-model"
module.open_model = lambda name, folder: Model()
def complete(model, messages, *, seconds):
    text = messages[0]["content"].rsplit("\\n\\n", 1)[1]
    if "except" in text:
        time.sleep(WAIT)
    return '[{"old": "frist", "new": "first", "why": ""}]' if "frist" in text else "[]"
module.complete = complete
sys.modules[module.__name__] = module
from cuaderno.cli import main
main()
"""


def test_a_slow_model_says_what_it_does_and_a_kill_loses_nothing(tmp_path, diary, post):
    pexpect = pytest.importorskip("pexpect")
    script = tmp_path / "slow.py"
    script.write_text(SLOW.replace("WAIT", "30"))
    words = [str(script), "proofread", "--diary", str(diary), "first", "--with", "slow"]
    child = pexpect.spawn(sys.executable, words, env=environment(), encoding="utf-8", timeout=30)
    child.expect("asking about passage 1 of 5")
    child.expect(QUESTION)
    child.sendline("y")
    child.expect("asking about passage 2 of 5")
    time.sleep(0.2)
    child.kill(signal.SIGKILL)
    child.wait()
    child.close()
    assert post.read_text() == POST.replace("frist", "first")
    script.write_text(SLOW.replace("WAIT", "0"))
    done = run(words[:1], *words[1:], "--apply", "safe")
    assert "Nothing to correct" in done.stderr and "counts as corrected" in done.stderr
    assert 'with = "slow-model"' in (post.parent / "proofreading.en.toml").read_text()


@pytest.mark.parametrize("accepted", [0, 1, 17, 59])
def test_a_kill_at_any_moment_leaves_a_whole_post(command, post, accepted):
    """Each line is the old one or the corrected one, the first version is whole, and the same command ends the work."""
    lines = [f"Here is teh paragraph number {number}." for number in range(60)]
    text = POST[: POST.index("I don't")] + "\n\n".join(lines) + "\n"
    post.write_text(text)
    child = subprocess.Popen(
        [sys.executable, *command, "first", "--apply", "safe"], env=environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    ends = time.monotonic() + 30
    while post.read_text().count("Here is the") < accepted and time.monotonic() < ends:
        time.sleep(0.002)
    child.kill()
    child.wait()
    found, original = post.read_text(), post.parent / "original.en.md"
    assert found.replace("the paragraph", "teh paragraph").replace("first", "frist") == text
    assert original.read_text() == text if original.exists() else found == text
    run(command, "first", "--apply", "safe")
    assert post.read_text() == text.replace("teh", "the").replace("frist", "first") and original.read_text() == text


def test_both_languages_have_the_same_words():
    assert TEXT["en"].keys() == TEXT["es"].keys()
    for key, words in TEXT["en"].items():
        fields = [set(textwrap.re.findall(r"\{(\w+)\}", text)) for text in (words, TEXT["es"][key])]
        assert fields[0] == fields[1], key


def test_every_reason_of_the_guard_has_words():
    import re

    from cuaderno.diary import proofreading

    folder = Path(proofreading.__file__).parent
    codes = set()
    for path in folder.glob("*.py"):
        codes |= set(re.findall(r'Fault\(\s*"(\w+)"', path.read_text(encoding="utf-8")))
    codes |= {f"{kind}{end}" for kind in ("lost", "added") for end in ("", "_number")}
    codes |= {"meaning_lost", "meaning_added"}
    assert codes and codes <= TEXT["en"].keys()


def test_done_alone_counts_a_post_whose_suggestions_were_all_refused(command, post):
    script = Path(command[0])
    script.write_text(MAIN.replace(repr(FIXES), repr({"It has": "It never has"})), encoding="utf-8")
    assert "counts as corrected. What" not in run(command, "first", "--done", "--dry-run").stderr
    assert not (post.parent / "original.en.md").exists()
    assert "counts as corrected. What" in run(command, "first", "--done").stderr
    assert (post.parent / "original.en.md").is_file()
