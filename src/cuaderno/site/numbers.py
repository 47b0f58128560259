"""Numbers as each language writes them: `11,373 · 96.5 % [92.9–98.6]` and `11.373 · 96,5 % [92,9–98,6]`."""

import math
from typing import Any

from cuaderno.lab.metrics import Metric

UNITS = {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}
FORMATS = ("percent", "number", "integer", "seconds", "bytes")
SWAPPED = str.maketrans(",.", ".,")


def decimal(value: float, digits: int, lang: str) -> str:
    """A number with so many decimals; thousands are grouped from five digits on in Spanish, from four in English."""
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: "−∞"}.get(value, "–")
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    text = text.replace("-", "−")
    if lang == "es":
        return (text.replace(",", "") if abs(value) < 10_000 else text).translate(SWAPPED)
    return text


def significant(value: float, lang: str) -> str:
    """A number with four significant figures, three when it is below one."""
    figures = 4 if abs(value) >= 1 else 3
    if value == 0 or not math.isfinite(value):
        return decimal(value, 0, lang)
    if abs(value) < 1e-4:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{decimal(float(mantissa), 1, lang)}·10{_superscript(int(exponent))}"
    return decimal(value, max(0, figures - 1 - math.floor(math.log10(abs(value)))), lang)


def exact(value: float, lang: str) -> str:
    """A setting as it was set, with no digit more: `0.0003`, `0,0003`."""
    text = repr(value).replace("-", "−").removesuffix(".0")
    return text.replace(".", ",") if lang == "es" else text


def short(value: float, lang: str) -> str:
    """A number beside an axis or in a table of a curve: four significant figures at most."""
    if value == int(value) and abs(value) < 1e15:
        return decimal(value, 0, lang)
    if 0 < abs(value) < 1e-4:
        return significant(value, lang)
    return exact(float(f"{value:.4g}"), lang)


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def quantity(value: float, format: str, lang: str, digits: int | None = None) -> str:
    """One number in its format, with its unit: `100.0 %`, `1,771`, `150 s`, `92 KB`."""
    if format == "percent":
        return f"{decimal(100 * value, 1 if digits is None else digits, lang)} %"
    if format == "seconds":
        fitting = 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 3
        return f"{decimal(value, fitting if digits is None else digits, lang)} s"
    if format == "bytes":
        return size(value, lang, digits)
    if format == "integer":
        return decimal(value, digits or 0, lang)
    return significant(value, lang) if digits is None else decimal(value, digits, lang)


def size(value: float, lang: str, digits: int | None = None) -> str:
    """Bytes in units of a thousand: `820 B`, `92 KB`, `14.2 MB`."""
    unit = next(unit for unit in UNITS if abs(value) < 1000 * UNITS[unit] or unit == "GB")
    value /= UNITS[unit]
    fitting = 1 if unit in ("MB", "GB") and value < 100 else 0
    return f"{decimal(value, fitting if digits is None else digits, lang)} {unit}"


def interval(metric: Metric, format: str, lang: str, digits: int | None = None) -> str:
    """`[98.1–100]`, without the unit; a bound that is exactly 0 or 100 % drops its decimals; empty without one."""
    if metric.low is None or metric.high is None:
        return ""
    return f"[{_bound(metric.low, format, lang, digits)}–{_bound(metric.high, format, lang, digits)}]"


def _bound(value: float, format: str, lang: str, digits: int | None) -> str:
    if format == "percent" and value in (0, 1):
        return str(round(100 * value))
    text = quantity(value, format, lang, digits)
    return text if format == "bytes" else text.removesuffix(" %").removesuffix(" s")


def guess_format(name: str, value: Any) -> str:
    """The format of a run's own number by its name: `cpu_seconds`, `peak_memory_bytes`, counts, anything else."""
    if name.endswith("seconds"):
        return "seconds"
    if name.endswith("bytes"):
        return "bytes"
    return "integer" if isinstance(value, int) else "number"


def plain(name: str, value: Any, lang: str, words: dict[str, str]) -> str:
    """Any value of a run in words: numbers in the reader's language, truths as yes and no, lists with commas."""
    if value is None:
        return words["no_value"]
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, int | float):
        if name.split(".")[-1] in ("seed", "random_seed"):
            return str(value)
        format = guess_format(name, value)
        return exact(value, lang) if format == "number" else quantity(value, format, lang)
    if isinstance(value, list | tuple):
        return " · ".join(plain(name, item, lang, words) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(str(key), item, lang, words)}" for key, item in value.items())
    return str(value)
