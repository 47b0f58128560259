"""Which server a name means, and that a key goes nowhere but to the address it was written for."""

import os
import re

import pytest

from cuaderno.chat.servers import GEMINI, OPENAI, find_server, is_loopback
from cuaderno.lab.errors import CuadernoError

KEY = "sk-Abcdefghijklmnop"


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in [name for name in os.environ if name.startswith(("GEMINI_", "GOOGLE_", "OPENAI_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def env(tmp_path):
    """Write the diary's `.env` and give its folder."""

    def write(*lines):
        (tmp_path / ".env").write_text("\n".join(lines) + "\n")
        return tmp_path

    return write


def found(name, folder):
    server = find_server(name, folder)
    return server.address, server.model, server.key.reveal()


def test_names_mean_servers(env):
    folder = env(f"GEMINI_API_KEY={KEY}", f"OPENAI_API_KEY={KEY}2")
    assert found("gemini", folder) == (GEMINI.address, GEMINI.model, KEY)
    assert found("gemini:gemini-x", folder) == (GEMINI.address, "gemini-x", KEY)
    assert found("openai", folder) == found("openai:", folder) == (OPENAI.address, OPENAI.model, f"{KEY}2")
    assert found("openai:gpt-x", folder) == (OPENAI.address, "gpt-x", f"{KEY}2")
    assert found("https://api.openai.com/v1/#gpt-x", folder) == (OPENAI.address, "gpt-x", f"{KEY}2")
    assert found("http://localhost:11434/v1#llama3:8b", folder) == ("http://localhost:11434/v1", "llama3:8b", "")


def test_settings_name_models_and_servers(env):
    lines = [f"OPENAI_API_KEY={KEY}", "OPENAI_BASE_URL=https://api.example.org/v1/", "OPENAI_MODEL=big/one@2"]
    folder = env(*lines, f"GOOGLE_API_KEY={KEY}g", "GEMINI_MODEL=gemini-x")
    assert found("openai", folder) == ("https://api.example.org/v1", "big/one@2", KEY)
    assert found("openai:small", folder) == ("https://api.example.org/v1", "small", KEY)
    assert found("https://api.example.org/v1", folder) == ("https://api.example.org/v1", "big/one@2", KEY)
    assert found("gemini", folder) == (GEMINI.address, "gemini-x", f"{KEY}g")


def test_a_file_comes_before_the_environment(env, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://other.example.org/v1")
    monkeypatch.setenv("OPENAI_MODEL", "other")
    assert found("openai", env()) == ("https://other.example.org/v1", "other", "from-the-environment")
    assert found("openai", env(f"OPENAI_API_KEY={KEY}")) == (OPENAI.address, OPENAI.model, KEY)
    assert find_server("openai", None).key_from == "OPENAI_API_KEY in the environment"


# -- a key stays with its address --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["OPENAI_BASE_URL=https://evil.example.org/v1", "OPENAI_MODEL=m"], "openai"),  # the file of a foreign diary
        (["OPENAI_BASE_URL=http://127.0.0.1:1/v1", "OPENAI_MODEL=m"], "openai"),
        ([], "https://evil.example.org/v1#m"),
        ([], "https://api.openai.com.evil.example.org/v1#m"),
        ([], "https://api.openai.com/v1/other#m"),
        ([], "https://api.openai.com:444/v1#m"),
        ([], "http://localhost:11434/v1#m"),
        (["OPENAI_BASE_URL=https://api.example.org/v1", f"OPENAI_API_KEY={KEY}"], "http://localhost:11434/v1#m"),
    ],
)
def test_a_key_goes_to_no_other_address(env, monkeypatch, lines, name):
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    server = find_server(name, env(*lines))
    assert not server.key and "OPENAI_BASE_URL=" in server.no_key and server.address in server.no_key


def test_a_key_for_another_server_does_not_go_to_openai(env):
    folder = env("OPENAI_BASE_URL=https://api.example.org/v1", f"OPENAI_API_KEY={KEY}", "OPENAI_MODEL=m")
    with pytest.raises(CuadernoError, match="OpenAI wants a key, and there is none"):
        find_server("https://api.openai.com/v1#gpt-x", folder)


@pytest.mark.parametrize(
    "address", ["http://api.example.org/v1", "http://192.168.1.7:8000/v1", "http://localhost.example.org"]
)
def test_a_key_never_travels_unencrypted(env, address):
    folder = env(f"OPENAI_BASE_URL={address}", f"OPENAI_API_KEY={KEY}", "OPENAI_MODEL=m")
    for name in ("openai", f"{address}#m"):
        with pytest.raises(CuadernoError, match=r"is not encrypted.*https://") as caught:
            find_server(name, folder)
        assert KEY not in str(caught.value)
    with pytest.raises(CuadernoError, match="is not encrypted"):
        find_server("gemini", env(f"GEMINI_BASE_URL={address}", f"GEMINI_API_KEY={KEY}"))
    assert found("openai", env(f"OPENAI_BASE_URL={address}", "OPENAI_MODEL=m")) == (address, "m", "")


@pytest.mark.parametrize(
    ("address", "is_it"),
    [
        ("http://localhost:1/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://127.0.0.1", True),
        ("http://127.9.9.9:8/v1", True),
        ("http://[::1]:8/v1", True),
        ("http://0.0.0.0:8/v1", False),
        ("http://localhost.evil.org", False),
        ("http://127.0.0.1.evil.org", False),
        ("http://2130706433/v1", False),
        ("http://[::ffff:8.8.8.8]/v1", False),
        ("http://example.org/127.0.0.1", False),
    ],
)
def test_what_this_computer_is(address, is_it):
    assert is_loopback(address) is is_it


# -- what is wrong, and its cure ---------------------------------------------------------------------------------------


def test_no_key_says_which_line_in_which_file(env, tmp_path):
    file = re.escape(str(tmp_path / ".env"))
    with pytest.raises(
        CuadernoError, match=rf"aistudio\.google\.com/apikey and write it into {file}: GEMINI_API_KEY=…$"
    ):
        find_server("gemini", tmp_path)
    with pytest.raises(
        CuadernoError, match=rf"platform\.openai\.com/api-keys and write it into {file}: OPENAI_API_KEY=…$"
    ):
        find_server("openai", env("OPENAI_API_KEY="))
    with pytest.raises(CuadernoError, match=r"write it into the environment: OPENAI_API_KEY=…$"):
        find_server("openai", None)
    with pytest.raises(CuadernoError, match=rf"for this address. Write into {file}: GEMINI_BASE_URL=https://x.org and"):
        find_server("gemini", env("GEMINI_BASE_URL=https://x.org"))


@pytest.mark.parametrize("key", ["two words", "ñandú-key-123456", "line\x07bell", "zero\u200bwidth"])
def test_what_cannot_be_a_key_is_not_shown(env, key):
    with pytest.raises(CuadernoError, match=r"OPENAI_API_KEY in .*\.env is no key") as caught:
        find_server("openai", env(f'OPENAI_API_KEY="{key}"'))
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gemni", "no provider 'gemni'. Did you mean 'gemini'?"),
        ("claude:x", "Known: gemini, openai. Name gemini, gemini:MODEL"),
        ("localhost:11434/v1#llama3", "http://localhost:11434/v1#MODEL"),
        ("", "no provider ''"),
        ("http://localhost:11434/v1", "Nothing says which model of http://localhost:11434/v1 answers"),
        ("http://localhost:11434/v1#", "--model http://localhost:11434/v1#MODEL"),
        ("http://localhost:11434/v1#two words", "'two words' is no name of a model"),
        ("gemini:../../secrets", "'../../secrets' is no name of a model"),
        ("gemini:x?key=1", "is no name of a model"),
        ("openai:\x1b[2J", "'�[2J' is no name of a model"),
        ("http://user:hunter2@example.org/v1#m", "not the address of a server"),
        ("https://example.org/v1?key=hunter2#m", "not the address of a server"),
        ("https://hunter2 .org/v1#m", "not the address of a server"),
        ("http://example.org:hunter2/v1#m", "not the address of a server"),
        ("http://example.org:99999/v1#m", "not the address of a server"),
        ("http://[::1/v1#m", "not the address of a server"),
        ("http:///v1#m", "not the address of a server"),
        ("https://example.org\\@evil.org/v1#m", "not the address of a server"),
    ],
)
def test_a_name_that_means_nothing_is_told_with_what_does(env, name, words):
    with pytest.raises(CuadernoError) as caught:
        find_server(name, env(f"GEMINI_API_KEY={KEY}", f"OPENAI_API_KEY={KEY}"))
    assert words in str(caught.value) and "hunter2" not in str(caught.value)


def test_a_wrong_address_in_a_file_is_named_and_not_shown(env):
    with pytest.raises(CuadernoError, match=r"^OPENAI_BASE_URL in .*\.env is not the address of a server") as caught:
        find_server("openai", env("OPENAI_BASE_URL=https://me:hunter2@example.org"))
    assert "hunter2" not in str(caught.value)


def test_the_example_of_a_new_diary_names_every_setting(tmp_path):
    from dotenv import dotenv_values

    from cuaderno.scaffold import new_diary

    example = new_diary(tmp_path / "notebook") / ".env.example"
    text = example.read_text(encoding="utf-8")
    ours = {name for name in dotenv_values(example) if not name.startswith(("COMMENTS_", "ISSO_"))}
    assert ours == {"GEMINI_API_KEY", "OPENAI_API_KEY"}
    assert not any(dotenv_values(example).values())
    for name in (OPENAI.base_url, OPENAI.model_setting, GEMINI.model_setting, OPENAI.get_a_key, GEMINI.get_a_key):
        assert name in text
