"""A model for tests: it says what it was told to say, and remembers what it was asked."""

import pytest


class Parrot:
    name = "parrot-1"

    def __init__(self, *answers):
        self.answers, self.asked, self.closed = list(answers), [], 0

    def introduction(self, lang):
        return {"en": "A parrot.", "es": "Un loro."}[lang]

    def stream(self, messages):
        self.asked.append([dict(message) for message in messages])
        answer = self.answers.pop(0) if self.answers else ["re: ", messages[-1]["content"]]
        try:
            for piece in answer:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            self.closed += 1


@pytest.fixture
def parrot():
    return Parrot
