"""Made-up rows in both languages: opinions with a label and stars, and questions with their answers.

Source:  our own phrases, put together at random with a fixed seed.
Licence: ours (MIT).
Traps:   opinions turn round ("not bad at all", "I wish I could say it was good"), what comes after "but" weighs more,
         and a few are labelled wrongly, as people do: nothing gets all of them right.
"""

import random
from collections.abc import Callable

NUM_OPINIONS = 1600
NUM_QUESTIONS = 1400
SLIPS = 0.03  # of the labels, wrong on purpose
ONE_MIND = 0.8  # of the clauses agree with the mood of their opinion
STRAIGHT = 0.65  # of the clauses say plainly what they mean

THINGS = {
    "en": ("the soup", "the room", "the guide", "the museum", "the bus", "the view", "the bread", "the bed",
           "the price", "the service", "the music", "the garden", "the coffee", "the staff", "the beach", "the film",
           "the book", "the show", "the tour", "the fish", "the pillow", "the pool", "the waiter", "the map",
           "the ending"),
    "es": ("la sopa", "la habitación", "la guía", "la exposición", "la ruta", "la vista", "la comida", "la cama",
           "la tarifa", "la atención", "la música", "la terraza", "la tarta", "la recepción", "la playa", "la película",
           "la novela", "la función", "la visita", "la carne", "la almohada", "la piscina", "la camarera", "la tienda"),
}  # fmt: skip
GOOD = {
    "en": ("wonderful", "very good", "a delight", "lovely", "better than expected", "worth every cent", "excellent"),
    "es": ("maravillosa", "muy buena", "una delicia", "preciosa", "mejor de lo esperado", "excelente", "estupenda"),
}
BAD = {
    "en": ("awful", "very bad", "a disappointment", "dull", "worse than expected", "a waste of money", "terrible"),
    "es": ("horrible", "muy mala", "una decepción", "aburrida", "peor de lo esperado", "carísima", "terrible"),
}
PLAIN = {
    "en": ("{thing} was {word}", "I found {thing} {word}", "{thing} was {word}, everybody said so"),
    "es": ("{thing} fue {word}", "{thing} me pareció {word}", "{thing} fue {word}, todos lo decían"),
}
TURNED = {  # what the word says is not so: with any word, with good ones, with bad ones
    "en": (("{thing} was not {word}", "nobody could call {thing} {word}", "{thing} was anything but {word}"),
           ("I wish I could say that {thing} was {word}", "I had hoped that {thing} would be {word}; it was not"),
           ("I feared that {thing} would be {word}; it was not", "they said {thing} was {word}, and they were wrong")),
    "es": (("{thing} no fue {word}", "nadie diría que {thing} fue {word}", "{thing} fue de todo menos {word}"),
           ("ojalá pudiera decir que {thing} fue {word}", "contaba con que {thing} fuera {word}; no lo fue"),
           ("temía que {thing} fuera {word}; no lo fue", "decían que {thing} era {word}, y se equivocaban")),
}  # fmt: skip
JOIN = {
    "en": ((" and ", 1.0), (". Also, ", 1.0), (", but ", 2.5), ("; however, ", 2.5), (". That said, ", 2.5)),
    "es": ((" y ", 1.0), (". Además, ", 1.0), (", pero ", 2.5), ("; sin embargo, ", 2.5), (". Dicho esto, ", 2.5)),
}
OPEN = {
    "en": ("", "We went on {day}. ", "Second visit, in {month}: ", "About {day}: ", "My sister said it in {month}: "),
    "es": (
        "",
        "Fuimos el {day}. ",
        "Segunda visita, en {month}: ",
        "Sobre el {day}: ",
        "Lo dijo mi hermana en {month}: ",
    ),
}
DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
MONTHS = {
    "en": ("January", "March", "April", "June", "July", "August", "October", "December"),
    "es": ("enero", "marzo", "abril", "junio", "julio", "agosto", "octubre", "diciembre"),
}


SHOWN = (  # beside a model, where everybody reads them: so none of anybody's rows
    "You have won a holiday. Call [PHONE] now!",
    "Are we still meeting for lunch?",
    "The film was long, but I would see it again tomorrow.",
    "La comida llegó fría y nadie pidió perdón.",
)
SHOWN_PAIRS = (
    ("A cat sleeps on the sofa.", "A cat is lying on a couch."),
    ("The train is late again.", "The train has not come yet."),
    ("Two children play football.", "A woman reads a newspaper."),
    ("Nobody likes cold soup.", "The bridge was closed in May."),
)
SHOWN_QUESTIONS = ("What is the capital of France?", "How much is 3 + 4?", "Hello! Who are you?")


