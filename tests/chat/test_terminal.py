"""The chat as a person and as a script use it: piped, one question, and at a real (pseudo) terminal."""

import io
import json
import os
import select
import subprocess
import sys
import time

import pytest

from cuaderno.chat import terminal
from cuaderno.lab.errors import CuadernoError


@pytest.fixture
def pipe(monkeypatch, capsys):
    """Send bytes to standard input and talk: `code, out, err = pipe(model, b"hello")`."""

    def call(model, sent=b"", **options):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent), encoding="utf-8"))
        code = terminal.talk(model, **options)
        return code, *capsys.readouterr()

    return call


def test_a_pipe_gives_one_answer_a_line_of_one_conversation(parrot, pipe):
    model = parrot(["Good ", "day\n"])
    code, out, err = pipe(model, "hello\n\n  \n¿qué?\r\n/help".encode())
    assert (code, out, err) == (0, "Good day\nre: ¿qué?\nre: /help\n", "A parrot.\n")
    assert len(model.asked[2]) == 5, "each question knows those before it"


def test_nothing_piped_is_no_error(parrot, pipe):
    assert pipe(parrot(), b"", lang="es") == (0, "", "Un loro.\n")


def test_one_message_leaves_standard_input_alone(parrot, pipe):
    assert pipe(parrot(), b"not this", message="this")[:2] == (0, "re: this\n")
    assert pipe(parrot(["(silence)"]), message="")[:2] == (0, "(silence)\n")


def test_json_is_one_object_per_answer(parrot, pipe):
    code, out, err = pipe(parrot(["a\x9b\n", "b\ud83d"], [CuadernoError("no")]), b"x\x1b\ny\nz\n", as_json=True)
    assert code == 1 and err == "" and "\x9b" not in out and "\x1b" not in out
    assert [json.loads(line) for line in out.splitlines()] == [
        {"input": "x\x1b", "answer": "a�\nb�", "model": "parrot-1"},
        {"input": "y", "error": "no"},
        {"input": "z", "answer": "re: z", "model": "parrot-1"},
    ]


def test_what_cannot_be_answered_is_told_and_the_rest_goes_on(parrot, pipe):
    code, out, err = pipe(parrot(["ha", CuadernoError("The network \x1b[2Jbroke. Try again.")]), b"one\ntwo\n")
    assert code == 1 and out == "ha\nre: two\n" and err == "A parrot.\nThe network �[2Jbroke. Try again.\n"


def test_bytes_that_are_no_text_and_a_megabyte_do_not_stop_it(parrot, pipe):
    code, out, _ = pipe(parrot(), b"\xff\xfe\x1b[31m\n" + b"y" * 1_000_000 + b"\n")
    assert code == 0 and out.startswith("re: ��") and "\x1b" not in out and len(out) > 1_000_000


def test_output_that_has_no_such_letters_gets_question_marks(parrot, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert terminal.talk(parrot(["ñandú \ud800"]), message="?") == 0
    assert written.getvalue() == b"?and? ?\n"


# -- at a terminal ----------------------------------------------------------------------------------------------------

SCRIPT = """
import fcntl, signal, sys, termios, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs the tests may ignore Ctrl-C, and that is inherited
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from cuaderno.chat import terminal
from cuaderno.lab.errors import CuadernoError

class Slow:
    name = "slow-1"
    def introduction(self, lang):
        return {"en": "It imitates.", "es": "Imita."}[lang]
    def stream(self, messages):
        words = messages[-1]["content"]
        if words == "fail":
            raise CuadernoError("The provider said no.")
        if words == "count":
            yield from (f"<{len(messages)} {messages[-2]['content'] if len(messages) > 1 else ''}>",)
        elif words == "forever":
            for number in range(10_000):
                yield f"{number} "
                time.sleep(0.02)
        elif words != "silence":
            yield f"\\x1b[31m[{words}]"

terminal.TOO_LATE = float(sys.argv[2])
sys.exit(terminal.talk(Slow(), sys.argv[1]))
"""


class Terminal:
    """A program at a pseudo-terminal: type, and wait for what appears."""

    def __init__(self, folder, lang, kind, too_late):
        import pty

        self.ours, theirs = pty.openpty()
        environment = os.environ | {"TERM": kind, "PYTHONIOENCODING": "utf-8", "INPUTRC": os.devnull}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, lang, str(too_late)], stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True, cwd=folder, env=environment,
        )  # fmt: skip
        os.close(theirs)
        self.bytes = b""

    @property
    def seen(self):
        return self.bytes.decode(errors="replace").replace("\r\n", "\n")

    def type(self, text):
        os.write(self.ours, text.encode())

    def wait_for(self, text, seconds=20):
        """Read on until `text` appears, and give what came up to there."""
        end = time.monotonic() + seconds
        while text not in self.seen and time.monotonic() < end and select.select([self.ours], [], [], seconds)[0]:
            try:
                self.bytes += os.read(self.ours, 65536)
            except OSError:  # Linux says so when the program has ended
                break
        assert text in self.seen, f"{text!r} did not appear in {self.seen!r}"
        before, _, after = self.seen.partition(text)
        self.bytes = after.encode()
        return before + text

    def press_until(self, key, text):
        """Press a key until it works: Python's `input` can miss a signal that comes while it looks at another key."""
        for _ in range(5):
            self.type(key)
            try:
                return self.wait_for(text, seconds=4)
            except AssertionError:
                continue
        raise AssertionError(f"{text!r} did not appear in {self.seen!r}")

    def end(self):
        self.process.wait(20)
        return self.process.returncode


