from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cuaderno.diary.diary import Diary
from cuaderno.diary.journey import read_journey
from cuaderno.diary.progress import MARKS, Progress, as_dict
from cuaderno.diary.settings import read_settings
from cuaderno.lab.records import kept

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OBJECTIVE = """
[[objective]]
id = "toys"
title = { en = "Toys", es = "Juguetes" }
study = "toy"
evidence = "error.high < 0.35"
"""
BET = """
[[bet]]
id = "small"
says = { en = "It will be small.", es = "Será pequeño." }
made = 2026-11-20T10:00:00Z
study = "toy"
condition = "error < 0.3"
"""
TEXT = "It errs in {{num}}`{cites}.error`."


@pytest.fixture
def home(tmp_path):
    (tmp_path / "cuaderno.toml").write_text('title = "Notes"\n')
    (tmp_path / "records").mkdir()
    return tmp_path


@pytest.fixture
def keep(home, make_run):
    """Keep a run: `keep("2026-11-21T10:00:00+00:00", 0.2, 0.3)`."""
    count = iter(range(99))

    def keep(created: str, low: float | None, high: float | None, value: float = 0.25, name: str = "error", **fields):
        metrics = {name: {"value": value, "low": low, "high": high, "n": 100}}
        run_id = f"{fields.get('study', 'toy')}-20261121-101112-{next(count):06x}"
        make_run(home / "records", run_id, created=created, metrics=metrics, **fields)
        return run_id

    return keep


def write(home, lang: str, cites: str = "toy", slug: str = "a", **head: str) -> None:
    fields = {"title": "A", "date": "2026-11-20"} | head
    path = home / "posts" / slug / f"{lang}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
    path.write_text(f"---\n{lines}---\n{TEXT.format(cites=cites)}\n", encoding="utf-8")


def measured(home, text: str = OBJECTIVE, moment: datetime = NOW, declared=lambda study: (), installed=()) -> Progress:
    (home / "journey.toml").write_text(text, encoding="utf-8")
    diary = Diary.open(home)
    assert diary.journey is not None and not diary.problems
    return Progress(diary.journey, kept(home / "records"), diary.posts, declared, installed, moment)


def marks(progress: Progress) -> list[str]:
    return [name for name in MARKS if progress.standings[0].marks[name]]


# -- what is derived ---------------------------------------------------------------------------------------------------


def test_a_state_grows_with_what_is_there(home, keep):
    planned = 'planned = ["toy"]\n' + OBJECTIVE
    progress = measured(home, planned)
    assert marks(progress) == [] and progress.standings[0].state == "planned" and not progress.faults
    keep("2026-11-10T10:00:00+00:00", 0.2, 0.4)
    assert marks(measured(home)) == []  # the bar is not reached
    reached = keep("2026-11-12T10:00:00+00:00", 0.2, 0.3)
    assert marks(measured(home)) == ["trained"]
    write(home, "en", cites="other")
    assert marks(measured(home)) == ["trained"]  # it cites no such run
    write(home, "en", draft="true")
    assert marks(measured(home)) == ["trained"]
    write(home, "en", date="2027-01-01")
    assert marks(measured(home)) == ["trained", "written"]
    write(home, "en")
    progress = measured(home)
    assert marks(progress) == ["trained", "written", "published"] and progress.standings[0].run.id == reached
    assert progress.standings[0].state == "written" and progress.standings[0].missing == ["corrected", "translated"]
    write(home, "es", draft="true")
    assert "translated" not in marks(measured(home))
    write(home, "es")
    (home / "posts" / "a" / "original.en.md").write_text("As first written.")
    progress = measured(home)
    assert marks(progress) == list(MARKS) and progress.standings[0].count == 5
    assert not progress.standing_still()


def test_the_first_run_that_reaches_the_bar_counts_and_a_later_failure_takes_nothing_away(home, keep):
    first = keep("2026-11-12T10:00:00+00:00", 0.2, 0.3)
    keep("2026-11-14T10:00:00+00:00", 0.2, 0.9)
    keep("2026-11-15T10:00:00+00:00", None, None)  # a metric without an interval has no .high
    assert measured(home).standings[0].run.id == first


