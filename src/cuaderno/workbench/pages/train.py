"""Train a study from a form; the training goes on when the page is closed."""

from cuaderno.workbench import Place
from cuaderno.workbench.frame import say_what_happened
from cuaderno.workbench.training import choosing, starting

TITLE = {"en": "Train", "es": "Entrenar"}
ORDER = 20


def show(place: Place) -> None:
    say_what_happened()
    choosing.show(place, starting.trainings(place.diary))