@pytest.fixture
def at_terminal(tmp_path):
    pytest.importorskip("termios")
    opened = []

    def start(lang="en", kind="dumb", too_late=600):
        opened.append(Terminal(tmp_path, lang, kind, too_late))
        return opened[-1]

    yield start
    for one in opened:
        one.process.kill()
        one.process.wait()
        os.close(one.ours)


def test_a_conversation_from_hello_to_goodbye(at_terminal, tmp_path):
    screen = at_terminal()
    hello = screen.wait_for("you> ")
    assert "It imitates." in hello and "/help" in hello and "\x1b" not in hello
    screen.type("good day\n")
    assert "�[31m[good day]\n" in screen.wait_for("you> ")
    screen.type("/what\n")
    assert "no command /what" in screen.wait_for("you> ")
    screen.type("/help\n")
    assert "/save FILE" in screen.wait_for("you> ")
    screen.type("   \n")
    screen.wait_for("you> ")
    screen.type(" /not a command\n")
    assert "[/not a command]" in screen.wait_for("you> ")
    screen.type("silence\n")
    assert "said nothing" in screen.wait_for("you> ")
    screen.type("fail\n")
    assert "The provider said no." in screen.wait_for("you> ")

    screen.type("/save talk.md\n")
    assert "Saved in talk.md." in screen.wait_for("you> ")
    text = (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert text.startswith("# A conversation with slow-1\n\n**You**\n\ngood day\n\n**slow-1**\n\n�[31m[good day]\n")
    assert "silence" not in text and "fail" not in text
    screen.type("/new\n")
    assert "Forgotten" in screen.wait_for("you> ")
    screen.type("count\n")
    assert "<1 >" in screen.wait_for("you> ")
    screen.type("/quit\n")
    screen.wait_for("Goodbye.")
    assert screen.end() == 0


def test_ctrl_c_stops_only_the_answer_and_keeps_it(at_terminal):
    screen = at_terminal()
    screen.wait_for("you> ")
    screen.type("forever\n")
    screen.wait_for("3 4 5 ")
    screen.type("\x03")
    screen.wait_for("(stopped)")
    screen.wait_for("you> ")
    screen.press_until("\x03", "you> ")  # a moment too late for the answer: it must not end the conversation
    screen.type("count\n")
    assert screen.wait_for("you> ").count("<3 0 1 2 3 4 5 ") == 1
    screen.type("\x04")
    screen.wait_for("Goodbye.")
    assert screen.end() == 0


def test_ctrl_c_at_the_prompt_ends_the_conversation(at_terminal):
    screen = at_terminal(too_late=0)
    screen.wait_for("you> ")
    screen.type("hello\n")
    screen.wait_for("[hello]")
    screen.wait_for("you> ")
    screen.type("half a question")
    screen.wait_for("half a question")  # its echo: now somebody listens
    screen.press_until("\x03", "Goodbye.")
    assert screen.end() == 0


def test_in_spanish_until_ctrl_d(at_terminal, tmp_path):
    (tmp_path / "hay.md").write_text("mío")
    (tmp_path / "carpeta").mkdir()
    screen = at_terminal("es")
    hello = screen.wait_for("tú> ")
    assert "Imita." in hello and "órdenes" in hello
    for typed, shown in [
        ("/save hay.md", "nada que guardar"),
        ("¿quién eres?", "[¿quién eres?]"),
        ("/save", "Di dónde"),
        ("/save carpeta", "es una carpeta"),
        ("/save no/hay.md", "no existe esa carpeta"),
        ("/save ~nobody-here/x.md", "no existe esa carpeta"),
        ("/save hay.md\nn", "¿Lo sobrescribo?"),
    ]:
        screen.type(typed + "\n")
        assert shown in screen.wait_for("tú> "), typed
    assert (tmp_path / "hay.md").read_text() == "mío"
    screen.type("/save hay.md\nsí\n")
    assert "Guardado en hay.md." in screen.wait_for("tú> ")
    assert "**Tú**\n\n¿quién eres?" in (tmp_path / "hay.md").read_text(encoding="utf-8")
    screen.type("\x04")
    screen.wait_for("Adiós.")
    assert screen.end() == 0


def test_pasted_lines_are_one_question(at_terminal):
    readline = pytest.importorskip("readline")
    if "libedit" in (readline.__doc__ or ""):
        pytest.skip("libedit has no bracketed paste")
    screen = at_terminal(kind="xterm")
    screen.wait_for("you> ")
    screen.type("\x1b[200~one\ntwo\x1b[201~\n")
    assert "�[31m[one\ntwo]" in screen.wait_for("two]")