@pytest.mark.parametrize(
    ("head", "cites", "tells"),
    [
        ({}, "toy", False),  # a study means its newest run, which misses the bar
        ({}, "toy-20261121-101112-000000", True),
        ({"runs": "{mine: toy-20261121-101112-000000}"}, "mine", True),
        ({}, "toy-20261121-101112-000001", False),
    ],
)
def test_a_post_has_to_cite_a_run_that_reaches_the_bar(home, keep, head, cites, tells):
    keep("2026-11-12T10:00:00+00:00", 0.2, 0.3)
    keep("2026-11-13T10:00:00+00:00", 0.2, 0.9)
    write(home, "en", cites=cites, **head)
    assert ("written" in marks(measured(home))) == tells


def test_of_several_posts_the_furthest_counts_unless_one_is_named(home, keep):
    keep("2026-11-12T10:00:00+00:00", 0.2, 0.3)
    write(home, "en", slug="early", date="2026-11-13")
    write(home, "en", slug="both")
    write(home, "es", slug="both")
    assert [post.slug for post in measured(home).standings[0].posts] == ["both", "both"]
    assert [post.slug for post in measured(home, OBJECTIVE + 'post = "early"\n').standings[0].posts] == ["early"]


def test_a_diary_in_one_language_needs_no_translation(home, keep):
    (home / "cuaderno.toml").write_text('languages = ["es"]\n')
    keep("2026-11-12T10:00:00+00:00", 0.2, 0.3)
    write(home, "es")
    progress = measured(home, OBJECTIVE.replace('{ en = "Toys", es = "Juguetes" }', '"Juguetes"'))
    assert progress.standings[0].missing == ["corrected"] and progress.standings[0].objective.title["es"] == "Juguetes"


# -- bets --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.2, 0.29, "won"), (0.3, 0.4, "lost"), (0.2, 0.4, "undecided"), (None, None, "won")]
)
def test_the_first_kept_run_settles_a_bet_and_later_ones_do_not_reopen_it(home, keep, low, high, verdict):
    keep("2026-11-20T09:00:00+00:00", 0.1, 0.2, name="speed")  # before the bet, but it measured something else
    first = keep("2026-11-20T11:00:00+00:00", low, high)
    keep("2026-11-20T12:00:00+00:00", 0.0, 0.1)
    keep("2026-11-20T13:00:00+00:00", 0.8, 0.9)
    progress = measured(home, BET)
    [settled] = progress.bets
    assert (settled.verdict, settled.run.id) == (verdict, first) and not progress.faults
    assert settled.numbers["error"].high == high


def test_a_bet_is_open_until_a_run_has_its_numbers(home, keep):
    progress = measured(home, 'planned = ["toy"]\n' + BET)
    assert progress.bets[0].verdict == "open" and not progress.faults
    keep("2026-11-20T11:00:00+00:00", 0.1, 0.2, name="speed")
    assert measured(home, BET).bets[0].verdict == "open"


@pytest.mark.parametrize(
    ("errors", "seeds", "verdict"),
    [
        ((0.1, 0.2), (0, 1), "open"),
        ((0.1, 0.2, 0.2), (0, 1, 1), "open"),  # the same seed twice says nothing new
        ((0.1, 0.2, 0.1), (0, 1, 2), "won"),
        ((0.6, 0.5, 0.4, 0.1), (0, 1, 2, 3), "lost"),  # a fourth changes nothing
        ((0.1, 0.2, 0.5), (0, 1, 2), "undecided"),
    ],
)
def test_a_bet_can_ask_for_several_seeds(home, keep, errors, seeds, verdict):
    runs = [
        keep(f"2026-11-20T1{i}:30:00+00:00", None, None, value=error, config={"seed": seed})
        for i, (error, seed) in enumerate(zip(errors, seeds, strict=True))
    ]
    [settled] = measured(home, BET + "seeds = 3\n").bets
    assert settled.verdict == verdict
    assert (settled.run and settled.run.id) == (None if verdict == "open" else runs[2])
    assert [run.id for run in settled.runs] == (runs[:2] if verdict == "open" else runs[:3])