def opinions() -> list[tuple[str, str, float]]:
    """Each a text, its label (praise or complaint) and its stars, from 1 to 5 in halves."""
    rng = random.Random(11)
    rows = []
    for _ in range(NUM_OPINIONS):
        lang, mind = rng.choice(("en", "es")), rng.choice((1, -1))
        text, mood, whole, weight = "", 0.0, 0.0, 1.0
        for number in range(rng.choice((1, 2, 2, 3))):
            joint, factor = rng.choice(JOIN[lang]) if number else ("", 1.0)
            words, clause_mood = clause(rng, lang, mind if rng.random() < ONE_MIND else -mind)
            words = words[0].upper() + words[1:] if joint.endswith(". ") else words
            weight *= factor
            mood, whole = mood + weight * clause_mood, whole + weight
            text += joint + words
        text = opening(rng, lang) + text[0].upper() + text[1:] + "."
        stars = round(2 * min(5.0, max(1.0, 3 + 1.6 * mood / whole + rng.gauss(0, 0.3)))) / 2
        label = "praise" if mood > 0 else "complaint"
        if rng.random() < SLIPS:
            label = "complaint" if label == "praise" else "praise"
        rows.append((text, label, stars))
    return rows


def opening(rng: random.Random, lang: str) -> str:
    return rng.choice(OPEN[lang]).format(day=rng.choice(DAYS[lang]), month=rng.choice(MONTHS[lang]))


def clause(rng: random.Random, lang: str, mood: int) -> tuple[str, float]:
    """Something about one thing in a mood, 1 or -1, and how strongly it says so."""
    straight = rng.random() < STRAIGHT
    is_good = (mood > 0) == straight
    words = GOOD[lang] if is_good else BAD[lang]
    any_word, good, bad = TURNED[lang]
    form = rng.choice(PLAIN[lang] if straight else any_word + (good if is_good else bad))
    return form.format(thing=rng.choice(THINGS[lang]), word=rng.choice(words)), mood * (1.2 if straight else 0.8)


CAPITALS = {
    "Spain": "Madrid", "France": "Paris", "Italy": "Rome", "Portugal": "Lisbon", "Japan": "Tokyo", "Peru": "Lima",
    "Chile": "Santiago", "Egypt": "Cairo", "Norway": "Oslo", "Greece": "Athens", "Cuba": "Havana", "Kenya": "Nairobi",
    "Austria": "Vienna", "Poland": "Warsaw", "Ireland": "Dublin", "Finland": "Helsinki", "Hungary": "Budapest",
}  # fmt: skip
OPPOSITES = {
    "hot": "cold", "big": "small", "fast": "slow", "old": "new", "happy": "sad", "early": "late", "full": "empty",
    "hard": "soft", "dark": "light", "open": "closed", "high": "low", "loud": "quiet", "wet": "dry", "near": "far",
}  # fmt: skip
WORDS = tuple(OPPOSITES) + tuple(OPPOSITES.values())
POLITE = ("", "Please, ", "Tell me, ", "A question: ", "Hello! ", "Quickly: ")
THANKS = ("", " Thanks.", " Thank you!", " I need it for school.", " My friend asks.")


def questions() -> list[tuple[str, str]]:
    """Each a question and its answer: sums, opposites, capitals, letters, what comes before and after."""
    rng = random.Random(12)
    kinds: tuple[Callable[[random.Random], tuple[str, str]], ...] = (sums, sums, opposite, capital, first_letter, after)
    rows = []
    for _ in range(NUM_QUESTIONS):
        question, answer = rng.choice(kinds)(rng)
        rows.append((rng.choice(POLITE) + question + rng.choice(THANKS), answer))
    return rows


def sums(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(0, 30), rng.randint(0, 9)
    return rng.choice((f"what is {a} plus {b}?", f"how much is {a} and {b}?")), f"{a} plus {b} is {a + b}."


def opposite(rng: random.Random) -> tuple[str, str]:
    one, other = rng.choice([*OPPOSITES.items(), *((b, a) for a, b in OPPOSITES.items())])
    form = rng.choice(("what is the opposite of {0}?", "which word is the opposite of {0}?", "not {0}, so what?"))
    return form.format(one), f"The opposite of {one} is {other}."


def capital(rng: random.Random) -> tuple[str, str]:
    country, city = rng.choice(list(CAPITALS.items()))
    form = rng.choice(("what is the capital of {0}?", "which city is the capital of {0}?", "{0}, its capital?"))
    return form.format(country), f"The capital of {country} is {city}."


def first_letter(rng: random.Random) -> tuple[str, str]:
    word = rng.choice(WORDS)
    return f"which letter does {word} begin with?", f"{word} begins with {word[0].upper()}."


def after(rng: random.Random) -> tuple[str, str]:
    days, number = DAYS["en"], rng.randrange(7)
    step = rng.choice((1, 2, -1))
    form = {1: "which day comes after {0}?", 2: "which day is two days after {0}?", -1: "which day is before {0}?"}
    return form[step].format(days[number]), f"It is {days[(number + step) % 7]}."
