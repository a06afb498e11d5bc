"""Training networks: seeded, resumable, exported to a graph that says the same."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

from gongkai.models.neural.analysis import Analyser  # noqa: E402
from gongkai.models.neural.batches import Encoder, collate  # noqa: E402
from gongkai.models.neural.runtime import Network  # noqa: E402
from gongkai.models.neural.scheme import NUMBER_CLASSES  # noqa: E402
from gongkai.models.store import open_folder, scheme_labels  # noqa: E402
from gongkai.training.checkpoint import model_weights  # noqa: E402
from gongkai.training.export import difference, export  # noqa: E402
from gongkai.training.loop import Batch  # noqa: E402
from gongkai.training.network import NetworkTrainer, build, targets, tensors  # noqa: E402
from gongkai.training.run import train  # noqa: E402
from gongkai.training.targets import examples, to_input  # noqa: E402

pytestmark = pytest.mark.ml


@pytest.fixture(scope="module")
def windows(small_corpus):
    return list(examples(small_corpus.paragraphs["train"], scheme_labels(), Encoder(None)))


def trained(settings, windows, folder):
    network = build(settings, None, windows)
    told = []
    NetworkTrainer(network, settings, windows, folder).run(lambda epoch, losses: told.append(losses))
    return network, told


def same(first, second):
    ours, theirs = first.state_dict(), second.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_it_learns(small_network, windows, tmp_path):
    _, told = trained(small_network.model_copy(update={"epochs": 4}), windows, tmp_path)
    assert told[-1]["labels"] < told[0]["labels"]
    assert told[-1]["numbers"] < told[0]["numbers"]


def test_one_seed_one_result(small_network, windows, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, _ = trained(small_network, windows, tmp_path / "a")
    second, _ = trained(small_network, windows, tmp_path / "b")
    assert same(first, second)


class _InterruptedError(Exception):
    pass


def test_an_interrupted_training_ends_as_an_uninterrupted_one(small_network, windows, tmp_path):
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole, _ = trained(small_network, windows, tmp_path / "whole")

    def stop(epoch, losses):
        raise _InterruptedError

    with pytest.raises(_InterruptedError):
        NetworkTrainer(build(small_network, None, windows), small_network, windows, tmp_path / "cut").run(stop)
    resumed = build(small_network.model_copy(update={"seed": 9}), None, windows)
    trainer = NetworkTrainer(resumed, small_network, windows, tmp_path / "cut")
    assert trainer.epoch == 1
    trainer.run(lambda epoch, losses: None)
    assert same(whole, resumed)


def test_another_configurations_checkpoint_is_not_gone_on_with(small_network, windows, tmp_path):
    trained(small_network, windows, tmp_path)
    other = small_network.model_copy(update={"learning_rate": 0.02})
    assert NetworkTrainer(build(other, None, windows), other, windows, tmp_path).epoch == 0


def test_a_checkpoint_from_before_there_were_these_keys_is_gone_on_with(small_network, windows, tmp_path):
    trained(small_network, windows, tmp_path)
    path = tmp_path / "checkpoint.json"
    state = json.loads(path.read_text(encoding="utf-8"))
    for key in ("device", "accumulate", "clip", "early_stopping", "label_loss", "answers"):
        del state["settings"][key]
    path.write_text(json.dumps(state), encoding="utf-8")
    assert NetworkTrainer(build(small_network, None, windows), small_network, windows, tmp_path).epoch == 2


def test_the_label_loss_reaches_the_labels(small_network, windows, tmp_path):
    told = {}
    for loss in ("bce", "focal", "class_balanced"):
        (tmp_path / loss).mkdir()
        settings = type(small_network).model_validate(small_network.model_dump() | {"epochs": 1, "label_loss": loss})
        told[loss] = trained(settings, windows, tmp_path / loss)[1][0]
    assert told["focal"]["labels"] < told["bce"]["labels"]
    assert told["class_balanced"]["labels"] != told["bce"]["labels"]


def test_the_best_epoch_is_kept(small_network, windows, tmp_path):
    stopping = {"epochs": 9, "accumulate": 2, "early_stopping": {"patience": 2, "metric": "dev_micro_f1"}}
    settings = type(small_network).model_validate(small_network.model_dump() | stopping)
    network = build(settings, None, windows)
    figures, states = iter([0.1, 0.3, 0.2, 0.2]), []
    trainer = NetworkTrainer(network, settings, windows, tmp_path)
    trainer.run(
        lambda epoch, told: states.append({n: v.clone() for n, v in network.state_dict().items()}),
        lambda: {"dev_micro_f1": next(figures)},
    )
    assert trainer.epoch == 4
    assert all(torch.equal(value, states[1][name]) for name, value in network.state_dict().items())


def test_the_graph_says_what_torch_says(small_network, windows, tmp_path):
    network, _ = trained(small_network, windows, tmp_path)
    graph = export(network, windows[:3], tmp_path, int8=False, labels=True)
    assert difference(network, graph, windows)["largest"] < 1e-4


def test_batching_changes_no_output(small_network, windows, tmp_path):
    network, _ = trained(small_network.model_copy(update={"epochs": 1}), windows, tmp_path)
    graph = export(network, windows[:3], tmp_path, int8=False, labels=True)
    inputs = [e.inputs for e in windows[:20]]
    alone = Network(graph, reads_tokens=False, budget=1)(inputs)
    together = Network(graph, reads_tokens=False, budget=100_000)(inputs)
    for a, b in zip(alone, together, strict=True):
        for name in ("labels", "numbers", "links"):
            assert np.allclose(getattr(a, name), getattr(b, name), atol=1e-4)


def test_numbers_that_are_hardly_metrics_are_not_linked_and_nothing_else_changes(
    small_network, windows, tmp_path, monkeypatch
):
    network, _ = trained(small_network, windows, tmp_path)
    inputs = [e.inputs for e in windows]

    def answers(linked_from):
        monkeypatch.setattr("gongkai.models.neural.network.LINKED_FROM", linked_from)
        return Network(export(network, windows[:3], tmp_path, int8=False, labels=True), reads_tokens=False)(inputs)

    every = answers(0.0)
    exponents = [np.exp(a.numbers) for a in every]
    probable = [e[:, NUMBER_CLASSES.index("metric")] / e.sum(-1) for e in exponents]
    middle = float(np.median(np.concatenate(probable))) + 1e-5
    for a, b, probability in zip(every, answers(middle), probable, strict=True):
        assert np.allclose(a.labels, b.labels, atol=1e-5)
        metric = probability > middle
        assert np.allclose(a.links[:, metric], b.links[:, metric], atol=1e-4)
        assert (b.links[:, ~metric] == -30).all()


def test_a_model_by_one_call(small_network, small_corpus, tmp_path):
    lines: list[str] = []
    model = train(small_network, small_corpus, tmp_path, lines.append)
    assert open_folder(tmp_path, "network").sha256 == model.sha256
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| dev |" in card
    assert "| test |" in card
    assert any(line.startswith("epoch 2/2") for line in lines)
    # The graph in the folder is the one that answers through the analyser, and its settings are in config.json.
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert set(config["cuts"]) == {"metric", "period", "scope"}
    analyser = Analyser(Network(tmp_path / "network.onnx", False), Encoder(None), len(scheme_labels()))
    paragraph = to_input(small_corpus.paragraphs["dev"][0])
    assert analyser([paragraph])[0].labels.shape == (len(paragraph.segments), len(scheme_labels()))


def test_an_analysis_is_kept_for_the_next_that_asks(small_network, small_corpus, windows, tmp_path):
    network, _ = trained(small_network, windows, tmp_path)
    analyser = Analyser(
        Network(export(network, windows[:3], tmp_path, int8=False, labels=True), False), Encoder(None), 41
    )
    paragraphs = [to_input(p) for p in small_corpus.paragraphs["dev"]]
    first = analyser(paragraphs)
    assert analyser(list(paragraphs)) is first
    assert analyser(paragraphs[:1]) is not first


@pytest.fixture(scope="module")
def bert_folder(tmp_path_factory):
    """A tiny random BERT with a WordPiece vocabulary of characters, as a hub would give it."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("bert")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"0123456789公开信息条件年全政府，。、"]
    tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split("", "isolated")])
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]").save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config).save_pretrained(folder)
    return folder


