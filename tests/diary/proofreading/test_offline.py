"""The offline corrector: what learners write is mended, what is right is left alone, whatever the text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary.proofreading.edits import PLACEHOLDER
from cuaderno.diary.proofreading.offline import Offline

PAIRS = {
    "en": {
        "I am agree with the idea.": "I agree with the idea.",
        "It depends of the dataset.": "It depends on the dataset.",
        "He explained me the paper.": "He explained the paper to me.",
        "I didn't went to class.": "I didn't go to class.",
        "She have two models.": "She has two models.",
        "I can to train it.": "I can train it.",
        "It is more better than before.": "It is better than before.",
        "The informations are wrong.": "The information is wrong.",
        "I recieved the results.": "I received the results.",
        "I bought a apple.": "I bought an apple.",
        "The loss is lower then yesterday.": "The loss is lower than yesterday.",
        "Its raining today.": "It's raining today.",
        "I am learning english.": "I am learning English.",
        "This models are small.": "These models are small.",
        "I look forward to see you.": "I look forward to seeing you.",
        "We discussed about the results.": "We discussed the results.",
        "I don't except anyone to read it.": "I don't expect anyone to read it.",
    },
    "es": {
        "No se que hacer.": "No sé qué hacer.",
        "Habían muchos errores.": "Había muchos errores.",
        "Voy haber los resultados.": "Voy a ver los resultados.",
        "Ya lo he echo.": "Ya lo he hecho.",
        "Estudio Ingles los Lunes.": "Estudio inglés los lunes.",
        "Tu sabes entrenar modelos.": "Tú sabes entrenar modelos.",
        "Cuantos años tienes?": "¿Cuántos años tienes?",
        "Pienso de que es verdad.": "Pienso que es verdad.",
        "Falla porqué no entrena.": "Falla porque no entrena.",
        "Es mas mejor que antes.": "Es mejor que antes.",
        "Desición dificil.": "Decisión difícil.",
    },
}
RIGHT = {
    "en": [
        "Softmax turns logits into probabilities, and dropout keeps the tokenizer out of it.",
        "Andrej Karpathy explains backpropagation in PyTorch; I expect nothing except patience.",
        "See a ⟦1⟧link text⟦2⟧ and a ⟦3⟧nice⟦4⟧ day with an ⟦5:8⟧-bit model.",
        "The colour of the data centre is gray, and nobody realised it.",
    ],
    "es": [
        "El porqué lo verás más abajo, y el porqué del fallo también.",
        "Sí, él sabe que aún no sé si el softmax sobra: solo tú lo sabes.",
        "El overfitting llega tarde, aunque el dataset sea pequeño y la GPU, grande.",
        "Vos tenés razón; en Zaragoza hacía frío y el agua estaba helada.",
    ],
}


@pytest.fixture(scope="module")
def offline() -> Offline:
    return Offline()


def mended(offline: Offline, text: str, lang: str) -> str:
    """The text after every suggestion."""
    for edit in offline.correct(text, lang):
        assert text.count(edit.old) == 1 and edit.why, edit
        text = text.replace(edit.old, edit.new)
    return text


@pytest.mark.parametrize(
    ("lang", "wrong", "right"), [(lang, *pair) for lang, pairs in PAIRS.items() for pair in pairs.items()]
)
def test_a_learner_s_slip_is_mended_and_its_twin_is_left_alone(offline, lang, wrong, right):
    assert mended(offline, wrong, lang) == right
    assert offline.correct(right, lang) == []


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang, texts in RIGHT.items() for text in texts])
def test_terms_names_and_other_ways_to_write_are_no_mistakes(offline, lang, text):
    assert offline.correct(text, lang) == []


WRITTEN = sorted({word for pairs in PAIRS.values() for pair in pairs.items() for text in pair for word in text.split()})
words = st.sampled_from([*WRITTEN, "⟦1⟧", "⟦2:15⟧", "⟦3:Ada⟧", "*", "[", "¿", "—", "\n"])


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(words, max_size=25).map(" ".join), st.text(max_size=80)), st.sampled_from(["en", "es"]))
def test_any_text_gets_edits_that_fit_it_and_spare_what_is_protected(text, lang):
    held = PLACEHOLDER.findall(text)
    for edit in Offline().correct(text, lang):
        assert edit.old in text and edit.old != edit.new
        assert PLACEHOLDER.findall(text.replace(edit.old, edit.new, 1)) == held
        assert not re.search(r"[<>`]", edit.new) or re.search(r"[<>`]", edit.old)
