"""What is special here: files in many forms, no twins across splits, families, effective values, LoRA, exports."""

import csv
import dataclasses
import json
import random
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.data.splits import leaks
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import check_parity
from cuaderno.lab.run import Run
from cuaderno.studies.refine import chat, data, effective, families, huggingface, judge, tokens
from cuaderno.studies.refine import export as exporting
from cuaderno.studies.refine.batches import encode_rows, encode_speech, order
from cuaderno.studies.refine.cuts import LooseCuts
from cuaderno.studies.refine.embed import embed, embed_sequence, embed_tokens
from cuaderno.studies.refine.evaluate import evaluate
from cuaderno.studies.refine.predict import predict
from cuaderno.studies.refine.settings import check, settle
from cuaderno.studies.refine.start import prepare
from cuaderno.studies.refine.train import TINY, Config, make_optimizer, train
from cuaderno.studies.refine.tuned import trained as tuned_of
from cuaderno.studies.refine.write import write

WEB = Path(__file__).parent / "web"
ANIMALS = ("cat", "dog", "horse", "owl", "frog", "goat", "hen", "fox", "crab", "bee", "wolf", "lamb")
DOINGS = ("sleeps on", "looks at", "runs from", "hides behind", "sings to", "waits for")
PLACES = ("the old barn", "a tall tree", "my window", "the river", "our kitchen", "the moon")


