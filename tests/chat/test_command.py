"""`cuaderno chat --model` as a script and as a person use it, in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "cuaderno", "chat"]


@pytest.fixture
def folder(chat_server, tmp_path):
    """A repository with a `diary/` in it, and the keys beside that."""
    (tmp_path / "diary").mkdir()
    (tmp_path / "diary" / "cuaderno.toml").write_text('title = "Notebook"\n')
    return chat_server.write_env(tmp_path)


@pytest.fixture
def environment():
    """Ours, without keys, in English, and with colours for nobody."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GEMINI_", "GOOGLE_", "OPENAI_"))}
    return kept | {"LC_ALL": "en_GB.UTF-8", "PYTHONIOENCODING": "utf-8", "TERM": "dumb", "INPUTRC": os.devnull}


@pytest.fixture
def chat(folder, environment):
    """Run the command in the repository: `code, out, err = chat("--model", "openai", sent="hola")`."""

    def call(*arguments, sent="", **more):
        ended = subprocess.run(
            [*COMMAND, *arguments],
            input=sent,
            cwd=folder,
            env=environment | more,
            capture_output=True,
            encoding="utf-8",
        )
        return ended.returncode, ended.stdout, ended.stderr

    return call


@pytest.mark.parametrize("kind", ["gemini", "openai"])
def test_a_pipe_gives_one_answer_a_line(chat, chat_server, kind):
    chat_server.says("Good day", {"status": 403, "body": {"error": {"message": f"Not with {chat_server.KEY}."}}})
    code, out, err = chat("--model", kind, "--system", "Be brief.", sent="hello\nwhy?\nand now?\n")
    assert (code, out) == (1, "Good day\nre: and now?\n")
    assert err.startswith("This is g") and "Not with ***" in err and chat_server.KEY not in err
    assert "Be brief." in str(chat_server.requests[2]["body"]) and "why?" not in str(chat_server.requests[2]["body"])


def test_json_names_the_model_by_its_address(chat, chat_server):
    name = f"{chat_server.openai}#llama3"
    code, out, err = chat("--model", name, "--json", "--message", "¿quién?", "--temperature", "0", "--max-tokens", "9")
    assert (code, err) == (0, "") and json.loads(out) == {
        "input": "¿quién?",
        "answer": "re: ¿quién?",
        "model": "llama3",
    }
    assert chat_server.requests[0]["body"].items() >= {"temperature": 0, "max_tokens": 9, "model": "llama3"}.items()


def test_two_are_compared_and_kept(chat, chat_server, folder):
    chat_server.says("Good day", "Buenos días")
    name = f"{chat_server.openai}#llama3"
    code, out, err = chat("--model", "openai", "--compare", name, "--json", "--save", "--message", "hello")
    assert (code, err) == (0, "")
    assert json.loads(out)["answers"] == {"gpt-loopback": "Good day", "llama3": "Buenos días"}
    kept = [json.loads(path.read_text()) for path in (folder / "diary" / "conversations").glob("*.jsonl")]
    assert {one["model"]: [said["content"] for said in one["messages"]] for one in kept} == {
        "gpt-loopback": ["hello", "Good day"],
        "llama3": ["hello", "Buenos días"],
    }


def test_of_two_the_one_that_fails_leaves_no_answer_to_learn_from(chat, chat_server, folder):
    chat_server.says("Good day", {"status": 400, "body": {"error": {"message": "No such model"}}})
    chat("--model", "openai", "--compare", f"{chat_server.openai}#llama3", "--save", "--message", "hello")
    [path] = (folder / "diary" / "conversations").glob("*.jsonl")
    assert json.loads(path.read_text())["model"] == "gpt-loopback" and "No such model" not in path.read_text()


def test_what_is_missing_is_said_with_the_file_and_the_line(chat, folder):
    (folder / ".env").unlink()
    code, out, err = chat("--model", "gemini", "--message", "?")
    assert (code, out) == (1, "") and err.rstrip().endswith(f"write it into {folder / '.env'}: GEMINI_API_KEY=…")
    assert "Traceback" not in err


def test_an_error_shows_no_key_even_when_debugged(chat, chat_server):
    chat_server.says({"status": 400, "body": {"error": {"message": f"Strange key: {chat_server.KEY}"}}})
    code, out, err = chat("--model", "openai", "--message", "?", "--debug", OPENAI_LOG="debug")
    assert code == 1 and "Strange key: ***" in err and chat_server.KEY not in out + err


def test_the_command_line_takes_no_time_for_libraries_it_does_not_use():
    code = """
import sys
import cuaderno.cli, cuaderno.chat.providers
print([name for name in ("openai", "google.genai", "httpx2", "dotenv") if name in sys.modules])
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def pieces():
    """A count that begins late and does not end."""
    import time

    time.sleep(2.5)
    for number in range(100_000):
        yield f"<{number}>"
        time.sleep(0.01)


def test_a_person_talks_with_it_in_spanish(folder, chat_server, environment):
    pexpect = pytest.importorskip("pexpect")
    environment["LC_ALL"] = "C.UTF-8"  # the one that every machine has
    arguments = [*COMMAND[1:], "--model", "openai", "--lang", "es", "--system", "Sé breve."]
    screen = pexpect.spawn(
        COMMAND[0], arguments, cwd=str(folder / "diary"), env=environment, encoding="utf-8", timeout=30, echo=False
    )
    chat_server.says("Buenos días", pieces(), "Aquí sigo", {"status": 429, "headers": {"retry-after": "90"}})
    screen.expect_exact("Este es gpt-loopback, un modelo de lenguaje.")
    screen.expect_exact("Funciona en este ordenador")
    screen.expect_exact("tú> ")
    screen.sendline("hola")
    screen.expect_exact("Buenos días\r\n")
    screen.expect_exact("tú> ")
    screen.sendline("cuenta")
    screen.expect_exact("(Esperando la respuesta. Ctrl-C la detiene.)")
    screen.expect_exact("<0> <1> <2>")
    screen.sendintr()
    screen.expect_exact("(detenido)")
    screen.expect_exact("tú> ")
    assert chat_server.hung_up.wait(10), "the provider is not paid for what nobody reads"
    screen.sendline("/new")
    screen.expect_exact("tú> ")
    screen.sendline("¿sigues?")
    screen.expect_exact("Aquí sigo")
    screen.expect_exact("tú> ")
    screen.sendline("¿y ahora?")
    screen.expect_exact("too many questions. Try again in 90 seconds.")
    screen.expect_exact("tú> ")
    screen.sendline("/quit")
    screen.expect_exact("Adiós.")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0
    said = [[one["content"] for one in request["body"]["messages"]] for request in chat_server.requests]
    assert said[1][:4] == ["Sé breve.", "hola", "Buenos días", "cuenta"] and said[2] == ["Sé breve.", "¿sigues?"]
