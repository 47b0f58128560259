"""Results that somebody typed: numbers beside a metric's name, and numbers that a kept run has.

The first is a guess, and made with care: a number with decimals or a percent sign, bound to the name by nothing but
small words, in a sentence that speaks neither of plans nor of other people's work. The second is none: so many digits
do not agree by chance with a run that the post itself cites.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

from cuaderno.diary.anchors import number
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject
from cuaderno.site.checking.texts import Prose, Text
from cuaderno.site.runs import Cited

PLAIN = str.maketrans("áàäâéèëêíìïîóòöôúùüûñ", "aaaaeeeeiiiioooouuuun")
PERCENT = r"(?:\s?%|\s(?:percent|per cent|por ciento|por cien)\b)"
UNITS = (
    "[kmgt]i?b|ms|[smh]|sec|min|seconds?|minutes?|hours?|segundos?|minutos?|horas?|million|millon|millones|billion|x|×|·|"
    "km|cm|mm|px|ghz|mhz|hz|w|kw|kwh|usd|eur|[€$£°]"
)
UNIT = rf"(?:\s?(?:{UNITS})(?!\w))"
NUMBER = re.compile(
    rf"(?<![\w.,/×^_\-–−])(?P<digits>\d+(?:[.,]\d+)*)(?:(?P<percent>{PERCENT})|(?!{UNIT}|[.,]?\d|[\w/×–-]))", re.I
)
NAMES = (
    "accuracy", "exactitud", "loss", "perdida", "perplexity", "perplejidad", "f1", "f1 score", "auc", "auroc", "recall",
    "exhaustividad", "error rate", "tasa de error", "tasa de aciertos", "hit rate", "solve rate", "win rate",
    "success rate", "tasa de exito", "proporcion de resueltos", "bleu", "rouge", "iou", "psnr", "ssim", "lpips",
    "fid", "wer", "cer", "rmse", "mse", "mae", "r2", "bits per character", "bits por caracter", "nats per token",
    "nats por token", "nats per character", "nats por caracter", "error", "precision",
)  # fmt: skip
SMALL = """
of the a an is was are were be been at to only just now still even already about around roughly nearly almost over
above below under from by reached reaches reach hits hit got gets get gives gave fell falls dropped drops went goes
rose rises climbs climbed improved stays stayed ended ends final finally on test validation val train training held
out unseen set data mean average best top down up with in equals exactly some my our its this
de del la el los las un una unos unas es fue era son a al hasta en con solo ya aun casi cerca alrededor aproximadamente
llega llego alcanza alcanzo bajo baja sube subio cae cayo queda quedo acaba acabo da dio obtiene obtuve obtuvo conjunto
prueba validacion entrenamiento datos nuevos final media mejor su mi nuestra nuestro este esta
"""
ELSEWHERE = re.compile(
    r"\b(?:report(?:s|ed)?|publish(?:es|ed)?|papers?|authors?|et al|according|leaderboard|state of the art|literature|"
    r"segun|articulos?|autor(?:es|as?)?|publicaron|publico|informan|estado del arte|literatura|"
    r"want|wanted|hope|hoped|goal|target|bet|would|should|expect(?:s|ed)?|guess(?:es|ing)?|chance|random(?:ly)?|"
    r"quiero|queria|espero|esperaba|esperabamos|objetivo|meta|apuesta|apuesto|seria|deberia|azar|"
    r"for example|such as|por ejemplo)\b"
)
GAP = rf"(?:[\s:=≈~(|,]|\b(?:{'|'.join(sorted(set(SMALL.split()), key=len, reverse=True))})\b){{0,20}}"
BETWEEN = re.compile(rf"{GAP}\Z")
MODIFIERS = "of|de|del|en|in|la|el|test|validation|val|training|train|mean|average|final|top-?\\d|set"
AFTER = re.compile(rf"\A(?:\s|\b(?:{MODIFIERS})\b){{0,8}}\Z")
ENOUGH_ALONE, ENOUGH_CITED, ENOUGH_MAIN = 5, 4, 3  # digits in which any kept run, a cited one, its main metrics agree


@dataclass(frozen=True)
class Value:
    """A number of a kept run, as it might be typed."""

    run: Cited
    metric: str
    value: Decimal
    percent: bool
    main: bool


@dataclass(frozen=True)
class Typed:
    """A number in a text: its plain value, how many digits say something, and after how many decimals it ends."""

    shown: str
    value: Decimal
    digits: int
    decimals: int
    percent: bool
    start: int
    end: int


def look(subject: Subject) -> Iterator[Finding]:
    measured = Measured(subject)
    for text in subject.texts:
        for prose in text.pieces.prose:
            yield from _in_prose(measured, text, prose)
        for table in text.pieces.tables:
            yield from _in_table(measured, text, table)


class Measured:
    """What the diary's runs have measured, and what that is called."""

    def __init__(self, subject: Subject):
        self.records = subject.edition.records
        self.studies = [self.records.study(name) for name in subject.edition.study_names()]

    @cached_property
    def name(self) -> re.Pattern[str]:
        """Any name of a metric, in plain small letters."""
        names = set(NAMES)
        for study in self.studies:
            try:
                labels = study.labels.items()
            except CuadernoError:  # the build says what is wrong with it
                continue
            for metric, label in labels:
                names |= {metric, metric.replace("_", " "), *(_tail(words) for words in (label.en, label.es))}
        patterns = sorted(
            {_stem(plain(name)) for name in names if len(name) > 2 or name in NAMES}, key=len, reverse=True
        )
        return re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])")

    @cached_property
    def values(self) -> list[Value]:
        found = []
        for cited in self.records.all:
            main = set(cited.main_metrics()) if len(cited.main_metrics()) < len(cited.metrics) else set()
            for name, metric in cited.metrics.items():
                value = _decimal(metric.value)
                if value is not None and value not in (0, 1):
                    percent = cited.study.label(name).format == "percent"
                    found.append(Value(cited, name, value, percent, name in main or name == cited.main_metric()))
        return found

    def cited(self, text: Text) -> set[str]:
        """The runs that a post cites, by id."""
        found = set()
        for reference in text.post.cites if text.post else ():
            try:
                found.add(self.records.resolve(reference, text.post.runs if text.post else {}).id)
            except CuadernoError:
                continue
        return found

    def same(self, typed: Typed, cited: set[str]) -> Value | None:
        """The measured value that somebody typed."""
        for value in self.values:
            of_post = value.run.id in cited
            needed = (ENOUGH_MAIN if value.main else ENOUGH_CITED) if of_post else ENOUGH_ALONE
            if typed.digits >= needed and _agrees(typed, value):
                return value
        return None