def sentences(number: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    pick = lambda words: words[rng.integers(len(words))]  # noqa: E731
    return [f"{pick(PLACES)}: a {pick(ANIMALS)} {pick(DOINGS)} {pick(PLACES)} {pick(ANIMALS)}" for _ in range(number)]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Small tables: pairs that are alike by their words, sentences with a label, and questions."""
    folder = tmp_path_factory.mktemp("rows")
    texts = sentences(120)
    with (folder / "pairs.tsv").open("w") as file:
        file.write("score\tsentence1\tsentence2\n")
        for one, other in zip(texts, texts[1:] + texts[:1], strict=True):
            shared = len(set(one.split()) & set(other.split()))
            file.write(f"{shared}\t{one}\t{other}\n")
    with (folder / "labels.csv").open("w") as file:
        rows = csv.writer(file)
        rows.writerow(["label", "text"])
        rows.writerows(["bird" if "owl" in text or "hen" in text else "none", text] for text in texts)
    with (folder / "chat.jsonl").open("w") as file:
        for a in range(8):
            for b in range(8):
                file.write(json.dumps({"prompt": f"Say {a} and {b}, please.", "response": f"{a} {b}"}) + "\n")
    return folder


def trained(config: Config, folder) -> Run:
    run = Run.create("refine", config, folder)
    train(config, run)
    return run


# -- rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("a.csv", "label,text\nspam,win, now\n", r"row 1 \(line 2\), column 'text': found 3 columns.*data clean"),
        ("a.csv", 'label,text\nspam,"open\n', "double quote that opens there"),
        ("a.tsv", "label\ttext\nspam\t\n", r"a.tsv, row 1 \(line 2\), column 'text' is empty"),
        ("a.tsv", "label\ttext\n\twin\n", r"a.tsv, row 1 \(line 2\), column 'label' is empty"),
        ("a.tsv", "label\ttext\n1\t2\n3\t\n", r"a.tsv, row 2 \(line 3\), column 'text' is empty"),
        ("a.tsv", "kind\ttext\nspam\twin\n", "which column is the answer"),
        ("a.txt", "hello\n", "which column is the answer"),
        ("a.csv", "label,number\n1,2\n3,4\n", "Name one with --text-column COLUMN"),
        ("a.jsonl", '{"text": "x", "label": "y"}\n{"text"\n', r"row 2 \(line 2\).*one JSON object"),
        ("a.jsonl", "[]\n", "found a list, wanted one JSON object"),
        ("a.jsonl", '{"messages": [{"role": "user", "content": "x"}]}\n', "which column is the text.*--task chat"),
        ("a.csv", "", "is empty"),
        ("a.csv", "label,text\n", "has no rows"),
    ],
)
def test_a_bad_file_says_where_and_what_is_wanted(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    with pytest.raises(CuadernoError, match=words):
        data.read_rows(tmp_path / name, "classify")


def test_a_label_where_a_number_is_wanted(tmp_path):
    (tmp_path / "a.csv").write_text("score,text\nfine,hello\n")
    with pytest.raises(CuadernoError, match=r"row 1 \(line 2\), column 'score' is 'fine'; wanted is a number"):
        data.read_rows(tmp_path / "a.csv", "regress")


@pytest.mark.parametrize("text, target, words", [("txt", "", "Did you mean 'text'"), ("", "lable", "mean 'label'")])
def test_a_column_that_is_not_there(tmp_path, text, target, words):
    (tmp_path / "a.csv").write_text("label,text\nx,hello\n")
    with pytest.raises(CuadernoError, match=words):
        data.read_rows(tmp_path / "a.csv", "classify", text, target)


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.csv", "label,text\nx,niño\n".encode("cp1252")),
        ("a.csv", "label;text\nx;niño\n".encode("utf-16")),
        ("a.json", '[{"label": "x", "text": "niño"}]'.encode()),
        ("a.tsv", "etiqueta\ttexto\nx\tniño\n".encode()),
        ("reviews.csv", "rating,review\nx,niño\n".encode()),
    ],
)
def test_files_in_many_forms_give_the_same_row(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    rows, columns = data.read_rows(tmp_path / name, "classify")
    assert rows == [data.Row(("niño",), "x")] and "→" in columns


def test_a_folder_for_each_label_is_a_table(tmp_path):
    for label in ("cats", "dogs"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.txt").write_text(f"all about {label}\n")
    rows, _ = data.read_rows(data.find(str(tmp_path)), "classify")
    assert rows == [data.Row((f"all about {label}",), label) for label in ("cats", "dogs")]


@pytest.mark.parametrize(
    "record, turns",
    [
        ({"instruction": "Add.", "input": "1 2", "output": "3"}, ["Add.\n1 2"]),
        ({"prompt": "Hi", "response": "3"}, ["Hi"]),
        (
            {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "Hi"},
                          {"role": "assistant", "content": "3"}]},
            ["s", "Hi"],
        ),
    ],
)  # fmt: skip
def test_conversations_come_in_three_forms(tmp_path, record, turns):
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n")
    (row,), _ = data.read_rows(tmp_path / "a.jsonl", "chat")
    assert row.target == "3" and [m["content"] for m in json.loads(row.texts[0])] == turns


@pytest.mark.parametrize("role", ["robot", "tool"])
def test_a_broken_message_is_shown(tmp_path, role):
    (tmp_path / "a.jsonl").write_text(f'{{"messages": [{{"role": "{role}", "content": "x"}}]}}\n')
    with pytest.raises(CuadernoError, match=rf"a.jsonl, row 1 \(line 1\), column 'messages.*{role}.*assistant"):
        data.read_rows(tmp_path / "a.jsonl", "chat")


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.txt"]))
def test_any_file_gives_rows_or_an_error_in_words(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(content)
    for task in data.TASKS:
        try:
            rows, _ = data.read_rows(path, task)
        except CuadernoError:
            continue
        assert all(row.texts for row in rows)


def test_near_twins_never_part(tmp_path):
    texts = sentences(200)
    lines = [f"{i % 2}\t{text} {ending}" for i, text in enumerate(texts) for ending in ("", "!", "2024", "1999")]
    (tmp_path / "a.tsv").write_text("label\ttext\n" + "\n".join(lines) + "\n")
    table = data.open_table(str(tmp_path / "a.tsv"), "classify")
    placed = [(row.texts[0], name) for name in data.SHARES for row in getattr(table, name)]
    assert not leaks(*map(list, zip(*placed, strict=True))) and table.grouped > 500
    assert len(table.test) == pytest.approx(0.2 * len(placed), abs=5) and table.dropped >= 0
    labels = [sum(row.target == "1" for row in rows) / len(rows) for rows in (table.train, table.test)]
    assert labels[0] == pytest.approx(labels[1], abs=0.05)


def test_another_table_judges_and_none_of_its_twins_is_learnt(tmp_path):
    texts = sorted(set(sentences(200)))
    lines = {"a": [f"{i % 2}\t{text}" for i, text in enumerate(texts)], "b": [f"0\t{text}!" for text in texts[:30]]}
    for name, own in lines.items():
        (tmp_path / f"{name}.tsv").write_text("label\ttext\n" + "\n".join(own) + "\n")
    ours = (str(tmp_path / "a.tsv"), "classify", "", "")
    table = data.open_table(*ours, str(tmp_path / "b.tsv"))
    assert [row.texts[0] for row in table.test] == [f"{text}!" for text in texts[:30]]
    learnt = {row.texts[0] for row in table.train + table.val}
    assert not learnt & set(texts[:30]) and 30 <= table.judged == len(texts) - len(learnt)
    assert f"{table.judged} left out for a near twin" in table.describe()
    assert table.fingerprint != data.open_table(*ours).fingerprint
    with pytest.raises(CuadernoError, match="no file nowhere"):
        data.open_table(*ours, "nowhere.tsv")


def test_made_up_rows_are_no_walkover():
    """Counting words gets more than chance, and far from all."""
    from cuaderno.studies.refine.baselines import for_labels

    metrics = for_labels(data.open_table("", "classify"))
    assert 0.55 < metrics["baseline_linear_macro_f1"].value < 0.85


# -- families and hyperparameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["bert", "xlnet"])
def test_a_wrong_pair_is_refused_with_the_reason(family):
    with pytest.raises(CuadernoError, match=r"cannot chat.*--model gpt2"):
        prepare(dataclasses.replace(TINY, task="chat", model=family))
    assert "see" in families.check_pair("classify", "gpt2") and families.check_pair("classify", "bert") == ""


def test_without_transformers_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(families, "find_spec", lambda name: None)
    with pytest.raises(CuadernoError, match=r"cuaderno\[train,refine\]"):
        train(TINY, Run.create("refine", TINY, tmp_path))


@pytest.mark.parametrize("model", ["brt", "/no/such/folder"])
def test_a_model_that_is_nowhere_is_an_error_in_words(model):
    with pytest.raises(CuadernoError, match=r"config\.json"):
        prepare(dataclasses.replace(TINY, model=model))


@pytest.mark.parametrize(
    "family, task, words",
    [
        ("bert", "classify", "0.25 in BertEmbeddings"),
        ("xlnet", "regress", "0.25 in XLNet"),
        ("gpt2", "chat", "0.25 in GPT2Attention"),
        ("llama", "chat", "it has none outside of its attention"),
    ],
)
def test_dropout_is_read_back_from_the_modules(family, task, words):
    config = dataclasses.replace(TINY, task=task, model=family, dropout_rate=0.25)
    model = prepare(config).model
    assert words in effective.dropout(model, 0.25)
    assert {rate for _, rate in effective.dropouts(model)} == {0.25}
    for optimizer, where in (("adamw", "beta1 of AdamW"), ("sgd", "of SGD")):
        made = make_optimizer(model, dataclasses.replace(config, optimizer=optimizer, momentum=0.8))
        said = effective.in_words(model, made, config, 20, 10, 640, 2)
        assert where in said["momentum"] and "0.8" in said["momentum"] and said["epochs"].startswith("2,")


@pytest.mark.parametrize(
    "change, words",
    [
        ({"task": "clasify"}, "Did you mean 'classify'"),
        ({"optimizer": "adam"}, "adamw"),
        ({"dropout_rate": 1.0}, "below 1"),
        ({"epochs": 0}, "at least 1"),
        ({"learning_rate": 0.0}, "above 0"),
        ({"embed_dim": 30, "num_heads": 4}, "--embed-dim 32"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, words):
    with pytest.raises(CuadernoError, match=words):
        check(dataclasses.replace(TINY, **change))


@pytest.mark.parametrize("change", [{"task": "clasify"}, {"optimizer": "muon"}, {"model": "brt"}])
def test_the_known_words_are_listed_once(change):
    with pytest.raises(CuadernoError) as error:
        prepare(dataclasses.replace(TINY, **change)) if "model" in change else check(
            dataclasses.replace(TINY, **change)
        )
    assert "Known:" not in str(error.value)


def test_a_run_is_settled_by_its_id(monkeypatch, tmp_path):
    found = [{"id": "gpt-20261121-092353-7bdcf5", "status": "finished"}]
    answer = subprocess.CompletedProcess([], 0, json.dumps(found), "")
    monkeypatch.setattr(families.subprocess, "run", lambda *words, **options: answer)
    config = dataclasses.replace(TINY, task="chat", model="run:gpt")
    assert settle(config).model == "run:gpt-20261121-092353-7bdcf5"
    found[0]["status"] = "interrupted"
    answer.stdout = json.dumps(found)
    with pytest.raises(CuadernoError, match="7bdcf5 is interrupted, not trained"):
        settle(config)
    (tmp_path / "run.json").touch()
    assert settle(dataclasses.replace(config, model=f"run:{tmp_path}")).model == f"run:{tmp_path}"


@pytest.mark.parametrize(
    "change, words",
    [
        ({"lora_rank": 16}, {"lora_rank": "only a pretrained model that learns to chat"}),
        ({"task": "chat", "lora_rank": 4}, {"lora_rank": "a new model is taught whole"}),
        ({"task": "chat", "mask_rate": 0.3, "text_column": "x"}, {"mask_rate": "hides no", "text_column": "messages"}),
        ({"vocab_size": 9999}, {"vocab_size": "not 9,999: the rows give no more"}),
        ({}, {}),
    ],
)
def test_a_setting_that_cannot_be_used_is_said(change, words):
    config = dataclasses.replace(TINY, **change)
    said = effective.unused(prepare(config), config)
    assert said.keys() == words.keys() and all(text in said[name] for name, text in words.items())


def test_an_epoch_reads_every_row_once_and_depends_on_seed_and_epoch():
    config = dataclasses.replace(TINY)
    rows = [dataclasses.replace(encoded) for encoded in encoded_rows(config)]
    one, again, other = (order(rows, 32, *which) for which in ((0, 1), (0, 1), (0, 2)))
    assert sorted(np.concatenate(one).tolist()) == list(range(len(rows)))
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert np.concatenate(one).tolist() != np.concatenate(other).tolist()


def encoded_rows(config):
    ready = prepare(config)
    return encode_rows(ready, config.task, ready.table.val)


def test_words_are_cut_anew_each_epoch_and_nothing_is_lost():
    ready = prepare(TINY)
    cuts = LooseCuts.of(ready, "classify")
    texts = [row.texts[0] for row in ready.table.train]
    assert cuts.cut(0, 1) == cuts.cut(0, 1) != cuts.cut(0, 2) and cuts.cut(0, 1) != cuts.cut(1, 1)
    whole = [cuts.marked([token for word in words for token in cuts.pieces(word, cuts_luck, 0.0)])
             for cuts_luck in [random.Random(0)] for words in cuts.words]  # fmt: skip
    assert whole == tokens.encode(ready.tokenizer, texts, TINY.context_length)
    short = min(range(len(texts)), key=lambda i: len(texts[i]))
    assert ready.tokenizer.decode(cuts.cut(0, 3)[short][1:-1]).strip() == texts[short]
    assert LooseCuts.of(prepare(dataclasses.replace(TINY, model="gpt2")), "classify") is None


@given(st.from_regex(r"[a-z ,.]{0,9}[0-9]{5,14}[a-z ,.]{0,9}", fullmatch=True))
def test_a_long_number_is_read_as_its_length(ready_to_read, text):
    length = sum(char.isdigit() for char in text)
    said = "".join(ready_to_read.tokenizer.decode(tokens.encode(ready_to_read.tokenizer, [text], 99)[0]))
    assert ("0" * (5 if length < 9 else 9)) in said and len([c for c in said if c.isdigit()]) in (5, 9)


@pytest.fixture(scope="module")
def ready_to_read():
    return prepare(TINY)


# -- whole runs ------------------------------------------------------------------------------------------------------


def test_pairs_are_compared_and_the_page_agrees(files, tmp_path):
    config = dataclasses.replace(
        TINY, task="regress", data=str(files / "pairs.tsv"), lowercase=True, embed_dim=32, epochs=4
    )
    run = trained(config, tmp_path)
    metrics = evaluate(run)
    assert metrics["pearson"].value > 0.6 and {"baseline_cosine_pearson", "rmse", "spearman"} <= metrics.keys()
    assert abs(metrics["browser_pearson"].value - metrics["pearson"].value) < 0.05
    (tmp_path / "export").mkdir()
    exporting.export(run, tmp_path / "export")
    assert check_parity(WEB, tmp_path / "export") >= 3
    answers = list(predict(run, ["a cat ||| a cat", "only one", "a ||| "]))
    assert "score" in answers[0] and "|||" in answers[1]["error"] and "error" in answers[2]
    huggingface.export(run, tmp_path / "hf")
    assert (tmp_path / "hf" / "pair.safetensors").is_file()


@pytest.fixture(scope="module")
def chatty(files, tmp_path_factory):
    """A small GPT-2 that was tuned to chat from nothing, and its folder in Hugging Face's format."""
    folder = tmp_path_factory.mktemp("chatty")
    config = dataclasses.replace(
        TINY, task="chat", data=str(files / "chat.jsonl"), vocab_size=300, embed_dim=32, context_length=48, epochs=60,
        learning_rate=1e-2, dropout_rate=0.0, batch_size=16,
    )  # fmt: skip
    run = trained(config, folder)
    huggingface.export(run, folder / "hf")
    return run, folder / "hf"


def test_a_chat_learns_its_answers_and_talks(chatty):
    run, _ = chatty
    metrics = evaluate(run)
    assert metrics["perplexity"].value < metrics["baseline_unigram_perplexity"].value
    tutor = chat.open(run)
    said = "".join(tutor.stream([{"role": "user", "content": "Say 3 and 5, please."}]))
    assert said and "<|" not in said and all(tutor.introduction(lang) for lang in ("en", "es"))
    (answer,) = predict(run, ["Say 3 and 5, please."])
    assert answer["answer"] == said


def test_the_same_prompt_gives_the_same_answer_after_the_export(chatty):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    run, folder = chatty
    messages = [{"role": "user", "content": "Say 2 and 7, please."}]
    here = "".join(write(tuned_of(run), messages))
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    ids = torch.tensor([tokens.plain_ids(tokenizer, prompt)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        there = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=20, do_sample=False)
    assert tokenizer.decode(there[0, ids.size(1) :], skip_special_tokens=True).strip() == here


def test_lora_teaches_few_weights_and_is_merged(chatty, files, tmp_path, capsys):
    _, folder = chatty
    config = dataclasses.replace(
        TINY, task="chat", model=str(folder), data=str(files / "chat.jsonl"), context_length=48, epochs=1
    )
    run = trained(config, tmp_path)
    assert "LoRA, rank 8" in capsys.readouterr().err
    assert not [name for name in run.load_weights() if "lora" in name]
    before, after = (tuned_of(one) for one in (chatty[0], run))
    assert sum(w.numel() for w in before.model.parameters()) == sum(w.numel() for w in after.model.parameters())
    moved = [
        (a - b).abs().max().item()
        for a, b in zip(before.model.parameters(), after.model.parameters(), strict=True)
        if a.dim() == 2
    ]
    assert max(moved) > 1e-5
    metrics = evaluate(run)
    assert "baseline_nearest_exact_match" in metrics
    for name in ("perplexity", "exact_match"):
        assert metrics[f"baseline_untuned_{name}"].n == metrics[name].n, "before and after answer the same rows"


def test_a_run_of_ones_own_is_opened_through_the_folder_that_export_writes(chatty, monkeypatch):
    asked = []

    def stub(command, **options):
        asked.append(command)
        shutil.copytree(chatty[1], command[-1], dirs_exist_ok=True)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(families.subprocess, "run", stub)
    config = dataclasses.replace(TINY, task="chat", model="run:mine-2026", epochs=1)
    ready = prepare(config)
    assert ready.pretrained and asked[0][2:6] == ["cuaderno", "export", "mine-2026", "--huggingface"]


def test_a_run_that_cannot_be_exported_says_why(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CuadernoError, match="--model run:nothing cannot be opened"):
        families.open_folder("run:nothing")


def test_labels_stay_the_same_in_a_folder_that_transformers_opens(files, tmp_path):
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    run = trained(dataclasses.replace(TINY, data=str(files / "labels.csv"), epochs=1), tmp_path)
    huggingface.export(run, tmp_path / "hf")
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "hf").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "hf")
    (answer,) = predict(run, ["A hen sings to the river."])
    with torch.no_grad():
        there = model(**tokenizer("A hen sings to the river.", return_tensors="pt")).logits.softmax(-1)[0]
    assert model.config.id2label == {0: "bird", 1: "none"}
    assert np.allclose(there.numpy(), list(answer["probabilities"].values()), atol=1e-5)


