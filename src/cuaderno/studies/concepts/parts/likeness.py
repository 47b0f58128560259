"""Words that belong together, written by us, to ask vectors whether they have noticed.

Only those that a text has are asked about: old plays and novels know kings and mules, manuals know numbers and names.
"""

GROUPS = {
    "en": (
        "one two three four five six seven eight nine ten twenty hundred thousand",
        "father mother son daughter brother sister uncle aunt nephew cousin",
        "eyes hands feet head mouth arms face breast beard teeth hair legs",
        "horse dog lion wolf bear lamb hound fox",
        "king queen duke duchess prince princess earl lord lady emperor",
        "sword lance shield dagger knife spear bow",
        "red green black white yellow blue",
        "france england italy rome scotland spain padua",
        "day night morning evening hour week month year",
        "gold silver iron steel lead brass",
        "list tuple dictionary set string bytes",
        "integer float complex number boolean",
        "class function method module object",
        "if while for try with return",
    ),
    "es": (
        "uno dos tres cuatro cinco seis siete ocho nueve diez veinte cien mil",
        "padre madre hijo hija hermano hermana tío sobrina primo",
        "ojos manos pies cabeza boca brazos rostro pecho barba dientes cabellos piernas",
        "caballo rocín asno rucio jumento yegua mula",
        "rey reina duque duquesa príncipe princesa conde marqués emperador",
        "espada lanza escudo yelmo armas adarga daga celada",
        "cura barbero ventero canónigo bachiller licenciado",
        "rojo verde negro blanco amarillo azul",
        "francia españa italia inglaterra flandes áfrica",
        "día noche mañana tarde hora semana mes año",
    ),
}
# Each pair is to the other pairs of its line as king is to queen.
PAIRS = {
    "en": (
        "king queen, brother sister, man woman, father mother, son daughter, lord lady, duke duchess, boy girl, "
        "husband wife, prince princess, uncle aunt, he she, his her",
        "eye eyes, hand hands, friend friends, lord lords, word words, tear tears, king kings, day days, name names, "
        "object objects, method methods, value values, function functions, argument arguments",
        "go went, come came, know knew, give gave, take took, see saw, say said, make made, find found",
    ),
    "es": (
        "rey reina, hijo hija, hermano hermana, amo ama, señor señora, duque duquesa, príncipe princesa, padre madre, "
        "hombre mujer, ventero ventera, criado criada, él ella",
        "ojo ojos, mano manos, amigo amigos, señor señores, palabra palabras, lágrima lágrimas, rey reyes, día días, "
        "caballero caballeros, libro libros, brazo brazos, dama damas",
        "voy fue, digo dijo, hago hizo, veo vio, tengo tuvo, doy dio, quiero quiso, puedo pudo",
    ),
}


def groups(known: dict[str, int], least: int = 3) -> list[list[str]]:
    """The groups of which at least three words are known, only with those."""
    lines = [line.split() for lang in GROUPS.values() for line in lang]
    found = [[word for word in line if word in known] for line in lines]
    return [line for line in found if len(line) >= least]


def analogies(known: dict[str, int]) -> list[tuple[str, str, str, str]]:
    """Four words each, the second to the first as the fourth to the third; all of them known and different."""
    found = []
    for line in (line for lang in PAIRS.values() for line in lang):
        pairs = [pair.split() for pair in line.split(", ")]
        pairs = [pair for pair in pairs if all(word in known for word in pair)]
        found += [(*one, *other) for one in pairs for other in pairs if len({*one, *other}) == 4]
    return found