def plain(text: str) -> str:
    """In small letters without accents, each letter at its place."""
    lowered = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return lowered.translate(PLAIN)


def _tail(words: str) -> str:
    """What a label says of the measure itself: `solved` of "Depth-first, 59 × 59: solved"."""
    tail = re.split(r"[:,]", re.sub(r"\([^)]*\)", "", words))[-1].strip()
    return tail if len(tail.split()) <= 4 else words


def _stem(name: str) -> str:
    """A name as a pattern: single long words in any ending (`solved`, `solves`; `resueltos`, `resuelve`)."""
    if re.fullmatch(r"[a-z]{6,}", name) and name not in NAMES:
        return re.escape(name[: max(5, len(name) - 3)]) + r"[a-z]{0,5}"
    return r"[\s_-]".join(map(re.escape, re.split(r"[\s_]+", name)))


def _decimal(value: float) -> Decimal | None:
    try:
        found = Decimal(repr(value))
    except (InvalidOperation, ValueError):
        return None
    return found if found.is_finite() else None


def _agrees(typed: Typed, value: Value) -> bool:
    """True when the value, rounded as the number is, is that number."""
    if typed.percent and not value.percent:
        return False
    wanted = value.value * 100 if typed.percent else value.value
    return abs(wanted - typed.value) <= Decimal(1).scaleb(-typed.decimals) / 2


def numbers(text: str, lang: str) -> Iterator[Typed]:
    """The numbers in a text that could be results: with decimals, a percent sign, or at least five digits."""
    for found in NUMBER.finditer(text):
        values, _ = number(found["digits"], lang)
        if len(values) != 1 or values[0].startswith("“"):
            continue
        value = Decimal(values[0])
        decimals = _decimals(found["digits"], lang)
        digits = len(re.sub(r"\D", "", found["digits"]).lstrip("0"))
        if decimals or found["percent"] or digits >= ENOUGH_ALONE:
            shown = found[0].strip()
            yield Typed(shown, value, digits, decimals, bool(found["percent"]), found.start(), found.end())


def _decimals(digits: str, lang: str) -> int:
    point = "." if lang == "en" else ","
    return len(digits.partition(point)[2]) if point in digits else 0