def test_any_encoder_folder_will_do(small_network, small_corpus, bert_folder, tmp_path):
    backbone = {"kind": "transformer", "encoder": str(bert_folder), "layers": 2, "width": 16, "learning_rate": 1e-3}
    changed = {"backbone": backbone, "precision": "bf16", "int8": True, "epochs": 1}
    settings = type(small_network).model_validate(small_network.model_dump() | changed)
    model = train(settings, small_corpus, tmp_path, lambda line: None)
    assert model.config["reads_tokens"]
    assert model.config["graph_against_torch"]["largest"] < 0.1
    assert {p.suffix for p in tmp_path.iterdir() if p.is_file()} <= {".onnx", ".json", ".md", ".safetensors"}


def test_tokens_cover_the_characters(small_corpus, bert_folder):
    from tokenizers import Tokenizer

    encoder = Encoder(Tokenizer.from_file(str(bert_folder / "tokenizer.json")))
    found = list(examples(small_corpus.paragraphs["train"][:10], scheme_labels(), encoder))
    for example in found:
        line = example.window.text.index("\n")
        inputs = example.inputs
        assert (np.diff(inputs.token_of[:line]) >= 0).all()
        assert (np.diff(inputs.token_of[line + 1 :]) >= 0).all()
        assert inputs.token_of.max() < len(inputs.tokens)
    batch = collate([e.inputs for e in found], tokens=True)
    assert batch["token_mask"].sum() == sum(len(e.inputs.tokens) for e in found)