def test_a_bet_is_refused_when_its_run_was_there_first(home, keep):
    keep("2026-11-20T09:59:00+00:00", 0.2, 0.25)
    [fault] = measured(home, BET).faults
    assert "journey.toml:5: the bet 'small' is refused: toy-" in str(fault)
    assert "2026-11-20 09:59" in str(fault) and "A bet is written down before the run." in str(fault)


def test_a_bet_without_a_time_might_be_later_than_a_run_of_its_day(home, keep):
    run = keep("2026-11-20T09:59:00+00:00", 0.2, 0.25)
    timeless = BET.replace("T10:00:00Z", "")
    progress = measured(home, timeless)
    assert progress.bets[0].verdict == "open" and "is of the same day, 2026-11-20 09:59" in str(progress.faults[0])
    timed = measured(home, BET.replace("T10:00:00Z", "T09:00:00Z"))
    assert timed.bets[0].run.id == run and not timed.faults
    assert measured(home, timeless.replace("11-20", "11-19")).bets[0].run.id == run


# -- what moved --------------------------------------------------------------------------------------------------------


def test_what_moved_and_what_stands_still(home, keep):
    keep("2026-10-01T10:00:00+00:00", 0.2, 0.9)
    keep("2026-11-20T11:00:00+00:00", 0.2, 0.3)
    keep("2026-11-20T12:00:00+00:00", 0.2, 0.3)
    write(home, "en")
    write(home, "es", date="2026-11-21")
    other = '[[objective]]\nid = "b"\ntitle = { en = "B", es = "B" }\nstudy = "later"\n'
    text = 'planned = ["later"]\nsince = 2026-10-01\n' + OBJECTIVE + other + BET.replace("11-20T", "11-01T")
    progress = measured(home, text.replace("error < 0.3", "error.n > 1000"))
    assert [move.key for move in progress.this_month()] == [
        "toys-translated", "toys-published", "bet-small-settled", "toys-run-2026-11-20", "toys-trained",
        "bet-small-made",
    ]  # fmt: skip
    assert [move.key for move in progress.movements][-1] == "toys-run-2026-10-01"
    assert [(one.objective.id, last) for one, last in progress.standing_still()] == [("b", None)]
    later = measured(home, text, NOW + timedelta(days=31))
    assert [one.objective.id for one, _ in later.standing_still()] == ["toys", "b"]
    assert later.this_month() == []


def test_the_future_has_not_moved(home, keep):
    keep("2026-11-12T10:00:00+00:00", 0.2, 0.3)
    write(home, "en", date="2026-11-30")
    assert [move.kind for move in measured(home).movements] == ["trained"]


def test_it_can_be_told_in_plain_values(home, keep):
    run = keep("2026-11-20T11:00:00+00:00", 0.2, 0.25)
    found = as_dict(measured(home, OBJECTIVE + BET), "es")
    assert (
        found["objectives"][0] | {"title": "Juguetes", "state": "trained", "run": run, "post": None}
        == (found["objectives"][0])
    )
    assert found["bets"][0]["verdict"] == "won" and found["bets"][0]["numbers"]["error"]["n"] == 100
    assert [move["kind"] for move in found["moved_this_month"]] == ["settled", "trained", "made"]


