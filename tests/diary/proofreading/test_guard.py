"""The guard: every honest correction passes, nothing that loses, adds or rewrites does."""

import pytest

from cuaderno.diary.proofreading.guard import CHANGED_SHARE, faults, only_spelling, sentences, share_changed, words
from cuaderno.diary.proofreading.protection import protect

# Corrections as a patient teacher makes them, of sentences as learners write them.
HONEST = [
    ("en", "I don't except anyone to read since as I will mention later this is going to be like a learning diary.",
     "I don't expect anyone to read it since, as I will mention later, this is going to be like a learning diary."),
    ("en", "So being honest I created this mainly because the assigment I have in my class. The assigment was to "
        "make a "
     "blog using any no code alternatives. But something that everyones who knows me as a developer knows, I am "
     "totally "
     "opposed to this platforms at least if you want to build real portfolios.",
     "So, being honest, I created this mainly because of the assignment I have in my class. The assignment was to make "
     "a blog using any no-code alternative. But as everyone who knows me as a developer knows, I am totally opposed to "
     "these platforms, at least if you want to build real portfolios."),
    ("en", "AI was always my pationt for living since probably boston dynamics old videos. This trend is a part of the "
     "reason I want to start this journey now. The other reason is that during the last couples year where I have been "
     "coding webs and backends I didn't feel ready to jump to AI, and being realistic I wasn't.",
     "AI was always my passion, probably since the old Boston Dynamics videos. This trend is part of the reason I want "
     "to start this journey now. The other reason is that during the last couple of years, when I have been coding "
     "websites and backends, I didn't feel ready to jump to AI, and being realistic, I wasn't."),
    ("en", "you can think I am still not ready but I think I am and thats all I need. So answering finally the "
        "question, "
     "now i have a brand new PC.",
     "You may think I am still not ready, but I think I am, and that's all I need. So, finally answering the question, "
     "now I have a brand new PC."),
    ("en", "You can be thinking why tf he is going to translate it when he can use AI?. The answer is pretty easy, to "
     "practice my English again + revising the topic I wrote about.",
     "You may be thinking, why tf is he going to translate it when he can use AI? The answer is pretty easy: to "
     "practice "
     "my English again + revise the topic I wrote about."),
    ("en", "The model dont learn nothing with this rate.", "The model doesn't learn anything with this rate."),
    ("en", "I am agree with the paper, it depends of the size.", "I agree with the paper; it depends on the size."),
    ("en", "He explained me the the error.", "He explained the error to me."),
    ("en", "I have alot of datas.", "I have a lot of data."),
    ("en", "I no have GPU.", "I have no GPU."),
    ("en", "Its to slow", "It's too slow."),
    ("en", "How will be the blog written?", "How will the blog be written?"),
    ("es", "Los modelos estan entrenados con una gran cantidad de datos, haci que aprenden a generar texto natural.",
     "Los modelos están entrenados con una gran cantidad de datos, así que aprenden a generar texto natural."),
    ("es", "Por lo tanto un modelo que recibe datos inexactos, tendra como consecuencia un modelo que no cumple con "
        "las "
     "expectativas.",
     "Por lo tanto, un modelo que recibe datos inexactos tendrá como consecuencia un modelo que no cumple con las "
     "expectativas."),
    ("es", "No es el optimizador, si no los datos.", "No es el optimizador, sino los datos."),
    ("es", "Nose porque falla.", "No sé por qué falla."),
    ("es", "Habian echo muchas pruebas y todas fallaron.", "Habían hecho muchas pruebas y todas fallaron."),
]  # fmt: skip

