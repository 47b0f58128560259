"""Go through the suggestions with a person, or without one: list them, accept the safe ones, print JSON."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from cuaderno.diary.proofreading.applying import Offer, Suggestion
from cuaderno.diary.proofreading.desk import Proofreading
from cuaderno.diary.proofreading.guard import Fault
from cuaderno.diary.proofreading.words import TEXT, reason
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.text import printable

MOST_REASONS = 4  # that are told of what was refused
IN_A_ROW = 3  # passages without an answer after which nobody is asked any more
RED, GREEN, DIM, BOLD, PLAIN = "\x1b[31;9m", "\x1b[32;1m", "\x1b[2m", "\x1b[1m", "\x1b[0m"


def has_colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM", "dumb") != "dumb"


def _short(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= 60 else said[:59] + "…"


class Terminal:
    """A session in front of a person or of a pipe, in `lang`."""

    def __init__(self, session: Proofreading, lang: str):
        self.session, self.lang, self.words = session, lang, TEXT[lang]
        self.is_coloured = has_colour()
        self.count = 0  # suggestions that were shown

    # -- for everybody -------------------------------------------------------------------------------------------------

    def offers(self) -> Iterator[tuple[int, int, Offer]]:
        """Position, number and offer of each passage. Without an answer three times in a row it ends."""
        numbers, silent, said = self.session.numbers, 0, ""
        for at, number in enumerate(numbers, 1):
            try:
                self._asking(at, len(numbers))
                offer = self.session.ask(number)
            except CuadernoError as error:
                silent += 1
                self.session.fail(number, error)
                if str(error) != said:
                    line, said = self.session.passage(number).line, str(error)
                    self.tell(self.words["no_answer"].format(line=line, reason=said))
                if silent == IN_A_ROW:
                    for missed in numbers[at:]:
                        self.session.fail(missed, error)
                    self.tell(self.words["gave_up"].format(count=silent))
                    return
                continue
            finally:
                self._asked()
            silent = 0
            yield at, number, offer
            self.session.settle(number)

    def _asking(self, at: int, total: int) -> None:
        if sys.stderr.isatty():
            print(self.words["asking"].format(at=at, total=total), end="\r", file=sys.stderr, flush=True)

    def _asked(self) -> None:
        if sys.stderr.isatty():
            print("\x1b[2K", end="\r", file=sys.stderr, flush=True)

    def tell(self, text: str) -> None:
        print(printable(text), file=sys.stderr, flush=True)

    def why_not(self, faults: list[Fault] | tuple[Fault, ...]) -> str:
        return "; ".join(reason(fault.code, fault.about, self.lang) for fault in faults)

    def shown(self, number: int, one: Suggestion) -> str:
        """The sentence with the old words and the new ones in it."""
        before, after = map(printable, self.session.sentence(number, one))
        old, new = (" ".join(printable(part).split()) for part in (one.old, one.new))
        ends = one.old or one.new
        if self.is_coloured:
            marked = " ".join(filter(None, (old and f"{RED}{old}{PLAIN}", new and f"{GREEN}{new}{PLAIN}")))
        else:
            marked = (old and f"[-{old}-]") + (new and f"{{+{new}+}}")
        return f"{before}{' ' * ends[:1].isspace()}{marked}{' ' * ends[-1:].isspace()}{after}"

    # -- without a person ----------------------------------------------------------------------------------------------

    def list(self, apply: bool = False, quiet: bool = False) -> dict:
        """Every suggestion, as plain values; with `apply` the safe ones are accepted. Printed unless `quiet`."""
        suggestions, refused, told = [], [], set()
        for _, number, offer in self.offers():
            line = self.session.passage(number).line
            for one in offer.suggestions:
                applied = apply and one.is_safe and not self.session.accept(number, one)
                entry = {"line": line, "passage": number, "old": one.key[0], "new": one.key[1], "why": one.why,
                         "safe": one.is_safe, "applied": applied}  # fmt: skip
                suggestions.append(entry)
                if not quiet:
                    self._print_one(number, line, one, applied)
            for left in offer.refused:
                why = self.why_not([left.fault])
                refused.append({"line": line, "old": left.edit.old, "new": left.edit.new, "reason": why,
                                "code": left.fault.code})  # fmt: skip
                text = self.words["left_alone"].format(
                    line=line, old=_short(left.edit.old), new=_short(left.edit.new), reason=why
                )
                if not quiet and text not in told:
                    self.tell(text)
                told.add(text)
        failed = [{"line": self.session.passage(number).line, "error": str(error)}
                  for number, error in self.session.failed]  # fmt: skip
        post = self.session.post
        return {"post": post.slug, "lang": post.lang, "with": self.session.corrector.name,
                "suggestions": suggestions, "refused": refused, "failed": failed}  # fmt: skip

    def _print_one(self, number: int, line: int, one: Suggestion, applied: bool) -> None:
        marks = [self.words["suggestion"].format(line=line), *([self.words["safe"]] if one.is_safe else [])]
        print(f"{'✓' if applied else '·'} {' · '.join(marks)}  {self.shown(number, one)}")
        if one.why:
            print(f"    {printable(one.why)}")

    # -- with a person -------------------------------------------------------------------------------------------------

    def go_through(self) -> bool:
        """Ask the person about every suggestion; True when none was left open. Ctrl-C and Ctrl-D stop."""
        with suppress(ImportError):  # Windows has none
            import readline  # noqa: F401 - input() then edits lines
        post = self.session.post
        print(
            self._bold(
                self.words["title"].format(post=post.title, lang=post.lang, corrector=self.session.corrector.name)
            )
        )
        takes_all = False
        for at, number, offer in self.offers():
            for one in offer.suggestions:
                self._show(at, number, one)
                if takes_all:
                    self._accept(number, one)
                    continue
                answer = self._ask()
                if answer == "quit":
                    return False
                takes_all = answer == "all"
                if answer in ("yes", "all"):
                    self._accept(number, one)
                elif answer == "no":
                    self.session.decline(number, one)
                else:
                    self._edit(number, one)
        return True

    def _show(self, at: int, number: int, one: Suggestion) -> None:
        self.count += 1
        place = self.words["place"].format(
            count=self.count, at=at, total=len(self.session.numbers), line=self.session.passage(number).line
        )
        print(f"\n{DIM}{place}{PLAIN}" if self.is_coloured else f"\n{place}")
        print(f"  {self.shown(number, one)}")
        if one.why:
            print(f"  {DIM}{printable(one.why)}{PLAIN}" if self.is_coloured else f"  ({printable(one.why)})")

    def _ask(self) -> str:
        """What the person wants: yes, no, all, edit or quit."""
        while True:
            try:
                said = input(self.words["question"]).strip().lower()
            except EOFError:
                print()
                return "quit"
            for answer in ("yes", "no", "all", "edit", "quit"):
                if said in self.words[answer].split():
                    return answer
            print(self.words["help"] if said in ("?", "h") else self.words["not_understood"])

    def _accept(self, number: int, one: Suggestion) -> bool:
        faults = self.session.accept(number, one)
        if faults:
            print(self.words["not_accepted"].format(reason=printable(self.why_not(faults))))
        return not faults

    def _edit(self, number: int, one: Suggestion) -> None:
        """Let the person write it; what would be lost by it is said, and theirs to decide."""
        old = " ".join(printable(one.old).split())
        question = self.words["instead"].format(old=old) if old else self.words["here"]
        new = self._typed(question, " ".join(printable(one.new).split()))
        if new is None:
            print(self.words["nothing_written"])
            return
        mine = self.session.by_hand(number, one, new)
        faults = self.session.accept(number, mine)
        if not faults:
            return
        print(self.words["not_accepted"].format(reason=printable(self.why_not(faults))))
        if not self.agrees(self.words["keep_anyway"]):
            print(self.words["nothing_written"])
        elif self.session.accept(number, mine, in_spite=True):
            print(self.words["cannot_keep"].format(path=self.session.path))

    def _typed(self, question: str, text: str) -> str | None:
        """A line that begins as `text`; None when the person does not want to."""
        try:
            import readline
        except ImportError:
            readline = None  # type: ignore[assignment]
        if readline:
            readline.set_startup_hook(lambda: readline.insert_text(text))
        try:
            return input(question).strip()
        except EOFError:
            print()
            return None
        finally:
            if readline:
                readline.set_startup_hook()

    def refusals(self) -> str:
        """How many suggestions were refused, and why; nothing when none was."""
        refused = self.session.refused
        reasons = Counter(self.why_not([one.fault]) for one in refused)
        said = "; ".join(text + f" (×{times})" * (times > 1) for text, times in reasons.most_common(MOST_REASONS))
        more = "; …" * (len(reasons) > MOST_REASONS)
        name = self.session.corrector.name
        return self.words["left_out"].format(count=len(refused), corrector=name, reasons=said + more) if refused else ""

    def agrees(self, question: str) -> bool:
        try:
            return input(question).strip().lower() in self.words["yes"].split()
        except EOFError:
            print()
            return False

    def _bold(self, text: str) -> str:
        return f"{BOLD}{printable(text)}{PLAIN}" if self.is_coloured else printable(text)
