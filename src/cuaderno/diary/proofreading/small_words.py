"""Small words of both languages, folded: what turns a sentence round, and what grammar asks for."""

_ABBREVIATIONS = (
    "e.g i.e etc vs cf dr mr mrs ms prof fig eq no st approx p.ej ej sr sra dra pag num ing lic aprox ee.uu u.s ph.d"
)
_NEGATIONS = (
    "no not nor none never nothing nobody nowhere neither cannot without "
    "ni nunca nada nadie ningun ninguna ninguno jamas tampoco sin"
)
_UNMARKED = "dont doesnt didnt isnt arent wasnt werent wont cant couldnt shouldnt wouldnt havent hasnt hadnt aint"
_AMOUNTS = (
    "zero two three four five six seven eight nine ten eleven twelve twenty thirty hundred thousand million half twice "
    "all every each only always true false "
    "cero dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cien mil millon millones mitad "
    "doble todo toda todos todas cada solo siempre verdadero falso"
)
_FUNCTION = (
    "the and for but with that this these those what which who whom whose when where why how than then from into onto "
    "about over under between during before after since until while because though although also too very just more "
    "most much many some any such same other another own one ones there here their them they she her his him hers its "
    "our ours you your yours mine was were are been being have has had having does did doing done will would shall "
    "should can could may might must get gets got let out off again back like kind sort really even still yet however "
    "except per via up down upon well lot lots able going make makes made "
    "i'm you're we're they're it's that's there's i've we've i'd i'll let's "
    "que los las una unos unas del con por para como pero mas esta este esto estos estas ese esa eso esos esas aquel "
    "aquella muy tambien cuando donde quien cual cuales cuyo sobre entre desde hasta hacia segun tras durante porque "
    "aunque sino pues sus mis tus nos les nuestro nuestra nuestros nuestras otro otra otros otras mismo misma ser era "
    "eran fue fueron son soy somos estar estoy estan estaba estaban sido siendo hay haber habia han hemos hacer hace "
    "hizo hecho puede pueden poder tener tiene tienen tenia algo alguien alguno alguna algunos algunas bien asi aun "
    "aqui alli ahi ya cosa cosas tan tanto mucho mucha muchos muchas poco luego entonces ahora"
)
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
NEGATIONS = frozenset(_NEGATIONS.split())
UNMARKED = frozenset(_UNMARKED.split())  # negations that somebody wrote without their apostrophe
AMOUNTS = frozenset(_AMOUNTS.split())
FUNCTION = frozenset(_FUNCTION.split())

# In English one negation is enough: `I don't know nothing` becomes `I don't know anything`.
SAID_TWICE = {
    "no": "any a an",
    "nothing": "anything",
    "nobody": "anybody anyone",
    "none": "any",
    "never": "ever",
    "nowhere": "anywhere",
    "neither": "either",
}

# Who a sentence is about: one letter for each person. `it` is not here, grammar asks for it and drops it.
_PERSONS = {
    "1": "i me my mine myself", "2": "you your yours yourself", "m": "he him his himself", "f": "she her hers herself",
    "4": "we us our ours ourselves", "6": "they them their theirs themselves",
}  # fmt: skip
PERSONS = {word: person for person, found in _PERSONS.items() for word in found.split()}
_POSSESSIVES = {
    "1": "mi mis mio mia mios mias", "2": "tu tus tuyo tuya tuyos tuyas", "3": "su sus suyo suya suyos suyas",
    "4": "nuestro nuestra nuestros nuestras",
}  # fmt: skip
POSSESSIVES = {word: person for person, found in _POSSESSIVES.items() for word in found.split()}
QUESTIONS = frozenset(["what", "which", "who", "whom", "whose", "when", "where", "why", "how"])

# What turns a sentence round when one stands where the other stood.
_OPPOSITES = (
    "will shall must | may might", "before | after", "and | or", "more most | less fewer least fewest", "up | down",
    "over above | under below", "since | until", "always | sometimes rarely", "first | last", "better | worse",
    "best | worst", "good | bad", "high higher | low lower", "same | different other", "many much | few little",
    "antes | despues", "mas | menos", "desde | hasta", "sobre | bajo", "debe deben | puede pueden", "mejor | peor",
    "siempre | veces", "primero primera | ultimo ultima", "mayor | menor", "muchos muchas | pocos pocas", "y | o",
)  # fmt: skip
OPPOSITES: dict[str, frozenset[str]] = {}
for _pair in _OPPOSITES:
    _one, _, _two = _pair.partition(" | ")
    for _some, _others in ((_one, _two), (_two, _one)):
        for _word in _some.split():
            OPPOSITES[_word] = OPPOSITES.get(_word, frozenset()) | frozenset(_others.split())

# Forms of one word that do not look alike, and words that learners take for one another.
_FORMS = (
    "go goes going went gone", "buy buying bought", "think thinking thought", "bring bringing brought",
    "teach teaching taught", "catch catching caught", "see seeing saw seen", "say says said", "speak spoke spoken",
    "take took taken", "eat ate eaten", "write wrote written", "know knew known", "find found", "give gave given",
    "tell told", "sell sold", "feel felt", "keep kept", "leave left", "run ran", "fly flew flown", "drive drove",
    "choose chose chosen", "begin began begun", "understand understood", "stand stood", "build built", "person people",
    "child children childs", "mouse mice", "foot feet", "except expect accept", "loose lose", "affect effect",
    "quite quiet", "advice advise", "economic economical", "ir voy vas va vamos van iba ido", "decir dicho dije dijo",
    "echo hecho", "haber ver", "hecho echo", "haya halla", "traer trajo traje", "saber supe supo",
    "querer quise quiso", "venir vine vino", "poner puse puso puesto", "tener tuve tuvo", "haci asi",
)  # fmt: skip
FORMS: dict[str, frozenset[str]] = {}
for _group in _FORMS:
    for _word in _group.split():
        FORMS[_word] = FORMS.get(_word, frozenset()) | frozenset(_group.split())
