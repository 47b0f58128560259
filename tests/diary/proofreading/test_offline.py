"""The offline corrector: what it mends, what it leaves alone, and that nothing it is given can make it stumble."""

import re
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary.proofreading.edits import Edit
from cuaderno.diary.proofreading.offline import Offline
from cuaderno.diary.proofreading.offline.checking import edits, twice
from cuaderno.diary.proofreading.offline.conjugation import conjugate
from cuaderno.diary.proofreading.offline.patterns import Finding, Grammar
from cuaderno.diary.proofreading.offline.tokens import sentences

HELD = re.compile(r"⟦\d+(?::[^⟦⟧]*)?⟧")

# What somebody wrote, and what it becomes.
ENGLISH = [
    ("I recieved the weights becouse you sent them.", "I received the weights because you sent them."),
    ("My brother don't like the maths.", "My brother doesn't like maths."),
    ("It depends of the model.", "It depends on the model."),
    ("She explained me the loss function.", "She explained the loss function to me."),
    ("We are agree with the teacher.", "We agree with the teacher."),
    ("I have been here since two years.", "I have been here for two years."),
    ("I am learning Python since two years.", "I have been learning Python for two years."),
    ("Before to start, read the documentation.", "Before starting, read the documentation."),
    ("I don't except anyone to read this.", "I don't expect anyone to read this."),
    ("He told that the model works.", "He said that the model works."),
    ("I read it in a page.", "I read it on a page."),
    ("We where very tired.", "We were very tired."),
    ("I think that no models is perfect.", "I think that no models are perfect."),
    ("He didn't went to the lab.", "He didn't go to the lab."),
    ("This models are very small.", "These models are very small."),
    ("I need some informations about it.", "I need some information about it."),
    ("The results that I got was better.", "The results that I got were better."),
    ("Do you know where is the station?", "Do you know where the station is?"),
    ("How you can know the answer?", "How can you know the answer?"),
    ("Yesterday I have trained a model.", "Yesterday I trained a model."),
    ("I teached him to code.", "I taught him to code."),
    ("It is an unique idea and a honest answer.", "It is a unique idea and an honest answer."),
    ("The dog is more big then the cat.", "The dog is bigger than the cat."),
    ("I'm learning english with i think ten friends.", "I'm learning English with I think ten friends."),
    ("The training took nine hours, I went to sleep.", "The training took nine hours; I went to sleep."),
    ("I think that the the model works .", "I think that the model works."),
    ("I use pytorch and github every day.", "I use PyTorch and GitHub every day."),
    (
        "My teacher is very sensible with the students' feelings.",
        "My teacher is very sensitive to the students' feelings.",
    ),
    ("The exercise consists in writing a tokenizer.", "The exercise consists of writing a tokenizer."),
    ("In the last time I have been reading a lot.", "Lately I have been reading a lot."),
    ("I use this library for load the images.", "I use this library to load the images."),
    ("I got the same result that you.", "I got the same result as you."),
    ("Respect to the loss, it went down.", "With respect to the loss, it went down."),
    ("I wonder how many epochs do I need.", "I wonder how many epochs I need."),
    ("The people who has a GPU are lucky.", "The people who have a GPU are lucky."),
    ("Stop to train when the loss rises.", "Stop training when the loss rises."),
    ("I have learned a lot of thing this week.", "I have learned a lot of things this week."),
    ("When I was child, I wanted to be a teacher.", "When I was a child, I wanted to be a teacher."),
    ("I'm student at the university.", "I'm a student at the university."),
    ("He is engineer.", "He is an engineer."),
    ("She works like a teacher.", "She works as a teacher."),
    ("I like too much this course.", "I like this course too much."),
    ("I read always the documentation.", "I always read the documentation."),
    ("I also am learning French.", "I am also learning French."),
    ("What means overfitting?", "What does overfitting mean?"),
    ("The code makes not sense.", "The code doesn't make sense."),
    (
        "Give me a hand to do this, please, it's a so long task.",
        "Give me a hand to do this, please, it's a very long task.",
    ),
    ("She is a so good teacher.", "She is a very good teacher."),
    ("It's the best model of the world.", "It's the best model in the world."),
    ("I am the most young of the class.", "I am the youngest of the class."),
    ("The more I read, more I like it.", "The more I read, the more I like it."),
    ("I'm used to work alone.", "I'm used to working alone."),
    ("My friend, which is a doctor, uses it.", "My friend, who is a doctor, uses it."),
    ("The laptop what I bought is slow.", "The laptop that I bought is slow."),
    ("I think so that it works.", "I think that it works."),
    ("I think that no.", "I think not."),
    ("I hope that yes.", "I hope so."),
    ("In the picture you can see like the loss falls.", "In the picture you can see how the loss falls."),
    ("I am in the first year of the career.", "I am in the first year of the degree."),
    ("My teacher gave us a lot of works.", "My teacher gave us a lot of work."),
    ("The 80% of the data is for training.", "80% of the data is for training."),
    ("The rest of students didn't come.", "The rest of the students didn't come."),
    ("I need to buy a laptop new.", "I need to buy a new laptop."),
    ("I have a problem very difficult.", "I have a very difficult problem."),
    ("I want to can do it alone.", "I want to be able to do it alone."),
    ("I used to playing chess.", "I used to play chess."),
    ("I'll see you the Monday.", "I'll see you on Monday."),
    ("I woke up at the 7.", "I woke up at 7."),
    ("At the age of 15 years old I wrote my first program.", "At the age of 15 I wrote my first program."),
    ("I like the music.", "I like music."),
    ("The nature is beautiful.", "Nature is beautiful."),
    ("I want to be teacher.", "I want to be a teacher."),
    ("It's raining since this morning.", "It has been raining since this morning."),
    ("It was happened yesterday.", "It happened yesterday."),
    ("The error was appeared again.", "The error appeared again."),
    ("The model was trained of my brother.", "The model was trained by my brother."),
    ("It's necessary that you to install it.", "It's necessary that you install it."),
    ("I have the feeling that is wrong.", "I have the feeling that it is wrong."),
    ("I'm really exited about this new book.", "I'm really excited about this new book."),
    ("Him and I are friends.", "He and I are friends."),
    ("It arrived a new GPU yesterday.", "A new GPU arrived yesterday."),
    ("Appeared an error when I ran it.", "An error appeared when I ran it."),
    ("Never I have seen such a slow program.", "Never have I seen such a slow program."),
    ("Hardly I could sleep.", "Hardly could I sleep."),
    ("There's many reasons to use it.", "There are many reasons to use it."),
    ("Here is the results.", "Here are the results."),
    ("Where is my notes?", "Where are my notes?"),
    ("Does anyone knows why?", "Does anyone know why?"),
    ("Who know the answer?", "Who knows the answer?"),
    ("It helps me understanding the code.", "It helps me to understand the code."),
    ("I decided learning Python.", "I decided to learn Python."),
    ("I agreed doing it.", "I agreed to do it."),
    ("I hope seeing you soon.", "I hope to see you soon."),
    ("He promised helping me.", "He promised to help me."),
    ("I managed fixing it.", "I managed to fix it."),
    ("I am not understand the formula.", "I don't understand the formula."),
    ("I am not know the answer.", "I don't know the answer."),
    ("I am knowing Python.", "I know Python."),
    ("I am liking this book.", "I like this book."),
    ("I am wanting a new one.", "I want a new one."),
    ("I am needing help.", "I need help."),
    ("This is meaning that the loss is low.", "This means that the loss is low."),
    ("I don't am a teacher.", "I am not a teacher."),
    ("She doesn't is here.", "She is not here."),
    ("Can you to help me?", "Can you help me?"),
    ("Why you don't use Adam?", "Why don't you use Adam?"),
    ("What does mean this word?", "What does this word mean?"),
    ("How much it costs?", "How much does it cost?"),
    ("How long it takes?", "How long does it take?"),
    ("I ask myself why is it so slow.", "I ask myself why it is so slow."),
    ("I don't know why doesn't it work.", "I don't know why it doesn't work."),
    ("I would like to know what time is it.", "I would like to know what time it is."),
    ("Thanks to all which helped me.", "Thanks to all who helped me."),
    ("This is the third time I read it.", "This is the third time I have read it."),
    ("When have you started?", "When did you start?"),
    ("I'll finish it until tomorrow.", "I'll finish it by tomorrow."),
    ("During I was training, I slept.", "While I was training, I slept."),
    ("While the training, I slept.", "During the training, I slept."),
    ("In those time I was young.", "In that time I was young."),
    ("That days were good.", "Those days were good."),
    ("I was born in 5 May.", "I was born on 5 May."),
    ("My birthday is in the 5th of May.", "My birthday is on the 5th of May."),
    ("I go to the school by foot.", "I go to the school on foot."),
    ("I arrived in the airport.", "I arrived at the airport."),
    ("I live at Spain.", "I live in Spain."),
    ("I saw it in the TV.", "I saw it on the TV."),
    ("I pay with cash and I paid the book.", "I pay with cash and I paid for the book."),
    ("I am looking a job.", "I am looking for a job."),
    ("I'm worried for the exam.", "I'm worried about the exam."),
    ("I'm sure about that it works.", "I'm sure that it works."),
    ("I am bored of study.", "I am bored with studying."),
    ("I'm fan of science fiction.", "I'm a fan of science fiction."),
    ("It is as fast than the other.", "It is as fast as the other."),
    ("It is twice faster than the other.", "It is two times faster than the other."),
    ("This is the worse result of all.", "This is the worst result of all."),
    ("The less data, worse results.", "The less data, the worse results."),
    ("I need little minutes.", "I need few minutes."),
    ("Still I don't understand it.", "I still don't understand it."),
    ("I like it a lot this book.", "I like this book a lot."),
    ("I love it this course.", "I love this course."),
    ("I like learn new things.", "I like to learn new things."),
    ("I like very much to code.", "I like to code very much."),
    ("I have clear that I want to study.", "I am sure that I want to study."),
    ("It's clear for me.", "It's clear to me."),
    ("It costs me to understand.", "It is hard for me to understand."),
    ("It's easy of use.", "It's easy to use."),
    ("For us it was necessary restart.", "For us it was necessary to restart."),
    ("I find difficult the exercises.", "I find the exercises difficult."),
    ("I find very interesting this topic.", "I find this topic very interesting."),
    ("I think yes.", "I think so."),
    ("The next week I will start the project.", "Next week I will start the project."),
]
SPANISH = [
    ("Hablé con todos estudiantes.", "Hablé con todos los estudiantes."),
    ("Espero que te valla bien.", "Espero que te vaya bien."),
    ("En la tienda se vende muchos libros.", "En la tienda se venden muchos libros."),
    ("Es como si es de noche.", "Es como si fuera de noche."),
    ("Quiero que el modelo aprende.", "Quiero que el modelo aprenda."),
    ("Ayer entrene mi primer modelo.", "Ayer entrené mi primer modelo."),
    ("El profesor explico la regla muy rápido.", "El profesor explicó la regla muy rápido."),
    ("No se si funciona, pero el me dijo que si.", "No sé si funciona, pero él me dijo que sí."),
    ("¿Que diferencia hay entre los dos?", "¿Qué diferencia hay entre los dos?"),
    ("Como se entrena un modelo?", "¿Cómo se entrena un modelo?"),
    ("La problema es el memoria.", "El problema es la memoria."),
    ("Los modelos grande necesitan memoria.", "Los modelos grandes necesitan memoria."),
    ("Mis padres trabaja en un hospital.", "Mis padres trabajan en un hospital."),
    ("Me gusta los gatos.", "Me gustan los gatos."),
    ("Habían muchos errores.", "Había muchos errores."),
    ("Quiero que el modelo aprende más.", "Quiero que el modelo aprenda más."),
    ("Si tendría tiempo, leería más.", "Si tuviera tiempo, leería más."),
    ("Cuando termino el curso, haré una demo.", "Cuando termine el curso, haré una demo."),
    ("Hize una red con travajo y paciensia.", "Hice una red con trabajo y paciencia."),
    ("Yo sabo que andé mucho.", "Yo sé que anduve mucho."),
    ("Vamos haber si a mejorado.", "Vamos a ver si ha mejorado."),
    ("Voy ha cambiar el tamaño.", "Voy a cambiar el tamaño."),
    ("Los Lunes estudio Inglés.", "Los lunes estudio inglés."),
    ("Pienso de que es verdad.", "Pienso que es verdad."),
    ("Padres y hijos vinieron.", "Padres e hijos vinieron."),
    ("Realicé que no guardaba los pesos.", "Me di cuenta de que no guardaba los pesos."),
    ("Los datos que bajé ayer, están aquí.", "Los datos que bajé ayer están aquí."),
    ("Escucho a música mientras programo.", "Escucho música mientras programo."),
    ("Sueño de ser ingeniero.", "Sueño con ser ingeniero."),
    ("Tengo que ir a la librería a estudiar.", "Tengo que ir a la biblioteca a estudiar."),
    ("Jugué la guitarra ayer.", "Toqué la guitarra ayer."),
    ("Mi hermano le gusta el fútbol.", "A mi hermano le gusta el fútbol."),
    ("Voy a casa en pie.", "Voy a casa a pie."),
    ("Viajo por tren.", "Viajo en tren."),
    ("La semana última terminé.", "La última semana terminé."),
    ("Estudio español por dos años.", "Estudio español desde hace dos años."),
    ("La gente que usan Python son muchos.", "La gente que usa Python son muchos."),
    ("Llamé mi madre.", "Llamé a mi madre."),
    ("Ayudé mi hermano con el código.", "Ayudé a mi hermano con el código."),
    ("Me lavo mi cara.", "Me lavo la cara."),
    ("Ayer estaba a la escuela.", "Ayer estaba en la escuela."),
    ("El libro cual leí es bueno.", "El libro que leí es bueno."),
    ("Qué modelo es el mejor, no se.", "Qué modelo es el mejor, no sé."),
    ("Me pregunto que hacer.", "Me pregunto qué hacer."),
    ("No es malo, si no lento.", "No es malo, sino lento."),
    ("También no lo sé.", "Tampoco lo sé."),
    ("Me se olvidó la contraseña.", "Se me olvidó la contraseña."),
    ("En base a los resultados, de acuerdo a Ana.", "A partir de los resultados, de acuerdo a Ana."),
    ("Tengo dudas respecto los datos.", "Tengo dudas respecto a los datos."),
    ("Deberías de estudiar.", "Deberías estudiar."),
    ("Preveer el resultado es difícil.", "Prever el resultado es difícil."),
    ("La gente son así.", "La gente es así."),
    ("No veo a alguien.", "No veo a nadie."),
    ("Los datos en relación a esto son pocos.", "Los datos en relación con esto son pocos."),
]
CLEAN = [
    ("en", "See a ⟦1⟧link text⟦2⟧ and a ⟦3⟧nice⟦4⟧ day with an ⟦5:8⟧-bit model."),
    ("es", "El porqué lo verás más abajo, y el porqué del fallo también."),
    ("en", "It depends on how many tokens the prompt has."),
    ("en", "Could you explain to me what the embedding layer does?"),
    ("en", "He suggested that she take the advanced course."),
    ("en", "If I were you, I'd start with a smaller learning rate."),
    ("en", "The colour of the neighbourhood is what makes the favourite programme."),
    ("en", "He told me that that was the whole point, and I had had enough."),
    ("en", "The data are noisy, but everyone agrees that the news is good."),
    ("en", "Softmax turns logits into probabilities, and backprop does the rest."),
    ("en", "An hour later, a European user got a unique offer."),
    ("en", "I am used to working late; the GPU is used to train models."),
    ("en", "Don't lose hope: these jeans are loose, but they're better than nothing."),
    ("es", "Quería seguir, mas no le quedaban fuerzas."),
    ("es", "Aun con pocos datos, aún no sé si él vendrá solo."),
    ("es", "Si me dices que sí, te diré qué quiero que me dé tu té."),
    ("es", "El agua fría está en esta aula, y el hambre es mucha."),
    ("es", "¿Vos sabés por qué el dropout ayuda? Che, pasame el link."),
    ("es", "Ustedes pueden descargar los pesos desde la computadora."),
    ("es", "Echo de menos que haya alguien ahí que diga «¡ay!»."),
    ("es", "Debe de haber un error: no es culpa del modelo, sino de los datos."),
    ("es", "Me pregunto cuándo saldrá, cómo se usa y para qué sirve."),
    ("es", "El modelo de lenguaje no; el lenguaje del modelo, la mano y el problema, sí."),
    ("es", "Le dije que el lunes entrenaría un transformer con el dataset del notebook."),
    ("en", "I am looking for a job."),
    ("en", "Didn't you promise never to tell a lie?"),
    ("en", "I'll wait for you by the lake, and the sooner the better."),
    ("en", "He always says that it is as good as new."),
    ("en", "Here is the result, and here are the weights."),
    ("es", "Debería haber más datos, y debe de ser así."),
    ("es", "La gente es amable, y las personas son así."),
    ("en", "I'm not like him, and I also have a dog."),
    ("en", "I always have a coffee, and I already have the weights."),
    ("en", "I think sometimes the model is wrong."),
    ("en", "Look at the screen and at the TV."),
    ("en", "I have clear instructions."),
    ("en", "I met my friend, which made me happy."),
    ("en", "She is the oldest member of the team."),
    ("en", "He works like a man."),
    ("en", "I tried twice more."),
    ("es", "Mi sueño de ser ingeniero sigue vivo."),
    ("es", "Los problemas de la gente son muchos."),
    ("es", "Uso una librería para leer imágenes."),
    ("es", "El lunes siguiente empecé."),
    ("es", "Me dio su mano."),
    ("en", "They are weights, which fit in a page."),
    ("en", "The list fits in a page, and all of it fits in my phone."),
    ("en", "There is little noise in a page like that."),
    ("en", "It was never told that there is anything else in the world."),
    ("en", "We were told that the test is easy."),
    ("en", "They have often been told that it works."),
    ("en", "A change of every pixel that no eye notices is enough to turn most cats into dogs."),
    ("en", "A sound that the ear hears is a wave."),
    ("en", "A letter that my mother writes is never short."),
    ("en", "The trunk looks at windows of five letters."),
    ("en", "Layer norm has weights where others have none."),
    ("en", "There are people where I live who speak three languages."),
    ("en", "It shows the whole distribution instead of single characters."),
    ("en", "It says by how much logits are divided."),
    ("en", "It names the share of pictures of which it is sure."),
    ("en", "A method by which it is found is described below."),
    ("en", "Comparing the vectors of whole lines is slow."),
    ("en", "We draw the picture's width and the row's ink."),
    ("en", "An n-gram, an x-axis and a t-test are enough."),
    ("es", "Pruébalos de todos modos y fíjate en lo segura que está."),
    ("es", "De todas formas, lo hay en todas partes y a todas horas."),
    ("es", "Había animales detrás de una valla, de noche, de lado."),
    ("es", "Saltó la valla por la noche, y otra valla, más alta, después."),
    ("es", "Ningún dibujo se ve dos veces igual: cada vez se recorta."),
    ("es", "La misma imagen se muestra tres veces seguidas."),
    ("es", "El programa se usa dos horas cada día."),
    ("es", "Ajustamos dos números con dibujos reservados para eso."),
    ("es", "Guardé unas fotos para eso, y para eso están."),
    ("es", "Para eso, basta con una línea."),
    ("es", "Es un programa para quienes aprenden y lo cuentan por escrito."),
    ("es", "El modelo dice en qué idioma está un texto."),
    ("es", "El primer día que alguien se pone a aprender algo, abre un blog."),
    ("es", "Ahí empieza una ventana, y ahí la red aún no tiene contexto."),
    ("es", "Acierta tanto si recibe los caracteres como si solo recibe píxeles."),
    ("es", "Lo habitual es leer primero y detrás un identificador."),
    ("es", "Consiste en caminar siempre hacia la meta."),
    ("es", "Quien entrena un modelo debería sentir esa mirada: ¿qué has leído?"),
    ("es", "Moverse sin que pase ninguna ola cuesta un poco."),
]  # fmt: skip


