"""A saved folder answers in transformers as the model does here, and what transformers saved answers here as there."""

import json
import os
import pickle
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.gpt import huggingface
from cuaderno.studies.gpt.generate import Sampling, draw
from cuaderno.studies.gpt.huggingface import load, save
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.tokens import encode, learn

TEXT = "¿Quién anda ahí? No, answer me: 'stand and unfold yourself'.\n\n  Long live  the king , él !\n"
BUILDS = {"modern char": ("char", False), "modern bpe": ("bpe:300", False), "classic bpe": ("bpe:300", True)}


@pytest.fixture(scope="session")
def transformers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")  # read when it is imported
        import transformers

        yield transformers


def tokenizer_of(kind):
    return learn(kind, [TEXT] * 3, set(TEXT))


def built(kind="char", classic=False, **changes):
    """A model whose every weight says something, with means well away from zero."""
    torch.manual_seed(0)
    tokenizer = tokenizer_of(kind)
    sizes = {"context_length": 64, "num_layers": 3, "num_heads": 2, "embed_dim": 32} | changes
    model = GPT(tokenizer.get_vocab_size(), **sizes, classic=classic, tied=classic).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.2 * torch.randn_like(weight) + 0.1 * torch.randn(weight.shape[-1])
    return model, tokenizer


def prompts(model, length=60):
    return torch.randint(model.settings["vocab_size"], (4, length), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def gap(one, other, tokens):
    """The largest difference between the logits of two models, ours or theirs."""
    a, b = (answer if isinstance(answer := model(tokens), torch.Tensor) else answer.logits for model in (one, other))
    assert a.std() > 0.1
    return float((a - b).abs().max())


@pytest.mark.parametrize("build", BUILDS)
def test_transformers_opens_a_saved_folder_and_gives_the_same_answers(build, transformers, tmp_path):
    model, tokenizer = built(*BUILDS[build])
    save(model, tokenizer, tmp_path / "gpt")
    theirs, info = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "gpt", output_loading_info=True)
    assert type(theirs).__name__ == ("GPT2LMHeadModel" if BUILDS[build][1] else "NanoChatForCausalLM")
    assert not any(info.values()), info
    assert gap(model, theirs.eval(), prompts(model)) < 1e-4

    reader = transformers.AutoTokenizer.from_pretrained(tmp_path / "gpt")
    for text in (TEXT, " a , b .  c's", "\n\n", "¿él?", "Ω unmet 日本"):
        assert reader(text).input_ids == encode(tokenizer, text)
        assert reader.decode(reader(text).input_ids) == tokenizer.decode(encode(tokenizer, text))
    assert len(reader) == tokenizer.get_vocab_size() and reader.model_max_length == 64


@pytest.mark.parametrize("build", BUILDS)
def test_both_write_the_same_text_when_they_take_the_likeliest(build, transformers, tmp_path):
    model, tokenizer = built(*BUILDS[build])
    save(model, tokenizer, tmp_path)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    prompt = encode(tokenizer, TEXT)[:20]
    ours = list(draw(model, prompt, Sampling(temperature=0, max_tokens=30)))
    written = theirs.generate(torch.tensor([prompt]), max_new_tokens=30, do_sample=False)[0].tolist()
    assert written == prompt + ours


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("heads", [1, 4])
def test_a_round_trip_changes_no_answer(build, heads, tmp_path):
    model, tokenizer = built(*BUILDS[build], num_heads=heads, dropout_rate=0.1)
    save(model, tokenizer, tmp_path)
    again, reader = load(tmp_path)
    assert gap(model.eval(), again.eval(), prompts(model)) < 1e-4
    assert again.settings == model.settings | {"dropout_rate": 0.0}
    assert reader.to_str() == tokenizer.to_str()
    assert (again.head.weight is again.embed.weight) == BUILDS[build][1]
    assert all(weight.requires_grad and weight.device.type == "cpu" for weight in again.parameters())


def test_first_weights_survive_a_round_trip(tmp_path):
    model = GPT(13, 16, embed_dim=32)  # its zero matrices are centred too
    save(model, learn("char", [], "abcdefghijklm"), tmp_path)
    assert torch.equal(load(tmp_path)[0](prompts(model, 9)), torch.zeros(4, 9, 13))


# -- what transformers saved -----------------------------------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["tied", "untied"])
def gpt2(request, transformers, tmp_path):
    """A GPT-2 with random weights as transformers saves it, and the same in memory."""
    return saved_gpt2(transformers, tmp_path, tie_word_embeddings=request.param)