def test_what_was_read_before_helps(files, tmp_path):
    """A tiny BERT that guessed hidden words first beats its twin with random weights, by the same command."""
    from transformers import BertForMaskedLM

    config = dataclasses.replace(
        TINY, data=str(files / "labels.csv"), embed_dim=32, context_length=32, vocab_size=330, epochs=3, mask_rate=0.0
    )
    ready = prepare(config)
    torch.manual_seed(0)
    model = BertForMaskedLM(ready.model.config)
    model.save_pretrained(tmp_path / "random")
    encoded = tokens.encode(ready.tokenizer, sentences(400, seed=5), 32)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(160):
        some = [encoded[i] for i in np.random.default_rng(step).integers(0, len(encoded), 32)]
        ids, there = judge.pad(some, 0, False, torch.device("cpu"))
        hidden = (torch.rand(ids.shape) < 0.2) & (ids > 3)
        found = model(input_ids=ids.masked_fill(hidden, 3), attention_mask=there).logits[hidden]
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(found, ids[hidden]).backward()
        optimizer.step()
    model.save_pretrained(tmp_path / "read")
    losses = {}
    for name in ("random", "read"):
        ready.tokenizer.save_pretrained(tmp_path / name)
        run = trained(dataclasses.replace(config, model=str(tmp_path / name)), tmp_path)
        losses[name] = run.history()[-1]["val_loss"]
    assert losses["read"] < losses["random"]
    metrics = evaluate(run)
    assert metrics["baseline_untuned_macro_f1"].n == metrics["macro_f1"].n
    (tmp_path / "read" / "config.json").unlink()
    assert "baseline_untuned_macro_f1" not in evaluate(run)


