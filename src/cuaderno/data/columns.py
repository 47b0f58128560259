"""Which column is the text and which the label, found by name or by what stands in them."""

from collections.abc import Sequence

from cuaderno.data.table import Format
from cuaderno.lab.errors import CuadernoError, nearest

TEXTS = (
    "text", "texto", "sentence", "frase", "oracion", "message", "mensaje", "content", "contenido", "review", "reseña",
    "body", "cuerpo", "comment", "comentario", "tweet", "sms", "document", "documento", "v2",
)  # fmt: skip
PAIRS = (
    ("sentence1", "sentence2"), ("text1", "text2"), ("texto1", "texto2"), ("frase1", "frase2"),
    ("premise", "hypothesis"), ("question", "answer"), ("pregunta", "respuesta"), ("prompt", "response"),
    ("prompt", "completion"), ("input", "output"),
)  # fmt: skip
LABELS = (
    "label", "labels", "etiqueta", "class", "clase", "category", "categoria", "categoría", "target", "score",
    "sentiment", "sentimiento", "rating", "stars", "estrellas", "nota", "puntuacion", "puntuación", "y", "v1",
)  # fmt: skip
ALPACA = ("instruction", "input", "output")
KNOWN = {*TEXTS, *LABELS, *(name for pair in PAIRS for name in pair), *ALPACA, "id", "source", "lang", "split"}


def choose(form: Format, sample: Sequence[dict], text: Sequence[str] = (), label: str | None = None) -> None:
    """Fill in `text_columns` and `label_column`; `text` and `label` are what the person asked for.

    Raises:  CuadernoError when a named column is not there, or no column holds texts.
    """
    for asked in [*text, *([label] if label else [])]:
        if asked not in form.columns:
            raise CuadernoError(f"There is no column '{asked}'.{nearest(asked, form.columns)}")
    names = {name.strip().casefold(): name for name in reversed(form.columns)}
    form.text_columns = list(text) or _texts(form, names, sample, label)
    named = next((names[name] for name in LABELS if name in names and names[name] not in form.text_columns), None)
    form.label_column = label or named or _few_values(form, sample)


def _texts(form: Format, names: dict[str, str], sample: Sequence[dict], label: str | None) -> list[str]:
    for pair in PAIRS:
        if all(name in names and names[name] != label for name in pair):
            return [names[name] for name in pair]
    for name in TEXTS:
        if name in names and names[name] != label:
            return [names[name]]
    lengths = {name: _mean_length(sample, name) for name in form.columns if name != label}
    longest = max(lengths, key=lambda name: lengths[name], default=None)
    if longest is None or not lengths[longest]:
        said = ", ".join(form.columns) or "none"
        raise CuadernoError(f"No column holds texts (columns: {said}). Name one with --text COLUMN.")
    return [longest]


def _mean_length(sample: Sequence[dict], name: str) -> float:
    values = [record.get(name) for record in sample]
    texts = [value for value in values if isinstance(value, str) and not _is_number(value)]
    return sum(map(len, texts)) / max(1, len(values))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _few_values(form: Format, sample: Sequence[dict]) -> str | None:
    """The column whose values come back again and again."""
    for name in form.columns:
        values = [record.get(name) for record in sample]
        scalar = all(isinstance(value, str | int | bool) for value in values)
        if name not in form.text_columns and scalar and len(values) >= 6 and 2 <= len(set(values)) <= len(values) // 3:
            return name
    return None