@pytest.fixture(scope="module")
def corrector():
    return Offline()


def corrected(corrector, text, lang):
    """The text with every edit in it. Each has to find its one place."""
    for edit in corrector.correct(text, lang):
        assert text.count(edit.old) == 1, (text, edit)
        text = text.replace(edit.old, edit.new)
    return text


@pytest.mark.parametrize(("written", "meant"), ENGLISH)
def test_mends_english(corrector, written, meant):
    assert corrected(corrector, written, "en") == meant
    assert corrector.correct(meant, "en") == []


@pytest.mark.parametrize(("written", "meant"), SPANISH)
def test_mends_spanish(corrector, written, meant):
    assert corrected(corrector, written, "es") == meant
    assert corrector.correct(meant, "es") == []


@pytest.mark.parametrize(("lang", "text"), CLEAN)
def test_leaves_right_sentences_alone(corrector, lang, text):
    assert corrector.correct(text, lang) == []


def test_says_why_in_the_language_of_the_text(corrector):
    assert corrector.correct("It depends of you.", "en")[0].why == "This verb takes another preposition."
    assert corrector.correct("Depende en ti.", "es")[0].why == "Este verbo pide otra preposición."


def test_placeholders_are_seen_and_kept(corrector):
    assert corrected(corrector, "She is a ⟦1:AI⟧ engineer.", "en") == "She is an ⟦1:AI⟧ engineer."
    assert corrected(corrector, "I have ⟦1:16⟧ years and I code.", "en") == "I am ⟦1:16⟧ years old and I code."
    assert corrected(corrector, "Soy ⟦4:16⟧ años.", "es") == "Tengo ⟦4:16⟧ años."
    assert corrector.correct("The ⟦1⟧ and ⟦2:MazeSolvr⟧ are ⟦3:3,5⟧ times ⟦4⟧faster⟦5⟧.", "en") == []