def test_sentences_become_vectors_and_so_do_tokens(chatty, files, tmp_path):
    found = embed(chatty[0], ["Say 1 and 2, please.", "Say 1 and 2,  please.", "Say 7 and 7"])
    assert found.shape == (3, 32) and np.allclose(found[0], found[1]) and not np.allclose(found[0], found[2])
    pieces, row = embed_sequence(chatty[0], "Say 7 and 7")
    assert "".join(pieces) == "Say 7 and 7" and row.shape == (len(pieces), found.shape[1])
    assert np.allclose(row.mean(0), found[2], atol=1e-5)
    names, vectors = embed_tokens(chatty[0])
    assert len(names) == len(vectors) and vectors.shape[1] == 32


def test_a_long_conversation_loses_its_oldest_part_and_a_gap_ends_a_plain_speech(chatty):
    tokenizer = tuned_of(chatty[0]).tokenizer
    row = data.Row((data.as_script([("user", "word " * 200)]),), "short")
    encoded = encode_speech(tokenizer, row, 48)
    assert len(encoded.ids[0]) <= 48 and 0 < encoded.answer_from < 48
    tokenizer.chat_template, tokenizer.eos_token = tokens.PLAIN_SPEECHES, None
    assert tokens.end_of(tokenizer) == "\n\n"
    said = tokenizer.decode(encode_speech(tokenizer, data.Row(row.texts, "one\n\n\ntwo"), 48).ids[0])
    assert said.endswith("one\ntwo\n\n")


@pytest.mark.parametrize(
    "values, wanted", [([3.0, 1.0, 2.0], [3, 1, 2]), ([1.0, 1.0, 5.0], [1.5, 1.5, 3]), ([2.0, 2.0], [1.5, 1.5])]
)
def test_equal_values_share_their_rank(values, wanted):
    assert judge.ranks(np.array(values)).tolist() == wanted


def test_f1_counts_rare_labels_as_much():
    guessed, right = ["a"] * 10, ["a"] * 9 + ["b"]
    metrics = judge.judge_labels(guessed, right)
    assert metrics["accuracy"].value == 0.9 and abs(metrics["macro_f1"].value - (18 / 19 + 0) / 2) < 1e-9