# -- what is wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[objective]\n", "journey.toml cannot be read"),
        ("objectives = []\n", "journey.toml:1: journey.toml has no 'objectives'. Did you mean 'objective'?"),
        (BET + "seeds = 0\n", "seeds: '0' is no number of seeds. Write for example seeds = 3."),
        ("[objective]\nid = 'a'\n", "write each objective under a line of its own: [[objective]]"),
        ("[[objective]]\nid = 'a'\n", "journey.toml:1: an objective needs title, study. Write for example"),
        (OBJECTIVE.replace('"toys"', '"The toys"'), "journey.toml:3: id: 'The toys' cannot be an id"),
        (OBJECTIVE.replace(', es = "Juguetes"', ""), "journey.toml:4: title: it says nothing in 'es'"),
        (OBJECTIVE.replace('{ en = "Toys", es = "Juguetes" }', '"Toys"'), "title: write it in each language"),
        (OBJECTIVE.replace('"toy"', "3"), "journey.toml:5: study: this must be a text in quotes"),
        (OBJECTIVE + 'state = "done"', "journey.toml:7: an objective has no 'state'"),
        (OBJECTIVE.replace("high <", "hihg <"), "journey.toml:6: evidence: the condition `error.hihg < 0.35`, char"),
        (OBJECTIVE + OBJECTIVE, "journey.toml:9: the id 'toys' is taken by another objective"),
        (BET.replace("2026-11-20T10:00:00Z", '"soon"'), "journey.toml:5: made: 'soon' is not a date"),
        (BET.replace("2026-11-20T10:00:00Z", "10:00:00"), "journey.toml:5: made: '10:00:00' is not a date"),
        (BET.replace("< 0.3", "< 0.3 plus"), "condition: the condition `error < 0.3 plus`, character 13: 'plus'"),
        ("planned = 'toy'\n", "journey.toml:1: planned: this must be a list"),
        ("bet = 3\n", "write each bet under a line of its own"),
    ],
)
def test_faults_of_the_file_have_their_line(home, text, says):
    (home / "journey.toml").write_text(text, encoding="utf-8")
    assert any(says in str(problem) for problem in Diary.open(home).problems)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (OBJECTIVE.replace('"toy"', '"tyo"'), "journey.toml:5: there is no study 'tyo'. Did you mean 'toy'?"),
        (
            OBJECTIVE.replace("error.", "eror."),
            "character 1: the study 'toy' has no metric 'eror'. Did you mean 'error'?",
        ),
        (OBJECTIVE + 'post = "b"\n', "journey.toml:7: there is no post 'b'. Known: a."),
        (BET.replace("error <", "errors <"), "journey.toml:7: condition: the condition `errors < 0.3`, character 1"),
        (OBJECTIVE.replace("error.high", "speed.high"), "'speed' has no interval. Write speed.value."),
    ],
)
def test_names_that_runs_and_posts_do_not_know(home, keep, text, says):
    keep("2026-11-20T11:00:00+00:00", 0.2, 0.25)
    keep("2026-11-20T12:00:00+00:00", None, None, name="speed")
    write(home, "en")
    [fault] = measured(home, text).faults
    assert says in str(fault)


def test_a_study_that_declares_its_metrics_is_known_before_its_first_run(home):
    progress = measured(home, OBJECTIVE, declared=lambda study: ["error"], installed=["toy"])
    assert not progress.faults
    [fault] = measured(home, OBJECTIVE, declared=lambda study: ["errors"], installed=["toy"]).faults
    assert "has no metric 'error'. Did you mean 'errors'?" in str(fault)
    assert not measured(home, OBJECTIVE, installed=["toy"]).faults  # a study that says nothing of its metrics


def test_a_file_of_comments_is_no_journey(home):
    assert Diary.open(home).journey is None
    (home / "journey.toml").write_text("# nothing yet\n")
    assert Diary.open(home).journey is None


VALUES = st.sampled_from(
    ['"x"', "3", "true", "[]", "[1]", "{}", '{ en = 1, es = "x" }', '{ en = "x", es = "y" }', "2026-11-21", "10:00:00",
     "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "nan", '"error < 1"', '"error <"', '[{ id = "a" }]']
)  # fmt: skip
NAMES = [
    "id",
    "title",
    "study",
    "evidence",
    "post",
    "says",
    "made",
    "condition",
    "since",
    "planned",
    "objective",
    "bet",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["", "[[objective]]\n", "[[bet]]\n"]), st.sampled_from(NAMES), VALUES)))
def test_whatever_is_written_is_read_or_refused_with_the_file(home, lines):
    text = "".join(f"{head}{name} = {value}\n" for head, name, value in lines)
    (home / "journey.toml").write_text(text)
    journey = read_journey(home, read_settings(home))
    if journey is None:
        assert not lines
        return
    assert all("journey.toml" in str(problem) for problem in journey.problems)
    progress = Progress(journey, [], [], moment=NOW)
    assert all("journey.toml:" in str(fault) for fault in progress.faults)
    assert as_dict(progress, "en") and progress.state
