"""What becomes of a paragraph while it is typed: nothing is lost, and nobody is written over."""

import datetime
import threading

import pytest

from cuaderno.diary.translating import drafts
from cuaderno.diary.translating.desk import opened
from cuaderno.diary.translating.translation import Overtaken, Unfit
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench.desk import seat as seats

TODAY = datetime.date.today()


@pytest.fixture
def sit(folder):
    """`sit(2)` is the seat of paragraph 2 of the mazes, begun from what is on disk."""

    def take(number, slug="mazes"):
        translation = opened(folder, slug)
        key, one = next((key, one) for key, one in drafts.keyed(translation).items() if one.number == number)
        return translation, one, seats.sit(key, one, drafts.kept(folder, translation).get(key))

    return take


def kept(folder):
    return sorted((folder / ".cache" / "translate").glob("*"))


def test_what_is_typed_is_kept_and_comes_back(folder, sit):
    translation, _one, seat = sit(2)
    assert (seat.text, seat.base, seat.is_typed) == ("", "-", False)
    assert seats.typed(folder, translation, seat, "Cada") is None
    assert seats.typed(folder, translation, seat, "Cada ejecución") is None
    _, _, again = sit(2)
    assert again.text == "Cada ejecución" and again.is_typed and len(kept(folder)) == 1


def test_a_disk_that_takes_nothing(folder, sit):
    (folder / ".cache").write_text("a file where the drafts would lie")
    translation, _one, seat = sit(2)
    with pytest.raises(CuadernoError, match="Could not write"):
        seats.typed(folder, translation, seat, "Cada ejecución")
    assert (seat.text, seat.state) == ("Cada ejecución", "not_kept")


def test_emptying_the_place_leaves_the_draft_and_undoing_drops_it(folder, sit):
    translation, _one, seat = sit(1)
    seats.typed(folder, translation, seat, "El laberinto")
    seats.typed(folder, translation, seat, "")
    assert sit(1)[2].text == "El laberinto", "what was there a moment ago is still to be had"
    seats.typed(folder, translation, seat, "El laberinto tiene 1.000 casillas.")
    assert kept(folder) == []


def test_saving_writes_remembers_and_forgets_the_draft(folder, sit, read):
    translation, _one, seat = sit(3)
    assert seat.text == "- ", "an item begins with its mark"
    seats.typed(folder, translation, seat, "- un `wall`")
    assert seats.save(folder, "mazes", "en", seat, TODAY) == 3
    assert "- un `wall`" in read("mazes", "es") and kept(folder) == []
    assert opened(folder, "mazes").paragraph(3).memory.made == TODAY


def test_what_does_not_fit_stays_typed(folder, sit, read):
    before = read("mazes", "es")
    translation, _one, seat = sit(2)
    seats.typed(folder, translation, seat, "Una.\n\nDos.")
    with pytest.raises(Unfit):
        seats.save(folder, "mazes", "en", seat, TODAY)
    assert read("mazes", "es") == before and sit(2)[2].text == "Una.\n\nDos."


def test_another_program_is_noticed_and_both_texts_stay(folder, sit, read, write):
    translation, _one, seat = sit(1)
    seats.typed(folder, translation, seat, "El mío tiene 1.000.")
    write("mazes", "es", "El suyo tiene 1.000.\n\nFin.\n")
    now = opened(folder, "mazes").paragraph(1)
    assert seats.is_overtaken(seats.refreshed(seat, now), now)
    with pytest.raises(seats.Taken):
        seats.save(folder, "mazes", "en", seat, TODAY)
    assert "suyo" in read("mazes", "es")
    fresh, aside = seats.yield_to(folder, translation, seat, now)
    assert fresh.text == "El suyo tiene 1.000." and fresh.version > seat.version and "El mío" in aside.read_text()


def test_writing_over_it_knowingly(folder, sit, read, write):
    translation, _one, seat = sit(1)
    seats.typed(folder, translation, seat, "El mío tiene 1.000.")
    write("mazes", "es", "El suyo tiene 1.000.\n\nFin.\n")
    seats.save(folder, "mazes", "en", seats.over(seat, opened(folder, "mazes").paragraph(1)), TODAY)
    assert "mío" in read("mazes", "es") and "suyo" not in read("mazes", "es")


