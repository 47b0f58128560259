from datetime import UTC, date, datetime

import pytest

from cuaderno.diary.dates import parse_date, spell_date


@pytest.mark.parametrize(
    "text",
    [
        "26 November 2023", "26 Nov 2023", "November 26, 2023", "Nov. 26th 2023", "26th of November 2023",
        "26 de noviembre de 2023", "26 nov 2023", "2023-11-26", "2023/11/26", "2023-11-26T00:00:00Z",
        date(2023, 11, 26), datetime(2023, 11, 26),
    ],
)  # fmt: skip
def test_one_day_in_many_styles(text):
    assert parse_date(text) == datetime(2023, 11, 26, tzinfo=UTC)


def test_a_time_with_a_zone_is_kept():
    assert parse_date("2023-05-19T01:30:00+02:00") == datetime(2023, 5, 18, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "soon", "31 February 2023", "2023-13-01", "1 brumaire 2023", "5 m 2023", "19/05/2023"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        parse_date(text)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_is_spelled_can_be_read_again(month, lang):
    moment = datetime(2026, month, 3, tzinfo=UTC)
    assert parse_date(spell_date(moment, lang)) == moment


def test_spelled_in_both_languages():
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    assert spell_date(moment, "en") == "21 November 2026"
    assert spell_date(moment, "es") == "21 de noviembre de 2026"
    assert spell_date(moment, "es", year=False) == "21 de noviembre"