def test_an_edit_takes_neighbours_in_until_its_place_is_certain():
    text = "a cat, a cat and a cat"
    (edit,) = edits(text, [Finding(7, 8, "the", "")])
    assert text.count(edit.old) == 1 and edit.new == edit.old.replace("a", "the", 1)


def test_deleting_leaves_no_space(corrector):
    assert [(one.old, one.new) for one in corrector.correct("I discussed about it.", "en")] == [
        ("discussed about", "discussed")
    ]


def test_looks_again_once_something_is_mended():
    def look(text):
        for wrong, right in (("teh", "the"), ("the cats", "all cats")):
            if (at := text.find(wrong)) >= 0:
                yield Finding(at, at + len(wrong), right, wrong)

    (one,) = twice("see teh cats", look)
    assert (one.start, one.end, one.new) == (4, 12, "all cats")


def test_knows_words(corrector):
    assert corrector.knows("tokenizer", "en") and corrector.knows("colour", "en") and corrector.knows("don't", "en")
    assert corrector.knows("dímelo", "es") and corrector.knows("sabés", "es") and corrector.knows("sobreajuste", "es")
    assert not corrector.knows("becouse", "en") and not corrector.knows("hize", "es")


@pytest.mark.parametrize(
    ("verb", "tense", "person", "form"),
    [
        ("buscar", "pret", "1s", "busqué"),
        ("empezar", "subj", "3s", "empiece"),
        ("dormir", "ger", "", "durmiendo"),
        ("construir", "pres", "3p", "construyen"),
        ("mantener", "fut", "1s", "mantendré"),
        ("traducir", "pret", "3p", "tradujeron"),
        ("conocer", "subj", "1p", "conozcamos"),
        ("averiguar", "pret", "1s", "averigüé"),
        ("leer", "pret", "3s", "leyó"),
        ("ser", "past", "1p", "fuéramos"),
        ("jugar", "pres", "1s", "juego"),
        ("describir", "part", "", "descrito"),
    ],
)
def test_conjugates(verb, tense, person, form):
    assert form in conjugate(verb)[tense, person]


