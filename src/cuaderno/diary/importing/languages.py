"""Which of the two languages a text is in, by its small words."""

import re

SMALL = {
    "en": "a no me one he she the of and to in is that it was for on are with as his they be at this have from or had "
    "by but what all were we when your can there an which their if will each about how up out them then she many some "
    "so these would i my you not because do did just",
    "es": "de la que el en y a los se del las un por con no una su para es al lo como más pero sus le ya o este sí "
    "porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante uno ni contra "
    "otros ese eso son están mi tu cual pueden",
}
WORDS = {lang: set(words.split()) for lang, words in SMALL.items()}
BOTH = WORDS["en"] & WORDS["es"]
CODE = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1|\Z)|`[^`\n]*`|https?://\S+|\]\([^)]*\)|<[^>]*>", re.S | re.M)


def guess_language(text: str, otherwise: str = "en") -> str:
    """`en` or `es`; `otherwise` when the text says too little."""
    words = re.findall(r"[^\W\d_]+", CODE.sub(" ", text).lower())
    counts = {lang: sum(word in known - BOTH for word in words) for lang, known in WORDS.items()}
    counts["es"] += sum(letter in "ñ¿¡" for letter in text)
    if sum(counts.values()) < 3 or counts["en"] == counts["es"]:
        return otherwise
    return max(counts, key=lambda lang: counts[lang])