def saved_gpt2(transformers, folder, shard="5GB", **changes):
    tokenizer = tokenizer_of("bpe:300")
    tokenizer.add_special_tokens([huggingface.END_OF_TEXT])
    end = tokenizer.token_to_id(huggingface.END_OF_TEXT)
    torch.manual_seed(0)
    sizes = {"vocab_size": end + 1, "n_positions": 48, "n_embd": 24, "n_layer": 2, "n_head": 3}
    options = {"initializer_range": 0.3, "bos_token_id": end, "eos_token_id": end} | changes
    theirs = transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, **options)).eval()
    theirs.save_pretrained(folder, max_shard_size=shard)
    wrapped = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=huggingface.END_OF_TEXT)
    wrapped.save_pretrained(folder)
    return theirs, wrapped, folder


def test_a_gpt2_of_transformers_answers_the_same_here(gpt2):
    theirs, wrapped, folder = gpt2
    ours, tokenizer = load(folder)
    tied = theirs.config.tie_word_embeddings
    assert gap(ours.eval(), theirs, prompts(ours, 48)) < 1e-4
    assert (ours.head.weight is ours.embed.weight) == tied
    assert encode(tokenizer, TEXT + "<|endoftext|>") == wrapped(TEXT + "<|endoftext|>").input_ids

    save(ours, tokenizer, folder / "again")  # and back, its end of text still one
    config = json.loads((folder / "again" / "config.json").read_text())
    assert config["eos_token_id"] == theirs.config.eos_token_id and config["tie_word_embeddings"] == tied
    opened = type(theirs).from_pretrained(folder / "again").eval()
    assert gap(opened, theirs, prompts(ours)[:, :48]) < 1e-4
    assert type(wrapped).from_pretrained(folder / "again").eos_token == "<|endoftext|>"


def test_several_files_and_harmless_options(transformers, tmp_path):
    options = {"reorder_and_upcast_attn": True, "activation_function": "gelu_pytorch_tanh", "attn_pdrop": 0.5}
    theirs, _, folder = saved_gpt2(transformers, tmp_path, shard="20KB", **options)
    assert not (folder / "model.safetensors").exists() and len(list(folder.glob("model-*.safetensors"))) > 2
    ours = load(folder)[0]
    assert gap(ours.eval(), theirs, prompts(ours, 48)) < 1e-4


def test_the_oldest_kind_of_folder(transformers, tmp_path):
    """Names without `transformer.`, causal masks among the tensors, a pickle, half precision, two tokenizer files."""
    theirs, wrapped, folder = saved_gpt2(transformers, tmp_path)
    tensors = {name.removeprefix("transformer."): tensor.half() for name, tensor in theirs.state_dict().items()}
    tensors |= {f"h.{layer}.attn.bias": torch.ones(1, 1, 48, 48).tril() for layer in range(2)}
    (folder / "model.safetensors").unlink()
    torch.save(tensors, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    content = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "tokenizer.json").unlink()
    vocab = content["vocab"] | {"<|endoftext|>": len(content["vocab"])}
    (folder / "vocab.json").write_text(json.dumps(vocab))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(map(" ".join, content["merges"])) + "\n")
    ours, tokenizer = load(folder)
    assert gap(ours.eval(), theirs.half().float(), prompts(ours, 48)) < 1e-4
    for text in (TEXT, "a<|endoftext|>b"):
        assert encode(tokenizer, text) == wrapped(text).input_ids
        assert tokenizer.decode(encode(tokenizer, text), skip_special_tokens=False) == text
    torch.save(tensors, folder / "pytorch_model.bin")  # the newer kind of pickle
    assert torch.equal(load(folder)[0].embed.weight, ours.embed.weight)


def test_a_nanochat_of_transformers_is_read_only_when_its_norms_are_ours(transformers, tmp_path):
    options = {"rms_norm_eps": 1e-5, "final_logit_softcapping": None, "rope_parameters": rope(1000.0)}
    sizes = {"vocab_size": 40, "hidden_size": 24, "intermediate_size": 72, "num_hidden_layers": 2}
    sizes |= {"num_attention_heads": 2, "max_position_embeddings": 32}
    theirs = transformers.NanoChatForCausalLM(transformers.NanoChatConfig(**sizes, **options))
    theirs.save_pretrained(tmp_path)
    learn("char", [], "abc").save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(CuadernoError, match="not centred"):
        load(tmp_path)


def rope(base):
    return {"rope_type": "default", "rope_theta": base}


def test_reading_does_not_import_transformers(tmp_path):
    save(*built(), tmp_path)
    code = "import sys; from cuaderno.studies.gpt.huggingface import load, save; gpt = load(sys.argv[1]); "
    code += "save(*gpt, sys.argv[1] + '/again'); print('transformers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["GPT-2", "NanoChat"])
def folder(request, tmp_path):
    save(*built("bpe:300", classic=request.param), tmp_path)
    return tmp_path


