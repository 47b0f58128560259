"""A map of sentences and one of tokens for the page, of made-up sentences: nobody's rows are shown to everybody."""

from collections import Counter

from cuaderno.lab.maps import draw_map, sentence
from cuaderno.studies.refine import phrasebook, tokens
from cuaderno.studies.refine.embed import sequence_vectors, token_vectors
from cuaderno.studies.refine.judge import vectors
from cuaderno.studies.refine.tuned import Tuned

NUM_TEXTS = 110
NUM_TOKENS = 180  # the commonest in these texts
NUM_SENTENCES = 8  # as sequences of vectors, where the page has no network that gives them
LONGEST = 100  # letters of a sentence
ROUNDS = 500  # of t-SNE: enough for so few
GROUPS = {"praise": {"en": "praise", "es": "elogio"}, "complaint": {"en": "complaint", "es": "queja"}}


def map_of(run_id: str, tuned: Tuned, runs_in_page: bool) -> dict:
    """What map.json says: see cuaderno.lab.maps."""
    rows = made_up(tuned.task)
    texts = list(rows)
    drawn = {"format": 1, "run": run_id} | draw_map(texts, vectors(tuned, texts), ROUNDS)
    if tuned.task != "chat":
        drawn["groups"] = list(GROUPS.values())
        for point in drawn["points"]:
            point["group"] = list(GROUPS).index(rows[point["text"]])
    names, of_tokens = token_vectors(tuned)
    common = common_tokens(tuned, texts)
    drawn["tokens"] = draw_map([names[i] for i in common], of_tokens[common], ROUNDS)
    if not runs_in_page:
        drawn["sentences"] = [sentence(text, *sequence_vectors(tuned, text)) for text in texts[:NUM_SENTENCES]]
    return drawn


def made_up(task: str) -> dict[str, str]:
    """Sentences that fit a task, each with its label."""
    rows = phrasebook.questions() if task == "chat" else [row[:2] for row in phrasebook.opinions()]
    short = {text: label for text, label in rows if len(text) <= LONGEST}
    return dict(list(short.items())[:NUM_TEXTS])


def common_tokens(tuned: Tuned, texts: list[str]) -> list[int]:
    """The numbers of the commonest tokens that can be read: no marks of the tokenizer, no halves of a letter."""
    left_out = {*tuned.tokenizer.all_special_ids}
    encoded = tokens.encode(tuned.tokenizer, texts, tuned.context_length)
    seen = Counter(i for ids in encoded for i in ids if i not in left_out)
    left_out = {i for i in seen if not tuned.tokenizer.decode([i]).strip(" \ufffd")}
    return sorted(seen.keys() - left_out, key=lambda i: (-seen[i], i))[:NUM_TOKENS]
