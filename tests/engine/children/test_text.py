"""Text: every character has a number, every next character is asked once, and no split knows another's paragraphs."""

import pytest
import torch

from engine.children import datasets
from engine.children.datasets import python_reference, text
from engine.errors import DatasetError
from engine.registry import DATASETS

NAME = "python-reference"
SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def data():
    return datasets.load(NAME)


def written(numbers):
    return "".join((text.CHARACTERS + "?")[number] for number in numbers.tolist())


def test_characters_are_numbered_and_all_others_share_one_number():
    numbers = text.numbered("a b\n~ é\t𝔸")
    assert numbers.tolist()[:4] == [text.CHARACTERS.index(c) for c in "a b\n"]
    assert written(numbers) == "a b\n~ ???"
    assert text.CLASSES == 97


def test_sequences_ask_each_character_once():
    got = text.sequences(torch.arange(10, dtype=torch.uint8), 3, 3)
    assert got.tolist() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]


def test_a_batch_asks_for_the_character_after_each(data):
    read, asked = data.batch("validation", torch.tensor([5, 6]))
    assert read.shape == (2, 64)
    assert asked.shape == (128,)
    assert torch.equal(read[0, 1:], asked[:63])
    assert asked[63] == read[1, 0]  # the next sequence goes on where this one ends


def test_it_has_the_promised_sizes(data):
    facts = DATASETS[NAME].facts
    assert [data.count(split) for split in SPLITS] == [facts[split] for split in SPLITS] == [4500, 500, 500]
    assert data.shape == {"length": facts["length"], "classes": facts["classes"]}


def test_it_is_english_about_python(data):
    train = written(data.train[:, :-1].flatten())
    assert 'The "assert" statement' in train
    assert train.count(" the ") > 1000
    assert train.count("?") < len(train) / 100


def test_no_paragraph_of_one_split_stands_in_another(data):
    def paragraphs(split):
        parts = written(getattr(data, split)[:, :-1].flatten()).split("\n\n")[1:-1]  # whole ones
        return {" ".join(part.split()) for part in parts if len(part) > 20}

    train, validation, test = map(paragraphs, SPLITS)
    assert min(len(train), len(validation), len(test)) > 30
    assert not train & validation
    assert not train & test
    assert not validation & test


def test_it_moves_to_a_device_as_a_whole(data):
    moved = data.to(torch.device("meta"))
    assert {moved.device.type, moved.validation.device.type, moved.test.device.type} == {"meta"}


def test_a_python_without_its_documentation_is_a_sentence(monkeypatch, tmp_path):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(python_reference, "import_module", absent)
    with pytest.raises(DatasetError, match="without its language reference"):
        python_reference.load(tmp_path)


def test_a_reference_that_is_too_short_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(python_reference, "_text", lambda: "short " * 50_000)
    with pytest.raises(DatasetError, match="too short: it has 300,000 characters"):
        python_reference.load(tmp_path)