def test_a_graph_asked_for_metrics_only_says_the_same_of_them(small_network, windows, tmp_path):
    network, _ = trained(small_network.model_copy(update={"epochs": 1}), windows, tmp_path)
    inputs = [e.inputs for e in windows[:20]]
    whole = Network(export(network, windows[:3], tmp_path, int8=False, labels=True), reads_tokens=False)(inputs)
    asked = Network(export(network, windows[:3], tmp_path, int8=False, labels=False), reads_tokens=False)(inputs)
    for a, b in zip(whole, asked, strict=True):
        assert b.labels.shape == (a.labels.shape[0], 0)
        assert np.allclose(a.numbers, b.numbers, atol=1e-5)
        assert np.allclose(a.links, b.links, atol=1e-4)


def test_where_the_backbone_stands_still_it_runs_once_and_nothing_else_changes(
    small_network, windows, tmp_path, monkeypatch
):
    (tmp_path / "start").mkdir()
    trained(small_network, windows, tmp_path / "start")
    changes = {"start": str(tmp_path / "start"), "only": "heads.links.", "epochs": 3}
    settings = small_network.model_copy(update=changes)
    told = {}
    for way in ("once", "every time"):
        (tmp_path / way).mkdir()
        if way == "every time":
            monkeypatch.setattr(NetworkTrainer, "_known_states", None)
            monkeypatch.setattr(NetworkTrainer, "collate", _collate_without_states)
        network, losses = trained(settings, windows, tmp_path / way)
        told[way] = network.state_dict(), losses
    kept = model_weights(tmp_path / "start")
    for name, value in told["once"][0].items():
        assert torch.equal(value, kept[name]) != name.startswith("heads.links."), name
    for a, b in zip(told["once"][1], told["every time"][1], strict=True):
        assert a["links"] == pytest.approx(b["links"], rel=0.02)  # the states are kept in 16 bits


def _collate_without_states(self, indices):
    items = [self._train[i] for i in indices]
    inputs = tensors(items, False)
    return Batch(inputs, targets(items, inputs), size=1, items=1)
