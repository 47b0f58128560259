"""Carry a trained GPT into the browser: int8 weights, the tokenizer, and test cases with Python's answers.

What the forward pass computes
------------------------------
C = embed_dim, H = num_heads, D = C / H, p = the position of a token, counted from the beginning of the context.
norm(x) = (x - mean) / sqrt(variance + 1e-5) over the last axis, times weight plus bias where there are such tensors.
Every linear layer is y = W x (+ bias where there is one); W has one row per output.

    x = embed[token];  classic: x += positions[p];  else: x = norm(x)
    for each block:
        q, k, v = split(attention.qkv(norm_1(x)), 3)                  each H heads of D channels
        else (not classic): for q and k of every head: norm over D, then every pair of channels (2i, 2i + 1) is turned
            by the angle p * rope_base^(-2i / D):  (a, b) -> (a cos - b sin, a sin + b cos)
        weights = softmax over the positions so far of (q · k / sqrt(D));  y = sum of weights * v, heads side by side
        x += attention.project(y)
        x += mlp.down(f(mlp.up(norm_2(x))))       f(h) = max(h, 0)² ; classic: GELU with tanh
    logits = head(norm(x))                              tied: the head is `embed` itself, and there is no head.weight

A full context goes on from its second half: when one more token does not fit, keep the last context_length // 2 tokens
(the new one included), count positions from 0 again and compute all of them anew.

model.json
----------
    {"format": 1,
     "settings": {"vocab_size", "context_length", "num_layers", "num_heads", "embed_dim", "dropout_rate", "classic",
                  "tied"},
     "rope_base": 1000.0,
     "tensors": [{"name": "embed.weight", "shape": [rows, columns], "offset": bytes into weights.bin}, …],
     "tokenizer": {"kind": "char", "tokens": ["\\n", " ", …]}
               or {"kind": "bpe", "tokens": [byte-level, as in tokenizer.json, in order], "merges": [["a", "b"], …]},
     "labels": [what a person can read of each token: ␣ for a space, ↵ for a line end],
     "ngram": null or {"weight": 0.2, "order": 6, "arrays": [{"name": "tokens_1", "dtype": "uint8", "length": …,
               "offset": bytes into the decompressed ngram.bin}, …]},
     "dialogue": null or {"speakers": ["ROMEO", …], "own_line": true, "before": "", "after": ": ", "stops": ["\\n\\n"]}:
                 a speech begins with before + speaker + after, and with own_line its words are on the next line,
     "prompts": [a few beginnings to offer],
     "scores": {"loss": nats per token, "ngram": the counting model's, "uniform": ln(vocab_size)}}

`weights.bin`: a matrix is its scales (little-endian float32, one per row) and then its rows (int8), weight[row][column]
being scales[row] * int8[row * columns + column]; a vector is float32. Names are those of `model.py`: embed.weight,
blocks.0.attention.qkv.weight, …, head.weight; norm weights and biases only when classic.

The counting model
------------------
`ngram.bin` is one gzip stream of little-endian arrays. A gram of length n is a context (a gram of length n - 1) and one
token more; grams of one length are sorted by context and then token, so that context c's grams follow one another, and
the id of a gram is its place in that order. There is one context of length 0. For n = 1 … order:

    tokens_n[gram]      the last token          children_n[context]   how many grams the context has
    shares_n[gram], backoff_n[context]          codes: probability = exp(-code * step)
    steps_n = [step of the shares, step of the backoff]

    lent[context]  = exp(-backoff_n * steps_n[1]), or 1 for a context without grams
    share[gram]    = exp(-shares_n * steps_n[0]), then scaled so that the shares of a context sum to 1 - lent
    p_0(token)     = 1 / vocab_size
    p_n(token | context) = share[context and token, or 0 when there is no such gram] + lent[context] * p_(n-1)(token |
                           the context without its oldest token); a context that is not there lends everything

What is expected next is weight * p_order(token | the last order - 1 tokens) + (1 - weight) * softmax(logits); where the
text below says logits, it is the logarithm of that, wherever `ngram` is not null. Sampling begins from there.

Parity
------
Inputs are prompts, of any content; outputs what the int8 weights answer in torch:

    {"input": {"prompt": "ROMEO:", "num_tokens": 12},
     "output": {"tokens": the prompt's tokens (the last context_length of them), "logits": those behind the prompt,
                "greedy": the text of the num_tokens likeliest next tokens, one after another}}

A prompt without a known character begins with the token of a line end, or with token 0 when there is none.
"""

import json
import textwrap
from html import escape
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from cuaderno.lab.export import save_json, save_onnx, save_parity
from cuaderno.lab.files import write_atomic
from cuaderno.lab.quantize import pack, unpack
from cuaderno.lab.run import Run
from cuaderno.studies.gpt import inside, mixture
from cuaderno.studies.gpt.generate import Sampling, beginning, draw, write
from cuaderno.studies.gpt.mixture import Mixture
from cuaderno.studies.gpt.model import GPT, ROPE_BASE
from cuaderno.studies.gpt.tokens import spell
from cuaderno.studies.gpt.train import trained

MAP_TOKENS = 28  # on each side of a drawn attention map
HOSTILE = ("", "\n\n", "a\u0000\u0007b", "你好 🐈 \ud800?", "the the the " * 200)


