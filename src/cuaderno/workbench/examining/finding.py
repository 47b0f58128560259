"""Ask the doctor, and keep what it said for as long as file and recipe are the same."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from cuaderno.data import doctor, report
from cuaderno.data.recipe import DROPPED
from cuaderno.lab.device import calm_threads
from cuaderno.workbench.examining.recipe import Wish

AT_ONCE = 1_000_000  # bytes of a file that is examined unasked
MOST = 20_000  # dropped rows that are remembered


@dataclass(frozen=True)
class Gone:
    """A row that would be dropped, its text masked."""

    row: int
    step: str
    reason: str
    values: dict[str, str]
    text: str


@dataclass(frozen=True)
class Found:
    """What the doctor says of a file."""

    key: tuple[Any, ...]
    report: dict[str, Any]
    columns: list[str]
    gone: list[Gone]


def key_of(path: Path, wish: Wish) -> tuple[Any, ...]:
    """What the answer depends on."""
    stamp = path.stat()
    return str(path), stamp.st_mtime_ns, stamp.st_size, repr(wish)


def is_small(path: Path) -> bool:
    return path.is_file() and path.stat().st_size <= AT_ONCE


def columns_of(path: Path) -> list[str]:
    """The columns of a file that was examined before, for the choice of text and label."""
    known: Found | None = st.session_state.get("examined")
    return known.columns if known and known.key[0] == str(path) else []


def examine(path: Path, wish: Wish) -> Found:
    """What is wrong with it; nothing is written.

    Raises:  CuadernoError when it cannot be read.
    """
    calm_threads()
    key = key_of(path, wish)
    if doctor.is_pictures(path):
        return Found(key, doctor.check(path, wish.reading, wish.settings), [], [])
    table, result, said = doctor.examine(path, wish.reading, wish.settings)
    gone = [
        Gone(one.row, one.step, one.reason, one.values, report.shown("\n".join(one.before or [])))
        for one in result.findings
        if one.action == DROPPED
    ]
    return Found(key, said, list(table.format.columns), gone[:MOST])
