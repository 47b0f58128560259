"""What is private is found, and what only looks like it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.data import private
from cuaderno.data.table import FormatError


@pytest.mark.parametrize(
    "text, kind",
    [
        ("write to ana.perez+list@correo.example.es today", "email"),
        ("mi DNI es 12345678Z, gracias", "dni"),
        ("NIE X1234567L", "dni"),
        ("12.345.678-Z", "dni"),
        ("pay to ES91 2100 0418 4502 0005 1332 please", "iban"),
        ("GB82WEST12345698765432", "iban"),
        ("card 4111 1111 1111 1111", "card"),
        ("from 192.168.10.254 again", "ip"),
        ("2001:db8::8a2e:370:7334", "ip"),
        ("llámame al 612 34 56 78", "phone"),
        ("+34 912 345 678", "phone"),
        ("(415) 555-2671", "phone"),
        ("08452810075 now", "phone"),
        ("Tel. 91 234 56 78", "phone"),
        ("call09061701461 now", "phone"),
    ],
)
def test_what_is_private_is_masked(text, kind):
    masked, kinds = private.masked(text)
    assert kinds == [kind] and f"[{kind.upper()}]" in masked
    assert not any(digit in masked for digit in "23456") or kind == "email"


@pytest.mark.parametrize(
    "text",
    [
        "12345678A is no DNI: its letter would be Z",
        "ES91 2100 0418 4502 0005 1333 has a wrong check digit",
        "version 3.11.7, the year 2026, 21-11-2026",
        "999.1.1.1 and 1.2.3.4.5",
        "a@b and @someone",
        "it costs 1.250.000 euros",
        "at 12:30:45",
        "4111 1111 1111 1112",
    ],
)
def test_what_only_looks_private_stays(text):
    assert [kind for kind in private.masked(text)[1] if kind != "phone"] == []


@given(st.integers(0, 99_999_999))
def test_one_letter_of_all_fits_a_dni(number):
    fitting = [letter for letter in private.DNI_LETTERS if private.is_dni(f"{number:08d}{letter}")]
    assert len(fitting) == 1


@given(st.text(max_size=80))
def test_masking_twice_changes_nothing_more(text):
    once = private.masked(text)[0]
    assert private.masked(once)[0] == once


def test_a_long_run_without_an_end_costs_little():
    import time

    started = time.process_time()
    for text in ("a" * 200_000, "1" * 200_000, "1.1." * 50_000, "a." * 100_000 + "@", "::" * 100_000):
        private.masked(text)
    assert time.process_time() - started < 5


def test_an_error_about_a_row_tells_nobody_s_number():
    error = FormatError("a.csv", "row 2", "4 fields (call ana on 612 34 56 78, at ana@ex.com)", "3", "Quote it.")
    assert "612" not in str(error) and "ana@" not in error.found and "[PHONE]" in str(error)