def export(run: Run, folder: Path) -> None:
    """Write what the browser loads, the look inside as numbers and drawings, and the samples of the training."""
    model, tokenizer = trained(run)
    kept = run.folder / "checkpoint"
    about = read_json(kept / "text.json")
    dialogue = read_json(kept / "dialogue.json") if (kept / "dialogue.json").is_file() else None
    prompts = about["prompts"] or [""]
    names = {"loss": "loss", "ngram": "baseline_ngram_loss", "uniform": "baseline_uniform_loss"}
    scores = {key: run.metrics[name].value if name in run.metrics else None for key, name in names.items()}
    mix = mixture.load(kept)
    browser_files(model, tokenizer, mix, dialogue, prompts, scores, folder)
    look_inside(model, tokenizer, prompts[0], np.array(about["counts"]), folder)
    save_json(folder / "samples.json", read_json(kept / "samples.json"))
    write_atomic(folder / "poster.svg", poster(model, tokenizer, mix, prompts[0]))


def export_onnx(run: Run, path: Path) -> None:
    """Write the network as one ONNX file: tokens (1, T) -> logits (1, T, vocab_size), for any T up to the context."""
    model = trained(run)[0]
    length = torch.export.Dim("length", min=2, max=model.context_length)
    tokens = torch.arange(7)[None] % model.embed.num_embeddings
    save_onnx(model, (tokens,), path, ["tokens"], ["logits"], {"tokens": {1: length}})


def browser_files(
    model: GPT,
    tokenizer: Tokenizer,
    mix: Mixture | None,
    dialogue: dict | None,
    prompts: list[str],
    scores: dict,
    folder: Path,
) -> None:
    """Write model.json, weights.bin, parity.json, and ngram.bin when a counting model has its share."""
    layout, data = pack(model.browser_weights())
    write_atomic(folder / "weights.bin", data)
    counted = None
    if mix:
        write_atomic(folder / "ngram.bin", mix.packed()[1])
        counted = mix.about()
    about = {
        "format": 1,
        "settings": model.settings,
        "rope_base": ROPE_BASE,
        "tensors": layout,
        "tokenizer": tokenizer_as_json(tokenizer),
        "labels": spell(tokenizer),
        "ngram": counted,
        "dialogue": dialogue,
        "prompts": prompts,
        "scores": scores,
    }
    save_json(folder / "model.json", about)
    small = GPT(**model.settings)
    small.load_state_dict(unpack(layout, data), strict=False)
    asked = [(prompt, 40) for prompt in prompts[:4]] + [(prompt, 8) for prompt in HOSTILE]
    cases = [parity_case(small.eval(), tokenizer, mix, prompt, number) for prompt, number in asked]
    save_parity(folder, cases, tolerance=1e-3)


def parity_case(model: GPT, tokenizer: Tokenizer, mix: Mixture | None, prompt: str, num_tokens: int) -> dict:
    """A prompt and what Python answers with the browser's weights."""
    tokens = beginning(model, tokenizer, prompt)
    with torch.inference_mode():
        logits = model(torch.tensor([tokens]))[0, -1]
    if mix:
        logits = torch.from_numpy(np.log(mix(tokens, logits.double().softmax(0).numpy())))
    greedy = list(draw(model, tokens, Sampling(temperature=0, max_tokens=num_tokens), mix))
    output = {"tokens": tokens, "logits": [round(x, 6) for x in logits.tolist()], "greedy": tokenizer.decode(greedy)}
    return {"input": {"prompt": prompt, "num_tokens": num_tokens}, "output": output}


def tokenizer_as_json(tokenizer: Tokenizer) -> dict:
    """What the browser needs to spell: the tokens in order, and for byte pairs which ones merge first."""
    plan = json.loads(tokenizer.to_str())
    vocabulary = sorted(plan["model"]["vocab"], key=plan["model"]["vocab"].get)
    if tokenizer.pre_tokenizer is None:
        return {"kind": "char", "tokens": vocabulary}
    return {"kind": "bpe", "tokens": vocabulary, "merges": plan["model"]["merges"]}


def look_inside(model: GPT, tokenizer: Tokenizer, prompt: str, counts: np.ndarray, folder: Path) -> None:
    """Write inside.json and its drawings: where the heads look while they read a text of the model's own."""
    labels = spell(tokenizer)
    start = beginning(model, tokenizer, prompt)
    text = start + list(draw(model, start, Sampling(max_tokens=4 * model.context_length, seed=0)))
    shown = text[: min(MAP_TOKENS, model.context_length)]
    maps = inside.attention_maps(model, shown)
    heads = inside.profiles(model, np.array(text), model.context_length)
    places = inside.embedding_map(model, labels, counts)
    read = [labels[token] for token in shown]
    attention = [[[[round(x, 3) for x in row] for row in head] for head in layer] for layer in maps.tolist()]
    save_json(folder / "inside.json", {"tokens": read, "attention": attention, "heads": heads, "embeddings": places})
    write_atomic(folder / "attention.svg", inside.draw_attention(maps, read))
    write_atomic(folder / "heads.svg", inside.draw_profiles(heads))
    write_atomic(folder / "embeddings.svg", inside.draw_embeddings(places))


def poster(model: GPT, tokenizer: Tokenizer, mix: Mixture | None, prompt: str, columns: int = 46, rows: int = 9) -> str:
    """A page that the model wrote, the prompt in ink and its own words in blue."""
    written = "".join(write(model, tokenizer, prompt, Sampling(max_tokens=2 * columns * rows, seed=1), mix))
    lines = [(line, "ink") for line in prompt.splitlines()]
    for paragraph in written.splitlines():
        lines += [(line, "blue") for line in textwrap.wrap(paragraph, columns) or [""]]
    texts = "".join(
        f'<text x="24" y="{24 * row + 30}" fill="var(--{colour}, #246)">{escape(printable(line))}</text>'
        for row, (line, colour) in enumerate(lines[:rows])
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 {24 * rows + 24}" role="img">'
        f'<g font-family="ui-monospace, monospace" font-size="15">{texts}</g></svg>\n'
    )


def printable(line: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in line)


def read_json(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))
