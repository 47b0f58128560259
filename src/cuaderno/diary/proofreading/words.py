"""Every word that correcting says to the person, in both languages. A test keeps the keys equal."""

TEXT = {
    "en": {
        "title": "{post} ({lang}), corrected with {corrector}",
        "place": "suggestion {count} · passage {at} of {total} · line {line}",
        "question": "[y]es  [n]o  [a]ll  [e]dit  [q]uit  [?]  ",
        "yes": "y yes s sí si",
        "no": "n no",
        "all": "a all t todo",
        "edit": "e edit editar",
        "quit": "q quit salir",
        "help": (
            "  y  accept this one: it is in the post at once\n"
            "  n  decline it: it will not come again\n"
            "  a  accept this one and all that are left in the post\n"
            "  e  write it yourself\n"
            "  q  stop here; what you accepted stays, and the same command goes on"
        ),
        "not_understood": "Type y, n, a, e or q; ? explains them.",
        "instead": "  instead of “{old}” I want: ",
        "here": "  here I want: ",
        "nothing_written": "Nothing was changed.",
        "keep_anyway": "  Keep it all the same? [y/N] ",
        "cannot_keep": "  That would break the form of the post, so it was not written. Change it in an editor: {path}",
        "not_accepted": "  Not written: {reason}",
        "left_alone": "line {line}: refused: {old} → {new}: {reason}",
        "left_out": "Suggestions of {corrector} that were refused: {count}: {reasons}. See them with --dry-run.",
        "done_anyway": "Count the post as corrected all the same? [y/N] ",
        "not_done": "So the post does not count as corrected. When nothing in it needs a change any more: --done",
        "asking": "asking about passage {at} of {total} …",
        "no_answer": "line {line}: no answer. {reason}",
        "gave_up": "The corrector gave no answer {count} times in a row, so this ends here. What you accepted is kept.",
        "suggestion": "line {line}",
        "safe": "safe",
        "summary": "{accepted} accepted, {by_hand} in your own words, {declined} declined, {open} left open.",
        "done": "'{post}' counts as corrected. What it first said is in {original}. Keep it in git.",
        "nothing": "Nothing to correct.",
        "stopped": "Stopped. What you accepted is in the post; the same command goes on.",
        "go_on": "Go through them: cuaderno proofread {post} --lang {lang}",
        "not_a_terminal": "This is not a terminal, so nothing was changed. To accept the safe ones: --apply safe",
        "reverted": "'{post}' is as it was first written. The corrected text is kept in {kept}.",
        "revert_edited": (
            "{path} was changed after it was corrected; going back takes those changes out too "
            "(a copy is kept): {edited}. "
        ),
        "revert_really": "Go back all the same? [y/N] ",
        "revert_how": "To do it all the same: --revert --yes",
        "never": "not corrected",
        "some": "begun",
        # -- why a suggestion is left out
        "unseen": "it brings in an invisible character ({about})",
        "lost": "it would lose {about}",
        "added": "it would bring in {about}",
        "lost_number": "it would lose the number {about}",
        "added_number": "it would bring in the number {about}",
        "digits": "it would change a number",
        "order": "it would change the order of code, links or numbers",
        "sentence_lost": "a sentence would be lost",
        "sentence_added": "there would be a sentence more",
        "rewritten": "it rewrites the sentence: {about}",
        "meaning_lost": "“{about}” would be lost, and with it the meaning",
        "meaning_added": "“{about}” would be new, and change the meaning",
        "words_lost": "words would be lost: {about}",
        "words_added": "it adds words of its own: {about}",
        "words_replaced": "it replaces too many words: {about}",
        "too_much": "too much of the passage would change ({about})",
        "too_many": "there are too many suggestions for one passage",
        "overlap": "it overlaps with another one",
        "empty": "it does not say what it replaces",
        "placeholder": "it touches code, a link, a number or a name",
        "ambiguous": "what it replaces is there more than once",
        "not_found": "what it replaces is not there",
        "part_of_word": "it replaces a part of a word",
        "structure": "it would change headings, lists, links or other marks",
        "front_matter": "the front matter could not be read any more",
        "script": "it brings a letter of another alphabet ({about})",
        "person": "“{about}” would be lost, and with it who this is about",
        "other_word": "it puts another word where “{about}” stands",
    },
    "es": {
        "title": "{post} ({lang}), corregida con {corrector}",
        "place": "sugerencia {count} · pasaje {at} de {total} · línea {line}",
        "question": "[s]í  [n]o  [t]odo  [e]ditar  [q] salir  [?]  ",
        "yes": "s sí si y yes",
        "no": "n no",
        "all": "t todo a all",
        "edit": "e editar edit",
        "quit": "q salir quit",
        "help": (
            "  s  aceptar esta: queda en la entrada al momento\n"
            "  n  rechazarla: no volverá a salir\n"
            "  t  aceptar esta y todas las que queden en la entrada\n"
            "  e  escribirla tú\n"
            "  q  parar aquí; lo aceptado se queda, y la misma orden sigue desde ahí"
        ),
        "not_understood": "Escribe s, n, t, e o q; con ? ves qué hace cada una.",
        "instead": "  en lugar de «{old}» quiero: ",
        "here": "  aquí quiero: ",
        "nothing_written": "No ha cambiado nada.",
        "keep_anyway": "  ¿Lo dejo así de todos modos? [s/N] ",
        "cannot_keep": "  Eso rompería la forma de la entrada y no se ha escrito. Cámbialo en un editor: {path}",
        "not_accepted": "  No se ha escrito: {reason}",
        "left_alone": "línea {line}: no se admite: {old} → {new}: {reason}",
        "left_out": "Sugerencias de {corrector} que no se admiten: {count}: {reasons}. Se ven con --dry-run.",
        "done_anyway": "¿Cuenta la entrada como corregida de todos modos? [s/N] ",
        "not_done": "Por eso la entrada no cuenta como corregida. Cuando ya no le haga falta ningún cambio: --done",
        "asking": "preguntando por el pasaje {at} de {total}…",
        "no_answer": "línea {line}: sin respuesta. {reason}",
        "gave_up": "El corrector no ha respondido {count} veces seguidas, así que acaba aquí. Lo aceptado se queda.",
        "suggestion": "línea {line}",
        "safe": "segura",
        "summary": "Aceptadas: {accepted}. Con tus palabras: {by_hand}. Rechazadas: {declined}. Pendientes: {open}.",
        "done": "«{post}» ya cuenta como corregida. Lo que decía al principio está en {original}. Guárdalo en git.",
        "nothing": "No hay nada que corregir.",
        "stopped": "Detenido. Lo aceptado está en la entrada; la misma orden sigue desde ahí.",
        "go_on": "Repásalas: cuaderno proofread {post} --lang {lang}",
        "not_a_terminal": "Esto no es una terminal: no ha cambiado nada. Para aceptar las seguras: --apply safe",
        "reverted": "«{post}» está como se escribió al principio. El texto corregido queda en {kept}.",
        "revert_edited": (
            "{path} se cambió después de corregirla; volver atrás quita también esos cambios "
            "(queda una copia): {edited}. "
        ),
        "revert_really": "¿Vuelvo atrás de todos modos? [s/N] ",
        "revert_how": "Para hacerlo de todos modos: --revert --yes",
        "never": "sin corregir",
        "some": "empezada",
        # -- por qué una sugerencia se queda fuera
        "unseen": "trae un carácter invisible ({about})",
        "lost": "se perdería {about}",
        "added": "añadiría {about}",
        "lost_number": "se perdería el número {about}",
        "added_number": "añadiría el número {about}",
        "digits": "cambiaría un número",
        "order": "cambiaría el orden de código, enlaces o números",
        "sentence_lost": "se perdería una frase",
        "sentence_added": "habría una frase más",
        "rewritten": "reescribe la frase: {about}",
        "meaning_lost": "se perdería «{about}», y con ello el sentido",
        "meaning_added": "«{about}» sería nuevo y cambiaría el sentido",
        "words_lost": "se perderían palabras: {about}",
        "words_added": "añade palabras propias: {about}",
        "words_replaced": "cambia demasiadas palabras: {about}",
        "too_much": "cambiaría demasiado del pasaje ({about})",
        "too_many": "son demasiadas sugerencias para un solo pasaje",
        "overlap": "se cruza con otra sugerencia",
        "empty": "no dice qué cambia",
        "placeholder": "toca código, un enlace, un número o un nombre",
        "ambiguous": "lo que cambia aparece más de una vez",
        "not_found": "lo que cambia no está",
        "part_of_word": "cambia un trozo de palabra",
        "structure": "cambiaría títulos, listas, enlaces u otras marcas",
        "front_matter": "la cabecera de la entrada dejaría de leerse",
        "script": "trae una letra de otro alfabeto ({about})",
        "person": "se perdería «{about}», y con ello de quién se habla",
        "other_word": "pone otra palabra en lugar de «{about}»",
    },
}


def reason(code: str, about: str, lang: str) -> str:
    """Why a suggestion is left out, in words."""
    short = " ".join(about.split())
    return TEXT[lang][code].format(about=short if len(short) <= 60 else short[:57] + "…")
