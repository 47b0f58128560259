/** Every word the reader sees or hears. Functions put numbers into sentences; both languages have the same keys. */

const number = (lang, digits = 0) => {
  const format = new Intl.NumberFormat(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (n) => format.format(n);
};
const percent = (lang) => {
  const [whole, tenths] = [number(lang), number(lang, 1)];
  return (share) => (share > 0 && share < 0.0005 ? `< ${tenths(0.1)} %` : `${share < 0.0995 ? tenths(100 * share) : whole(100 * share)} %`);
};
const [enWhole, enTenths, enCents] = [0, 1, 2].map((digits) => number("en", digits));
const [esWhole, esTenths, esCents] = [0, 1, 2].map((digits) => number("es", digits));
const units = (n, kind) => `${enWhole(n)} ${kind === "char" ? "character" : "token"}${n === 1 ? "" : "s"}`;
const unidades = (n, kind) => `${esWhole(n)} ${kind === "char" ? (n === 1 ? "carácter" : "caracteres") : n === 1 ? "token" : "tokens"}`;
const list = (lang, words) => new Intl.ListFormat(lang, { type: "conjunction" }).format(words);

export const TEXT = {
  en: {
    title: "A small model that writes on",
    loading: "Fetching the model…",
    failed: "The model could not be loaded. Check your connection and try again.",
    noWorker:
      "This browser did not let the model start in the background, where it has to run. Reload the page or try a newer " +
      "browser; a page opened straight from a file cannot start it either.",
    broke: "The model stopped by itself. What it wrote is still here; try again.",
    retry: "Try again",
    mode: "What would you like to do?",
    modes: { write: "Continue a text", talk: "Talk" },
    prompt: "How it begins",
    beginnings: "Or take one of these:",
    write: "Write on",
    stop: "Stop",
    step: { char: "One character", bpe: "One token" },
    again: "The same again",
    surprise: "Surprise me",
    you: "You are",
    them: "Who answers",
    say: "What you say",
    sayIt: "Say it",
    another: "Another answer",
    over: "Start over",
    sayHint: "Leave it empty and the other one goes on. Enter says it; Shift and Enter begin a new line.",
    writeHint: "Ctrl and Enter do the same as the blue button.",
    sheet: "What it writes",
    conversation: "The conversation",
    emptyTalk: "Nobody has said anything yet.",
    settings: "How it writes",
    temperature: "Temperature",
    temperatureOf: (t) => enCents(t),
    temperatureWords: (t) =>
      t === 0 ? "always the likeliest" : t < 0.45 ? "very careful" : t < 0.75 ? "careful" : t < 0.95 ? "lively" : t < 1.05 ? "exactly as it expects" : t < 1.3 ? "daring" : "wild",
    length: "Length",
    lengthOf: units,
    atMost: "At most",
    seed: "Seed",
    slowly: "Slowly, to follow the odds",
    place: "Place in the text",
    placeOf: (n, total) => `${enWhole(n)} of ${enWhole(total)}`,
    placeNext: "what comes next",
    nextTitle: "What it expects next",
    hereTitle: "What it expected here",
    nothingYet: "The odds appear here as soon as it has read the beginning.",
    drew: (label, share, rank) => `It drew ${label} at ${share}: ${rank === 0 ? "its likeliest" : `number ${enWhole(rank + 1)} on its list`}.`,
    notYet: "Nothing is drawn yet.",
    parts: (counted, network) => `${counted} from counting, ${network} from the network.`,
    fromNetwork: "from the network",
    fromCounting: "from counting",
    counting: "with counting",
    likeliest: (odds) => `Likeliest: ${odds}.`,
    oddsHint: "Point at anything blue, tap it, or walk there with the arrow keys, to see what the model expected in its place. A square is ten per cent.",
    hear: { "␣": "a space", "↵": "the end of a line", "⇥": "a tab", "�": "part of a character" },
    quoted: (label) => `“${label}”`,
    percent: percent("en"),
    busy: (n, total, kind) => `writing: ${enWhole(n)} of ${units(total, kind)}`,
    rested: (n, rate, kind) => `${units(n, kind)}${rate ? `, ${enWhole(rate)} a second` : ""}`,
    idle: (bytes) => `a model of ${bytes < 1e6 ? `${enWhole(bytes / 1000)} KB` : `${enTenths(bytes / 1e6)} MB`}, in your browser`,
    scores: ({ loss, ngram, uniform }, kind) =>
      `On text that it had not read it loses ${enCents(loss)} nats per ${kind === "char" ? "character" : "token"}` +
      `${ngram == null ? "" : `; a model that only counts loses ${enCents(ngram)}`}${uniform == null ? "" : `, blind guessing ${enCents(uniform)}`}. Less is better.`,
    imitates: "It imitates the text it read, and knows nothing: neither what is true nor what it says.",
    unknown: (characters, more) =>
      `${characters.length > 1 ? "There are characters" : "There is a character"} that it never met and skips while it reads: ` +
      `${list("en", more ? [...characters, "others"] : characters)}.`,
    cut: (n, kind) => `It looks back no further than ${units(n, kind)}: only the end of your text counts.`,
    trimmed: (n) => `Of a text this long only the last ${enWhole(n)} characters were kept.`,
    wrote: (text) => `It wrote: ${text}`,
    answered: (name, text) => `${name}: ${text || "…"}`,
    wroteNothing: "It wrote nothing.",
  },
  es: {
    title: "Un modelo pequeño que sigue escribiendo",
    loading: "Descargando el modelo…",
    failed: "No se ha podido cargar el modelo. Comprueba tu conexión e inténtalo de nuevo.",
    noWorker:
      "Este navegador no ha dejado que el modelo arranque en segundo plano, que es donde tiene que ejecutarse. Recarga la " +
      "página o prueba con un navegador más reciente; una página abierta directamente desde un archivo tampoco puede arrancarlo.",
    broke: "El modelo se ha detenido solo. Lo que había escrito sigue aquí; vuelve a intentarlo.",
    retry: "Reintentar",
    mode: "¿Qué quieres hacer?",
    modes: { write: "Continuar un texto", talk: "Conversar" },
    prompt: "Así empieza",
    beginnings: "O elige un comienzo:",
    write: "Seguir escribiendo",
    stop: "Parar",
    step: { char: "Un carácter", bpe: "Un token" },
    again: "Lo mismo otra vez",
    surprise: "Sorpréndeme",
    you: "Tú eres",
    them: "Te responde",
    say: "Lo que dices",
    sayIt: "Decirlo",
    another: "Otra respuesta",
    over: "Empezar de nuevo",
    sayHint: "Si lo dejas vacío, sigue hablando el otro personaje. Con Intro lo dices; con Mayús e Intro empiezas otra línea.",
    writeHint: "Ctrl e Intro hacen lo mismo que el botón azul.",
    sheet: "Lo que escribe",
    conversation: "La conversación",
    emptyTalk: "Todavía nadie ha dicho nada.",
    settings: "Cómo escribe",
    temperature: "Temperatura",
    temperatureOf: (t) => esCents(t),
    temperatureWords: (t) =>
      t === 0 ? "siempre lo más probable" : t < 0.45 ? "muy prudente" : t < 0.75 ? "prudente" : t < 0.95 ? "animado" : t < 1.05 ? "justo como lo espera" : t < 1.3 ? "atrevido" : "desatado",
    length: "Longitud",
    lengthOf: unidades,
    atMost: "Como mucho",
    seed: "Semilla",
    slowly: "Despacio, para seguir las probabilidades",
    place: "Lugar en el texto",
    placeOf: (n, total) => `${esWhole(n)} de ${esWhole(total)}`,
    placeNext: "lo que viene después",
    nextTitle: "Qué espera a continuación",
    hereTitle: "Qué esperaba aquí",
    nothingYet: "Las probabilidades aparecerán aquí en cuanto haya leído el comienzo.",
    drew: (label, share, rank) => `Le salió ${label}, con un ${share}: ${rank === 0 ? "lo más probable" : `el número ${esWhole(rank + 1)} de su lista`}.`,
    notYet: "Todavía no ha salido nada.",
    parts: (counted, network) => `Un ${counted} del recuento y un ${network} de la red.`,
    fromNetwork: "de la red",
    fromCounting: "del recuento",
    counting: "con el recuento",
    likeliest: (odds) => `Lo más probable: ${odds}.`,
    oddsHint: "Señala cualquier cosa azul, tócala o llega hasta ella con las flechas para ver qué esperaba el modelo en su lugar. Un cuadrado es un diez por ciento.",
    hear: { "␣": "un espacio", "↵": "un fin de línea", "⇥": "un tabulador", "�": "parte de un carácter" },
    quoted: (label) => `«${label}»`,
    percent: percent("es"),
    busy: (n, total, kind) => `escribiendo: ${esWhole(n)} de ${unidades(total, kind)}`,
    rested: (n, rate, kind) => `${unidades(n, kind)}${rate ? `, ${esWhole(rate)} por segundo` : ""}`,
    idle: (bytes) => `un modelo de ${bytes < 1e6 ? `${esWhole(bytes / 1000)} KB` : `${esTenths(bytes / 1e6)} MB`}, en tu navegador`,
    scores: ({ loss, ngram, uniform }, kind) =>
      `En un texto que no había leído, su pérdida es de ${esCents(loss)} nats por ${kind === "char" ? "carácter" : "token"}` +
      `${ngram == null ? "" : `; la de un modelo que solo cuenta, de ${esCents(ngram)}`}${uniform == null ? "" : `; la de adivinar a ciegas, de ${esCents(uniform)}`}. Cuanto menos, mejor.`,
    imitates: "Imita el texto que ha leído y no sabe nada: ni qué es verdad ni qué está diciendo.",
    unknown: (characters, more) =>
      `Hay ${characters.length > 1 ? "caracteres" : "un carácter"} que no conoce y que se salta al leer: ` +
      `${list("es", more ? [...characters, "otros más"] : characters)}.`,
    cut: (n, kind) => `No mira más allá de ${unidades(n, kind)} hacia atrás: solo cuenta el final de tu texto.`,
    trimmed: (n) => `De un texto tan largo solo se han conservado los últimos ${esWhole(n)} caracteres.`,
    wrote: (text) => `Ha escrito: ${text}`,
    answered: (name, text) => `${name}: ${text || "…"}`,
    wroteNothing: "No ha escrito nada.",
  },
};
