"""A small diary to correct, and correctors that do as they are told."""

import sys
import types
from datetime import date
from pathlib import Path

import pytest

from cuaderno.diary.diary import Diary
from cuaderno.diary.proofreading.desk import Proofreading, find_post
from cuaderno.diary.proofreading.edits import Edit

TODAY = date(2026, 11, 21)
SETTINGS = 'title = "Notes"\nauthor = "Ada"\nurl = "https://ada.example/"\n'
POST = """\
---
title: "My frist post"
date: 2026-11-20
tags: [mazes]
---
I don't except anyone to
read this, see [teh course](https://a.example/b). It has 3 parts.

## What i want

- [ ] Train a *basic* modle
- [x] Write alot about `x = 1`
"""
FIXES = {
    "frist": "first", "except": "expect", "teh": "the", "What i": "What I", "modle": "model", "alot": "a lot",
}  # fmt: skip


class Scripted:
    """Suggests what its table says, and knows every word that is not in it."""

    name = "scripted"

    def __init__(self, fixes: dict[str, str] = FIXES):
        self.fixes = fixes
        self.asked: list[str] = []

    def correct(self, text: str, lang: str) -> list[Edit]:
        self.asked.append(text)
        return [Edit(old, new, f"{old} is wrong") for old, new in self.fixes.items() if old in text]

    def knows(self, word: str, lang: str) -> bool:
        return word not in self.fixes


@pytest.fixture
def diary(tmp_path) -> Path:
    home = tmp_path / "diary"
    (home / "posts" / "first").mkdir(parents=True)
    (home / "cuaderno.toml").write_text(SETTINGS)
    (home / "posts" / "first" / "en.md").write_text(POST)
    return home


@pytest.fixture
def post(diary) -> Path:
    return diary / "posts" / "first" / "en.md"


def opened(diary: Path, corrector=None, name: str = "first", lang: str | None = None, prompt=None) -> Proofreading:
    found = Diary.open(diary)
    return Proofreading(found, find_post(found, name, lang), corrector or Scripted(), TODAY, prompt)


def accept_all(session: Proofreading) -> None:
    """Take whatever is offered, as somebody who does not look."""
    from cuaderno.lab.errors import CuadernoError

    for number in session.numbers:
        try:
            offer = session.ask(number)
        except CuadernoError as error:
            session.fail(number, error)
            continue
        for one in offer.suggestions:
            session.accept(number, one)
        session.settle(number)


@pytest.fixture
def providers(monkeypatch):
    """Stand-ins for the models of the network: `providers.answers` are given one after another."""
    from cuaderno.lab.errors import CuadernoError

    module = types.ModuleType("cuaderno.chat.providers")
    module.answers, module.asked = [], []

    class Model:
        def __init__(self, name):
            self.name = name

    def complete(model, messages, *, seconds):
        module.asked.append(messages)
        answer = module.answers.pop(0) if module.answers else "[]"
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def open_model(name, folder):
        if name == "nobody":
            raise CuadernoError("There is no key for 'nobody'. Put it into .env.")
        return Model(name)

    module.complete, module.open_model = complete, open_model
    monkeypatch.setitem(sys.modules, "cuaderno.chat.providers", module)
    return module