def test_patterns_say_what_is_wrong_with_them():
    grammar = Grammar({}, lambda token, name: token.low == name, lambda token, form: None)
    for find, put in (("of", "on"), ("~depend [of]x", "on"), ("~depend [of]", "{3} on")):
        with pytest.raises(ValueError, match=re.escape(find)):
            grammar.rule(find, put, {"why": ""})


def test_patterns_match_edges_options_and_repetitions():
    grammar = Grammar({}, lambda token, name: token.low == name, lambda token, form: None)
    rule = grammar.rule("^|and very* [bad|worse] idea? $", "{2} good", {"why": ""})

    def found(text):
        tokens = next(sentences(text))
        return [one.new for one in grammar.apply(rule, tokens, frozenset(token.low for token in tokens))]

    assert found("Bad idea.") == ["Good"]
    assert found("He and very very bad!") == ["very very good"]
    assert found("He bad idea.") == found("Bad ideas.") == []


def test_without_the_extra_it_says_what_to_install():
    code = """
import sys
sys.modules["simplemma"] = None
from cuaderno.diary.proofreading.offline import Offline
from cuaderno.lab.errors import CuadernoError
try:
    Offline().correct("A sentence.", "en")
except CuadernoError as error:
    print(error)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'cuaderno[proofread]'" in answer.stdout


WORDS = """the a an model models is are have has I he she don't depends of Its becouse , . ! ? ¿ ¡ : ; ( ) " « » — ’ '
* _ ⟦1⟧ ⟦2:PyTorch⟧ ⟦3:15⟧ el la los que como esta si mas no se ha a haber hize problema GPU’s 3,5 % https://x.y `code`
$x$ 🎉 ñ"""
ODD = ["\u0301", "\u00a0", "\u200b"]
SOUP = st.lists(st.sampled_from(WORDS.split() + ODD), max_size=25).map(" ".join) | st.text(max_size=60)


@settings(max_examples=100, deadline=None)
@given(text=SOUP, lang=st.sampled_from(["en", "es"]))
def test_any_text_gets_edits_that_fit(text, lang):
    """Never raises; each `old` stands once in the text, apart from the others; placeholders stay as they are."""
    places = []
    for edit in Offline().correct(text, lang):
        assert isinstance(edit, Edit) and edit.old != edit.new and edit.why
        assert text.count(edit.old) == 1
        assert HELD.findall(edit.old) == HELD.findall(edit.new)
        assert edit.old == edit.old.strip() and edit.new == edit.new.strip()
        start = text.index(edit.old)
        places.append((start, start + len(edit.old)))
    places.sort()
    assert all(one[1] <= two[0] for one, two in pairwise(places))