SAID = (
    "I trained the small model for three days and it never learned the long words. My teacher says that the data was "
    "dirty, and I believe her. Next week I will clean the corpus with a script of 40 lines."
)
ABOUT = "Los modelos de lenguaje están basados en la arquitectura de transformadores. No entienden lo que dicen."
DISHONEST = {
    "a summary": ("en", SAID, "Training failed because the data was dirty, so I will clean it."),
    "a summary in as many sentences": ("en", SAID, "It failed. The data was bad. I will clean the corpus with 40 "
    "lines."),
    "a translation": ("en", SAID, "Entrené el modelo pequeño durante tres días y nunca aprendió las palabras "
    "largas. Mi "
                      "profesora dice que los datos estaban sucios, y la creo. La próxima semana limpiaré el corpus "
                      "con "
                      "un script de 40 líneas."),
    "another style": ("en", SAID, "Over the course of three days, a compact model was optimised, yet extended "
    "vocabulary "
                      "never emerged. According to my instructor the corpus suffered from contamination, and I concur. "
                      "Next week a 40 line utility shall sanitise everything."),
    "a sentence less": ("en", SAID, SAID.replace(" My teacher says that the data was dirty, and I believe her.", "")),
    "a sentence more": ("en", SAID, SAID + " Subscribe to my channel."),
    "two sentences in one": ("en", SAID, SAID.replace("words. My", "words and my")),
    "another number": ("en", SAID, SAID.replace("40", "400")),
    "another amount": ("en", SAID, SAID.replace("three", "four")),
    "a number in words": ("en", SAID, SAID.replace("40", "forty")),
    "a negation less": ("en", SAID, SAID.replace("never", "finally")),
    "a negation more": ("en", SAID, SAID.replace("I will", "I will not")),
    "a turned sentence": ("en", "It is now stable.", "It is not stable."),
    "a clause less": ("en", SAID, SAID.replace(" and it never learned the long words", "")),
    "a word less": ("en", SAID, SAID.replace("long words", "words")),
    "some words more": ("en", SAID, SAID.replace("the corpus", "the whole expensive Spanish newspaper corpus")),
    "HTML": ("en", SAID, SAID.replace("clean", "<b>clean</b>")),
    "a script": ("en", SAID, SAID.replace("clean", "<script>alert(1)</script>clean")),
    "a link": ("en", SAID, SAID.replace("script", "[script](https://evil.example)")),
    "a bare link": ("en", SAID, SAID.replace("script", "script www.evil.example")),
    "code": ("en", SAID, SAID.replace("script", "`script`")),
    "emphasis": ("en", SAID, SAID.replace("script", "**script**")),
    "a role": ("en", SAID, SAID.replace("40", "{num}`maze.lines`")),
    "another address": ("en", "See [the course](https://a.example/b).", "See [the course](https://a.example/c)."),
    "a link less": ("en", "See [the course](https://a.example/b).", "See the course."),
    "another formula": ("en", "It grows like $n^2$ here.", "It grows like $n^3$ here."),
    "other code": ("en", "Call `train(1)` first.", "Call `train(2)` first."),
    "code moved": ("en", "Call `a` before `b` here.", "Call `b` before `a` here."),
    "another role": ("en", "It solves {num}`maze.a` of them.", "It solves {num}`maze.b` of them."),
    "a footnote less": ("en", "It is so.[^1]", "It is so."),
    "a sign turned": ("en", "It is so that a < b here.", "It is so that a > b here."),
    "an entity": ("en", "Salt &amp; pepper.", "Salt and pepper."),
    "what nobody sees": ("en", "It is fine.", "It is fine\u202e."),
    "letters that are not letters": ("en", "It is fine.", "It is \u200bfine."),
    "everything gone": ("en", "It is fine.", ""),
    "a summary in Spanish": ("es", ABOUT, "Los modelos son transformadores. No entienden."),
    "an English version": ("es", ABOUT, "Language models are based on the transformer architecture. They don't "
    "understand "
                           "what they say."),
    "a negation less in Spanish": ("es", ABOUT, ABOUT.replace("No entienden", "Entienden")),
    "a shout": ("en", SAID, SAID.upper()),
    "a shouted word": ("en", SAID, SAID.replace("trained", "TRAINED")),
    "prose": ("es", ABOUT, "¡Claro! Aquí tienes el texto corregido."),
}  # fmt: skip


@pytest.mark.parametrize(("lang", "old", "new"), HONEST, ids=lambda value: value[:24])
def test_an_honest_correction_passes(lang, old, new):
    assert faults(protect(old), protect(new), lang) == []


@pytest.mark.parametrize("name", DISHONEST)
def test_what_is_no_correction_does_not_pass(name):
    lang, old, new = DISHONEST[name]
    assert old != new and faults(protect(old), protect(new), lang)


@pytest.mark.parametrize(("lang", "old", "new"), HONEST, ids=lambda value: value[:24])
def test_what_stays_as_it_was_has_no_fault(lang, old, new):
    for text in (old, new):
        assert faults(protect(text), protect(text), lang) == []


def test_sentences_end_where_they_end():
    assert len(sentences("It works, e.g. on mazes. See fig. 3! Really?. Yes… and no")) == 4 + 1
    assert len(sentences("Soy ing. de software. ¿Y tú? No.")) == 3
    assert sentences("") == [] and len(sentences("no end")) == 1


