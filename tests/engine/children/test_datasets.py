"""Data sets: what the splits promise, and what is said when the files are missing."""

import numpy as np
import pytest
import torch

from engine.children import datasets
from engine.children.datasets import cifar10, cifar10_files, location
from engine.errors import DatasetError, UnknownName
from engine.registry import DATASETS
from tests.engine.children.fake_cifar10 import record_files


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def images_of(dataset, split):
    return {bytes(image.numpy().tobytes()) for image in getattr(dataset, f"{split}_images")}


def test_digits_has_the_promised_sizes(digits):
    facts = DATASETS["digits"].facts
    assert [len(getattr(digits, f"{s}_labels")) for s in ("train", "validation", "test")] == [1297, 250, 250]
    assert (digits.channels, digits.size, digits.classes) == (facts["channels"], facts["size"], facts["classes"])
    assert digits.train_images.dtype == torch.uint8


def test_no_digit_is_in_two_splits_and_none_is_lost(digits):
    train, validation, test = (images_of(digits, split) for split in ("train", "validation", "test"))
    assert not train & validation
    assert not train & test
    assert not validation & test
    assert len(train | validation | test) == 1797


def test_each_class_has_its_share_of_every_split(digits):
    for split in ("validation", "test"):
        counts = torch.bincount(getattr(digits, f"{split}_labels"), minlength=10)
        assert counts.min() >= 23
        assert counts.max() <= 27


def test_the_split_is_the_same_each_time(digits):
    again = datasets.load("digits")
    assert torch.equal(digits.validation_images, again.validation_images)
    assert torch.equal(digits.train_labels, again.train_labels)


def test_training_images_are_normalised_to_mean_0_and_deviation_1(digits):
    normal = digits.normalised(digits.train_images)
    assert normal.dtype == torch.float32
    assert abs(float(normal.mean())) < 1e-5
    assert abs(float(normal.std()) - 1) < 1e-3


def test_an_unknown_data_set_is_answered_with_those_that_exist():
    with pytest.raises(UnknownName, match="digits, cifar10"):
        datasets.load("mnist")


def test_missing_cifar10_says_how_to_get_it(tmp_path):
    with pytest.raises(DatasetError, match="fetch_dataset cifar10"):
        datasets.load("cifar10", tmp_path)


def test_half_a_file_counts_as_missing(tmp_path):
    folder = tmp_path / cifar10_files.FOLDER
    folder.mkdir()
    for name in cifar10_files.MD5:
        (folder / name).write_bytes(b"half")
    with pytest.raises(DatasetError, match="fetch_dataset cifar10"):
        datasets.load("cifar10", tmp_path)


def test_cifar10_records_are_read_as_label_then_red_green_blue(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar10_files, "RECORDS_PER_FILE", 20)
    monkeypatch.setattr(cifar10, "VALIDATION", 10)
    folder = tmp_path / cifar10_files.FOLDER
    folder.mkdir()
    files = record_files(20)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    data = datasets.load("cifar10", tmp_path)
    assert data.train_images.shape == (90, 3, 32, 32)
    assert data.validation_images.shape == (10, 3, 32, 32)
    record = np.frombuffer(files["test_batch.bin"], np.uint8)[:3073]
    assert int(data.test_labels[0]) == record[0]
    assert data.test_images[0, 1, 0, 0] == record[1 + 1024]  # the first green pixel
    assert torch.bincount(data.validation_labels, minlength=10).tolist() == [1] * 10
    assert not images_of(data, "validation") & (images_of(data, "train") | images_of(data, "test"))


@pytest.mark.skipif(
    bool(cifar10_files.missing_files(location.data_dir() / cifar10_files.FOLDER)), reason="CIFAR-10 is not fetched here"
)
def test_the_real_cifar10_has_the_promised_sizes_and_splits():
    data = datasets.load("cifar10")
    assert [len(getattr(data, f"{s}_labels")) for s in ("train", "validation", "test")] == [45_000, 5_000, 10_000]
    assert torch.bincount(data.validation_labels).tolist() == [500] * 10


def test_the_data_folder_is_an_environment_variable_or_below_the_project(monkeypatch, tmp_path):
    monkeypatch.setenv("NOS_DATA_DIR", str(tmp_path))
    assert location.data_dir() == tmp_path
    monkeypatch.delenv("NOS_DATA_DIR")
    assert location.data_dir() == location.PROJECT / "data"
