import pytest

from cuaderno.lab.metrics import Metric
from cuaderno.site import numbers
from cuaderno.site.words import TEXT


@pytest.mark.parametrize(
    ("value", "format", "digits", "en", "es"),
    [
        (1.0, "percent", None, "100.0 %", "100,0 %"),
        (0.965, "percent", 0, "96 %", "96 %"),
        (11373, "integer", None, "11,373", "11.373"),
        (1771, "integer", None, "1,771", "1771"),
        (150.2, "seconds", None, "150 s", "150 s"),
        (2.51, "seconds", None, "2.5 s", "2,5 s"),
        (92_300, "bytes", None, "92 KB", "92 KB"),
        (14_200_000, "bytes", None, "14.2 MB", "14,2 MB"),
        (1.47321, "number", None, "1.473", "1,473"),
        (0.0421, "number", None, "0.0421", "0,0421"),
        (0.0421, "number", 2, "0.04", "0,04"),
        (0.000012, "number", None, "1.2·10⁻⁵", "1,2·10⁻⁵"),
        (-0.00001, "percent", None, "0.0 %", "0,0 %"),
        (-3.5, "number", 1, "−3.5", "−3,5"),
        (float("inf"), "number", None, "∞", "∞"),
    ],
)
def test_a_quantity_in_both_languages(value, format, digits, en, es):
    assert numbers.quantity(value, format, "en", digits) == en
    assert numbers.quantity(value, format, "es", digits) == es


def test_an_interval_in_both_languages():
    metric = Metric(1.0, 0.9811, 1.0, 200)
    assert numbers.interval(metric, "percent", "en") == "[98.1–100]"
    assert numbers.interval(metric, "percent", "es") == "[98,1–100]"
    assert numbers.interval(Metric(0.71, 0.642, 0.77, 200), "percent", "en") == "[64.2–77.0]"
    assert numbers.interval(Metric(3.0), "integer", "en") == ""


def test_settings_keep_their_digits():
    assert numbers.plain("learning_rate", 0.0003, "es", TEXT["es"]) == "0,0003"
    assert numbers.plain("seed", 12345, "en", TEXT["en"]) == "12345"
    assert numbers.plain("loops", True, "es", TEXT["es"]) == "sí"
    assert numbers.plain("betas", [0.9, 0.999], "es", TEXT["es"]) == "0,9 · 0,999"
    assert numbers.plain("nothing", None, "en", TEXT["en"]) == "–"
    assert numbers.plain("peak_memory_bytes", 412_000_000, "en", TEXT["en"]) == "412 MB"


def test_both_languages_have_every_word_and_every_blank():
    assert TEXT["en"].keys() == TEXT["es"].keys()
    for key, english in TEXT["en"].items():
        assert sorted(part.split("}")[0] for part in english.split("{")[1:]) == sorted(
            part.split("}")[0] for part in TEXT["es"][key].split("{")[1:]
        ), key