@pytest.fixture
def classic_folder(tmp_path):
    save(*built("bpe:300", classic=True), tmp_path)
    return tmp_path


@pytest.fixture
def modern_folder(tmp_path):
    save(*built("bpe:300"), tmp_path)
    return tmp_path


def refused(folder, words):
    with pytest.raises(CuadernoError, match=words) as caught:
        load(folder)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def configure(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def swap(folder, change):
    """Write the tensors again after `change` had them."""
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "model.safetensors")


def test_a_folder_that_is_not_there_or_not_whole(folder):
    refused(folder / "nowhere", "no folder .*model.safetensors")
    (folder / "tokenizer.json").rename(folder / "kept")
    refused(folder, "no tokenizer.json, nor vocab.json with merges.txt")
    (folder / "kept").rename(folder / "tokenizer.json")
    (folder / "model.safetensors").unlink()
    refused(folder, "no model.safetensors")
    (folder / "config.json").unlink()
    refused(folder, "no config.json")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_files_of_rubbish(classic_folder, name, content):
    (classic_folder / name).write_bytes(content)
    refused(classic_folder, name)


def test_other_architectures_are_named(folder):
    configure(folder, model_type="llama", architectures=["LlamaForCausalLM"])
    refused(folder, "a LlamaForCausalLM, and only these are read: GPT2LMHeadModel, NanoChatForCausalLM")
    configure(folder, model_type="gpt2", architectures=["GPT2ForSequenceClassification"])
    refused(folder, "a GPT2ForSequenceClassification")
    for odd in ({}, 3, None):
        configure(folder, model_type=odd, architectures=odd)
        refused(folder, "only these are read")


@pytest.mark.parametrize(
    "option",
    [
        {"scale_attn_by_inverse_layer_idx": True}, {"activation_function": "relu"}, {"layer_norm_epsilon": 1e-6},
        {"scale_attn_weights": False}, {"add_cross_attention": True}, {"n_inner": 96},
        {"quantization_config": {"bits": 4}},
    ],
)  # fmt: skip
def test_options_of_gpt2_that_change_the_answers(classic_folder, option):
    configure(classic_folder, **option)
    refused(classic_folder, rf"{next(iter(option))} = .* \(only ")


@pytest.mark.parametrize(
    "option",
    [
        {"hidden_act": "silu"}, {"rms_norm_eps": 1e-6}, {"final_logit_softcapping": 15.0}, {"attention_bias": True},
        {"num_key_value_heads": 1}, {"head_dim": 8}, {"intermediate_size": 128},
        {"rope_theta": 10000.0}, {"rope_type": "linear"},
    ],
)  # fmt: skip
def test_options_of_nanochat_that_change_the_answers(modern_folder, option):
    rotations = {"rope_parameters": rope(1000.0) | option} if "rope" in next(iter(option)) else {}
    configure(modern_folder, **(rotations or option))
    refused(modern_folder, rf"{next(iter(option))} = .* \(only ")


def test_silence_means_what_transformers_takes_for_granted(modern_folder):
    path = modern_folder / "config.json"
    config = json.loads(path.read_text())
    for name in ("rms_norm_eps", "final_logit_softcapping", "rope_parameters"):
        path.write_text(json.dumps({key: value for key, value in config.items() if key != name}))
        refused(modern_folder, "rope_type = null" if name == "rope_parameters" else f"{name} = ")


def test_tensors_that_are_missing_misshapen_or_of_whole_numbers(folder):
    names = [name for name in load_file(folder / "model.safetensors") if ".1." not in name and ".2." not in name]
    whole = (folder / "model.safetensors").read_bytes()
    for name in names:
        for spoil in ("missing", "misshapen", "quantized", "NaN"):
            swap(folder, lambda tensors, name=name, spoil=spoil: tensors.update({name: spoilt(tensors[name], spoil)}))
            if spoil == "missing":
                swap(folder, lambda tensors, name=name: tensors.pop(name))
            with pytest.raises(CuadernoError, match=r" tensor |config\.json says"):
                load(folder)
            (folder / "model.safetensors").write_bytes(whole)


def spoilt(tensor, how):
    if how == "misshapen":
        return tensor[..., :-1]
    return tensor.to(torch.int8) if how == "quantized" else tensor * torch.nan if how == "NaN" else tensor


def test_a_configuration_that_disagrees_with_the_tensors(folder):
    kept = (folder / "config.json").read_text()
    for name in set(json.loads(kept)) & {
        "vocab_size", "n_positions", "n_embd", "n_layer", "n_head",
        "hidden_size", "num_hidden_layers", "num_attention_heads", "max_position_embeddings",
    }:  # fmt: skip
        for value in (10**15, -1, 0, "4", None):
            configure(folder, **{name: value})
            refused(folder, name)
        (folder / "config.json").write_text(kept)