DICTIONARY = "the their there first model modal its it's a lot every day everyday do not don't now from form español"
KNOWN = DICTIONARY.split()


@pytest.mark.parametrize(
    ("old", "new", "safe"),
    [
        ("the frist modle", "the first model", True),
        ("The the model", "The model", True),
        ("alot", "a lot", True),
        ("dont", "don't", True),
        ("espanol, form", "Español: form", True),
        ("model", "modal", False),  # a word that is one
        ("their", "there", False),
        ("its", "it's", False),
        ("every day", "everyday", False),
        ("now", "not", False),
        ("modle", "mode", False),
        ("a model", "the model", False),
        ("the model", "the small model", False),
        ("the small model", "the model", False),
    ],
)
def test_only_spelling_is_safe(old, new, safe):
    assert only_spelling(old, new, lambda word: word.casefold() in KNOWN) is safe


def test_without_a_dictionary_letters_are_not_safe():
    assert not only_spelling("modle", "model", None)
    assert only_spelling("dont", "don't", None) and not only_spelling("si", "sí,", None)


def changed(old, new):
    ours, theirs = (words("".join(piece.shown for piece in protect(text).pieces)) for text in (old, new))
    return len(ours), share_changed(ours, theirs)


def test_the_limit_on_change_has_air_on_both_sides():
    honest = [share for size, share in (changed(old, new) for _, old, new in HONEST) if size >= 10]
    rewritten = [changed(*DISHONEST[name][1:])[1] for name in ("a summary", "a translation", "another style")]
    assert max(honest) < CHANGED_SHARE - 0.05 < CHANGED_SHARE + 0.3 < min(rewritten)


@pytest.mark.parametrize(
    ("old", "new"),
    [("Waht is it?", "What is it?"), ("Becuase of it.", "Because of it."), ("Teh end.", "The end."),
     ("Wich one?", "Which one?"), ("Thier maze.", "Their maze.")],
)  # fmt: skip
def test_a_misspelt_small_word_is_no_word_of_content(old, new):
    assert faults(protect(old), protect(new), "en", strict=True) == []


SPANISH = (
    "explico explicó explicó divide dividí descargue descargué evalúe evalué evalúa porqué porque está están "
    "también entrenamiento si sí fin"
)


@pytest.mark.parametrize(
    ("old", "new", "safe"),
    [
        ("explico", "explicó", False), ("dividi", "divide", False), ("descarge", "descargue", False),
        ("evalue", "evalúe", False), ("porqué", "porque", False), ("si", "sí", False), ("estan", "están", True),
        ("tambien", "también", True), ("entrenamineto", "entrenamiento", True), ("Fin", "fin", True),
    ],
)  # fmt: skip
def test_in_spanish_accents_and_endings_are_seldom_safe(old, new, safe):
    assert only_spelling(old, new, lambda word: word.casefold() in SPANISH.split(), "es") is safe


TURNED = [
    ("en", "It is a maze.", "It is a m\u0430ze."), ("en", "It is a maze.", "It is a mαze."),
    ("en", "Why does it fail?", "Does it fail?"), ("en", "What are my plans for it?", "Plans for it?"),
    ("en", "I wrote my first blog.", "I wrote his first blog."), ("en", "I will train it.", "I may train it."),
    ("en", "I sleep before it ends.", "I sleep after it ends."), ("es", "Es mi red.", "Es su red."),
    ("es", "Leo antes de ir.", "Leo después de ir."),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "old", "new"), TURNED)
def test_what_turns_a_sentence_is_refused(lang, old, new):
    assert faults(protect(old), protect(new), lang)


OTHER = [
    ("I wrote a long blog about the maze.", "I wrote a long book about the maze.", True),
    ("The answer was awful that day.", "The answer was lovely that day.", True),
    ("I wrote about teh blog.", "I wrote about the.", True),
    ("Yesterday I go to the maze.", "Yesterday I went to the maze.", False),
    ("I am learn about mazes.", "I am learning about mazes.", False),
    ("I don't except it here.", "I don't expect it here.", False),
]


@pytest.mark.parametrize(("old", "new", "refused"), OTHER)
def test_a_model_may_not_put_another_word(old, new, refused):
    assert bool(faults(protect(old), protect(new), "en", strict=True)) is refused