def test_what_is_not_typed_over_follows_the_file(folder, sit, write):
    _, _, seat = sit(1)
    write("mazes", "es", "El nuevo tiene 1.000.\n\nFin.\n")
    fresh = seats.refreshed(seat, opened(folder, "mazes").paragraph(1))
    assert fresh.text == "El nuevo tiene 1.000." and fresh.version == 2


def test_a_change_elsewhere_does_not_stand_in_the_way(folder, sit, write, read):
    translation, _one, seat = sit(2)
    seats.typed(folder, translation, seat, "Cada ejecución es nueva.")
    write("mazes", "es", "El laberinto tiene 1.000 casillas.\n\nSe acabó.\n")
    seats.save(folder, "mazes", "en", seat, TODAY)
    assert "nueva" in read("mazes", "es") and "Se acabó." in read("mazes", "es")


def test_at_that_very_moment(folder, sit, read, monkeypatch):
    """A program that writes between reading and writing makes it read once more."""
    from cuaderno.diary.translating.translation import Translation

    translation, _one, seat = sit(2)
    seats.typed(folder, translation, seat, "Cada ejecución es nueva.")
    write, times = Translation.write, []

    def overtaken_once(self, *arguments):
        times.append(1)
        if len(times) == 1:
            raise Overtaken("…")
        return write(self, *arguments)

    monkeypatch.setattr(Translation, "write", overtaken_once)
    assert seats.save(folder, "mazes", "en", seat, TODAY) == 2 and "nueva" in read("mazes", "es")


def test_a_source_that_changes_keeps_what_was_typed(folder, sit, write):
    translation, _one, seat = sit(2)
    seats.typed(folder, translation, seat, "Cada ejecución es nueva.")
    write("mazes", "en", "The maze has 1,000 squares.\n\nEvery run is old.\n\nThe end.\n")
    with pytest.raises(seats.Gone):
        seats.save(folder, "mazes", "en", seat, TODAY)
    assert "Cada ejecución es nueva." in kept(folder)[0].read_text()


def test_two_tabs_save_at_once(folder, sit, read):
    places = [sit(2), sit(3)]
    for (translation, _, seat), text in zip(places, ("Cada ejecución es nueva.", "- un `wall`"), strict=True):
        seats.typed(folder, translation, seat, text)
    threads = [threading.Thread(target=seats.save, args=(folder, "mazes", "en", seat, TODAY)) for _, _, seat in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "nueva" in read("mazes", "es") and "- un `wall`" in read("mazes", "es")
    assert opened(folder, "mazes").behind == []


def test_a_translation_begins_with_its_title(folder, sit):
    translation = opened(folder, "nacido")
    for name, text in (("title", "Born  in\nSpanish"), ("description", "A post.")):
        seats.typed(folder, translation, seats.sit(name, None, None), text)
    assert seats.head(folder, translation) == ("Born in Spanish", "A post.")
    path = seats.begin(folder, "nacido", "es", "Born in\nSpanish", "A post.", TODAY)
    assert path.read_text().startswith('---\ntitle: "Born in Spanish"\ndescription: "A post."\nborn: es\n---\n')
    assert kept(folder) == []
    with pytest.raises(Overtaken, match="exists by now"):
        seats.begin(folder, "nacido", "es", "Again", "", TODAY)
    assert "Born in Spanish" in path.read_text()


def test_a_paragraph_saved_first_takes_the_title_that_was_typed(folder, sit):
    translation = opened(folder, "nacido")
    seats.typed(folder, translation, seats.sit("title", None, None), "Born in Spanish")
    _, _, seat = sit(2, "nacido")
    seats.typed(folder, translation, seat, "Two.")
    seats.save(folder, "nacido", "es", seat, TODAY)
    assert 'title: "Born in Spanish"' in (folder / "posts" / "nacido" / "en.md").read_text() and kept(folder) == []