def test_a_block_that_is_left_out(classic_folder):
    configure(classic_folder, n_layer=2)
    refused(classic_folder, "n_layer = 3, config.json says 2")
    swap(classic_folder, lambda tensors: [tensors.pop(name) for name in list(tensors) if ".h.1." in name])
    refused(classic_folder, "h.1.ln_1.weight")


def test_an_untied_head_has_to_be_there(classic_folder):
    configure(classic_folder, tie_word_embeddings=False)
    refused(classic_folder, "no tensor lm_head.weight")


def test_weights_that_were_trained_on_elsewhere(modern_folder):
    for name in (
        "model.embed_tokens.weight",
        "model.layers.1.self_attn.k_proj.weight",
        "model.layers.2.mlp.fc2.weight",
    ):
        whole = (modern_folder / "model.safetensors").read_bytes()
        swap(modern_folder, lambda tensors, name=name: tensors[name].add_(0.02 * torch.randn(tensors[name].shape)))
        refused(modern_folder, "not centred")
        (modern_folder / "model.safetensors").write_bytes(whole)
    swap(modern_folder, lambda tensors: tensors.update({name: one.bfloat16() for name, one in tensors.items()}))
    load(modern_folder)  # rounding alone does not count


def test_an_index_stays_in_its_folder(classic_folder, tmp_path):
    outside = tmp_path.parent / "outside.safetensors"
    (classic_folder / "model.safetensors").rename(outside)
    index = classic_folder / "model.safetensors.index.json"
    for name in ("../outside.safetensors", str(outside), "", "model.bin", "a\0.safetensors/"):
        index.write_text(json.dumps({"weight_map": {"wte.weight": name}}))
        refused(classic_folder, "names no safetensors files beside it")
    for odd in ({}, [], 3):
        index.write_text(json.dumps({"weight_map": odd}))
        refused(classic_folder, "names no safetensors files beside it")
    index.write_text(json.dumps({"weight_map": {"wte.weight": "model-1.safetensors"}}))
    refused(classic_folder, "lacks model-1.safetensors")


def test_a_pickle_runs_nothing(classic_folder):
    (classic_folder / "model.safetensors").unlink()
    path = classic_folder / "pytorch_model.bin"
    trace = classic_folder / "ran"

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(trace),)

    path.write_bytes(pickle.dumps({"wte.weight": Trap()}))
    refused(classic_folder, "damaged or holds code")
    torch.save({"wte.weight": Trap()}, path)
    refused(classic_folder, "damaged or holds code")
    assert not trace.exists()
    for content in ([1, 2], {"wte.weight": 3}, {"wte.weight": torch.empty(3, 3, device="meta")}):
        torch.save(content, path)
        refused(classic_folder, "no table of tensors")
    torch.save({"wte.weight": torch.zeros(1).expand(10**6, 10**6)}, path)
    refused(classic_folder, "larger than the")


def test_files_beyond_the_limits_are_not_read(folder, monkeypatch):
    monkeypatch.setattr(huggingface, "MAX_WEIGHTS", 1000)
    refused(folder, "larger than the")
    monkeypatch.setattr(huggingface, "MAX_JSON", 10)
    refused(folder, "config.json is larger than the")


def test_a_tokenizer_of_another_model(folder):
    tokenizer_of("bpe:310").save(str(folder / "tokenizer.json"))
    with (folder / "tokenizer.json").open() as file:
        content = json.load(file)
    content["model"]["vocab"]["one too many"] = 400
    (folder / "tokenizer.json").write_text(json.dumps(content))
    refused(folder, "counts up to 400")


def test_old_tokenizer_files_of_rubbish(classic_folder):
    (classic_folder / "tokenizer.json").unlink()
    vocab, merges = classic_folder / "vocab.json", classic_folder / "merges.txt"
    for words, one, other in (
        ("merges.txt: 'a b c' is not two tokens", {"a": 0, "b": 1}, "#version: 0.2\na b c\n"),
        ("vocab.json is not a tokenizer", {"a": 0, "b": 1}, "#version: 0.2\na b\n"),
        ("vocab.json is not a tokenizer", {"a": "x"}, ""),
        ("vocab.json is not a tokenizer", {"a": -1}, ""),
        ("do not belong together", {}, ""),
    ):
        vocab.write_text(json.dumps(one))
        merges.write_text(other)
        refused(classic_folder, words)
    vocab.write_text("[]")
    refused(classic_folder, "vocab.json holds no JSON object")


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CuadernoError, match="Could not write"):
        save(*built(), tmp_path / "file" / "gpt")
