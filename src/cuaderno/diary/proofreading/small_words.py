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