# -- in sentences ------------------------------------------------------------------------------------------------------


def _in_prose(measured: Measured, text: Text, prose: Prose) -> Iterator[Finding]:
    if not re.search(r"\d", prose.text):
        return
    said = plain(prose.text)
    cited = measured.cited(text)
    for typed in numbers(prose.text, text.lang):
        elsewhere = bool(ELSEWHERE.search(_sentence(said, typed)))
        value = measured.same(typed, cited)
        if value and not (elsewhere and typed.digits < ENOUGH_CITED):
            yield _result(text, prose.line(typed.start), typed, value)
        elif elsewhere:
            continue
        elif name := _beside(measured.name, said, typed):
            yield _number(text, prose.line(typed.start), typed.shown, prose.text[slice(*name)])


def _sentence(said: str, typed: Typed) -> str:
    start = max(said.rfind(mark, 0, typed.start) for mark in (". ", "! ", "? ", "; "))
    ends = [end for mark in (". ", "! ", "? ", "; ") if (end := said.find(mark, typed.end)) >= 0]
    return said[start + 1 : min(ends, default=len(said))]


def _beside(name: re.Pattern[str], said: str, typed: Typed) -> tuple[int, int] | None:
    """Where the name of a metric is bound to a number, before it or behind it."""
    if not typed.decimals and (not typed.percent or typed.value % 5 == 0):
        return None  # round numbers are wishes and examples, and plain ones are counts
    first = max(0, typed.start - 90)
    for found in name.finditer(said, first, typed.start):
        if BETWEEN.match(said, found.end(), typed.start) and not _is_interval(said, found.end(), typed):
            return found.span()
    for found in name.finditer(said, typed.end, typed.end + 60):
        if AFTER.match(said[typed.end : found.start()]) and not _is_interval(said, found.end(), typed):
            return found.span()
    return None


def _is_interval(said: str, end: int, typed: Typed) -> bool:
    """`95 % confidence interval` is no result."""
    around = said[max(0, typed.start - 30) : end + 15]
    return bool(re.search(r"interval|intervalo|confiden|confianza", around)) and typed.value in (90, 95, 99)


def _result(text: Text, line: int, typed: Typed, value: Value) -> Finding:
    digits = "" if typed.percent else f"|digits={typed.decimals}"
    reference = _reference(text, value.run)
    what = f"'{typed.shown}' is {value.metric} of run {value.run.id}, typed by hand."
    cure = f"Let the run say it: {{num}}`{reference}.{value.metric}{digits}`."
    return Finding("typed-result", text.path, line, what, cure)


def _reference(text: Text, run: Cited) -> str:
    """What the post calls a run."""
    names = text.post.runs if text.post else {}
    return next((name for name, wanted in names.items() if wanted == run.id), run.id)


def _number(text: Text, line: int, shown: str, name: str) -> Finding:
    what = f"'{shown}' stands beside '{' '.join(name.split())}' and looks typed."
    cure = "Bind it to a kept run, {num}`RUN.METRIC`; if it is somebody else's, say so: <!-- accept: typed-number -->."
    return Finding("typed-number", text.path, line, what, cure)


# -- in tables ---------------------------------------------------------------------------------------------------------


def _in_table(measured: Measured, text: Text, table: list[list[Prose]]) -> Iterator[Finding]:
    """One finding for a table of typed results: the first cell, and how many more there are."""
    header, cited = (table[0] if table else []), measured.cited(text)
    looked: list[tuple[Prose, Typed, str]] = []
    for row in table[1:]:
        for column, cell in enumerate(row):
            for typed in numbers(cell.text, text.lang):
                if value := measured.same(typed, cited):
                    yield _result(text, cell.line(typed.start), typed, value)
                    continue
                title = header[column].text if column < len(header) else ""
                named = next((one for one in (title, row[0].text) if measured.name.search(plain(one))), "")
                if named and cell is not row[0] and (typed.decimals or typed.percent):
                    looked.append((cell, typed, named))
    if looked and not ELSEWHERE.search(plain(" ".join(cell.text for row in table for cell in row))):
        cell, typed, named = looked[0]
        more = f" and {len(looked) - 1} more in this table" if len(looked) > 1 else ""
        what = f"'{typed.shown}'{more} stands beside '{named.strip()}' and looks typed."
        cure = "Let the run print the table, ```{metrics} RUN; if it is somebody else's: <!-- accept: typed-number -->."
        yield Finding("typed-number", text.path, cell.line(typed.start), what, cure)
