"""Fashion-MNIST: its files' format, its splits, and the ways by which it comes."""

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.children import datasets
from engine.children.datasets import fashion_mnist, fashion_mnist_files, fetching, location
from engine.children.datasets.fetching import debian, torchvision_download, torchvision_fashion_mnist
from engine.children.datasets.fetching import fashion_mnist as recipe
from engine.errors import DatasetError

TRAIN, TEST = 40, 20


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def made_up():
    """The four files, with a few pictures of noise and every class in turn."""
    draws, files = np.random.default_rng(0), {}
    for name, count in (("train", TRAIN), ("t10k", TEST)):
        files[f"{name}-images-idx3-ubyte"] = idx(draws.integers(0, 256, (count, 28, 28), np.uint8))
        files[f"{name}-labels-idx1-ubyte"] = idx(np.arange(count, dtype=np.uint8) % 10)
    return files


FILES = made_up()


def quiet(text, done, total):
    pass


def put(folder: Path, files=FILES, packed=False):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(content) if packed else content)


@pytest.fixture
def small(monkeypatch):
    """The made-up files count as the official ones; sources are given by each test."""
    sums = {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in FILES.items()}
    monkeypatch.setattr(fashion_mnist_files, "SIZES", {name: len(content) for name, content in FILES.items()})
    monkeypatch.setattr(recipe, "MD5", sums)
    monkeypatch.setattr(fashion_mnist, "VALIDATION", 10)


def held(data):
    return {path.name: path.read_bytes() for path in (data / "fashion-mnist").iterdir()}


def test_the_files_become_images_and_labels(small, tmp_path):
    put(tmp_path / "fashion-mnist")
    data = datasets.load("fashion-mnist", tmp_path)
    assert [data.count(split) for split in ("train", "validation", "test")] == [TRAIN - 10, 10, TEST]
    assert data.shape == {"channels": 1, "size": 28, "classes": 10}
    pixels = np.frombuffer(FILES["t10k-images-idx3-ubyte"][16:], np.uint8).reshape(TEST, 1, 28, 28)
    assert np.array_equal(data.test_images.numpy(), pixels)
    assert data.test_labels.tolist() == [k % 10 for k in range(TEST)]
    assert torch.bincount(data.validation_labels).tolist() == [1] * 10


def test_missing_files_say_how_to_get_them(tmp_path):
    with pytest.raises(DatasetError, match="fetch_dataset fashion-mnist"):
        datasets.load("fashion-mnist", tmp_path)


@pytest.mark.parametrize("content", [b"", b"\0\0\x08\x01\0\0\0\x09short", b"\1\2\3\4\5\6\7\x08\x09"])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(DatasetError, match="file is damaged"):
        fashion_mnist.read_idx(tmp_path / "file")


def test_the_installed_package_s_files_are_taken_without_a_download(small, monkeypatch, tmp_path):
    put(tmp_path / debian.FOLDER, packed=True)
    monkeypatch.setattr(recipe, "SOURCES", (debian.Installed(tmp_path),))
    assert fetching.fetch("fashion-mnist", quiet, tmp_path / "data") == tmp_path / "data" / "fashion-mnist"
    assert held(tmp_path / "data") == FILES


def test_the_installed_package_is_looked_for_first():
    assert [source.TITLE for source in recipe.SOURCES] == ["installed package", "torchvision", "apt-get"]


def test_files_that_are_not_the_official_ones_are_refused(small, monkeypatch, tmp_path):
    put(tmp_path / debian.FOLDER, {name: content + b"!" for name, content in FILES.items()}, packed=True)
    monkeypatch.setattr(recipe, "SOURCES", (debian.Installed(tmp_path),))
    with pytest.raises(DatasetError, match="installed package: train-images-idx3-ubyte has the wrong checksum"):
        fetching.fetch("fashion-mnist", quiet, tmp_path / "data")
    assert held(tmp_path / "data") == {}


def test_a_damaged_package_is_a_sentence(small, monkeypatch, tmp_path):
    put(tmp_path / debian.FOLDER, packed=True)
    (tmp_path / debian.FOLDER / "t10k-images-idx3-ubyte.gz").write_bytes(
        gzip.compress(FILES["t10k-images-idx3-ubyte"])[:99]
    )
    monkeypatch.setattr(recipe, "SOURCES", (debian.Installed(tmp_path),))
    with pytest.raises(DatasetError, match=r"t10k-images-idx3-ubyte\.gz cannot be read"):
        fetching.fetch("fashion-mnist", quiet, tmp_path / "data")
    assert set(held(tmp_path / "data")) == {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}  # kept for next time


APT = """#!/bin/sh
echo call >> "{here}/calls"
if [ -e "{here}/says" ]; then cat "{here}/says" >&2; exit 100; fi
echo package > dataset-fashion-mnist_0_all.deb
"""
DPKG = """#!/bin/sh
mkdir -p "$3" && cp -r "{here}/package/." "$3"
"""


@pytest.fixture
def apt(small, monkeypatch, tmp_path):
    """Fake apt-get and dpkg-deb, first on PATH and the only source; a file `says` makes apt-get fail."""
    here = tmp_path / "apt"
    put(here / "package" / debian.FOLDER, packed=True)
    for name, script in (("apt-get", APT), ("dpkg-deb", DPKG)):
        program = here / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(script.format(here=here))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{here / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(recipe, "SOURCES", (debian.Downloaded(),))
    return here


def test_apt_get_brings_the_package_once_and_nothing_else_stays(apt, tmp_path):
    fetching.fetch("fashion-mnist", quiet, tmp_path / "data")
    fetching.fetch("fashion-mnist", quiet, tmp_path / "data")
    assert held(tmp_path / "data") == FILES
    assert (apt / "calls").read_text() == "call\n"
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"fashion-mnist", ".fetch-fashion-mnist.lock"}


def test_an_interruption_keeps_the_package_and_the_verified_files(apt, tmp_path):
    def interrupt(text, done, total):
        if text == "Unpacking t10k-images-idx3-ubyte":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetching.fetch("fashion-mnist", interrupt, tmp_path / "data")
    assert set(held(tmp_path / "data")) == {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}
    fetching.fetch("fashion-mnist", quiet, tmp_path / "data")
    assert held(tmp_path / "data") == FILES
    assert (apt / "calls").read_text() == "call\n"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("E: Unable to locate package dataset-fashion-mnist", "its lists have no dataset-fashion-mnist"),
        ("W: old lists\nE: Failed to fetch it", "apt-get failed: E: Failed to fetch it"),
        ("", "no reason given"),
    ],
)
def test_apt_get_s_failures_become_sentences(apt, tmp_path, said, told):
    (apt / "says").write_text(said)
    with pytest.raises(DatasetError, match=f"apt-get: .*{told}"):
        fetching.fetch("fashion-mnist", quiet, tmp_path / "data")


def test_without_package_network_and_apt_get_each_source_says_why(small, monkeypatch, tmp_path):
    def out_of_reach(url, report):
        raise DatasetError("its host is out of reach")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(torchvision_download, "probe", out_of_reach)
    sources = (debian.Installed(tmp_path), torchvision_fashion_mnist, debian.Downloaded())
    monkeypatch.setattr(recipe, "SOURCES", sources)
    with pytest.raises(
        DatasetError, match=r"not installed; torchvision: its host.*; apt-get: apt-get is not installed"
    ):
        fetching.fetch("fashion-mnist", quiet, tmp_path / "data")


def test_torchvision_s_unpacked_files_are_taken(small, monkeypatch, tmp_path):
    def download(dataset, folder, train):
        put(folder / dataset.__name__ / "raw")

    monkeypatch.setattr(torchvision_download, "probe", lambda url, report: None)
    monkeypatch.setattr(torchvision_download, "downloaded", download)
    monkeypatch.setattr(recipe, "SOURCES", (torchvision_fashion_mnist,))
    fetching.fetch("fashion-mnist", quiet, tmp_path / "data")
    assert held(tmp_path / "data") == FILES


@pytest.mark.skipif(not fashion_mnist_files.is_here(location.data_dir()), reason="Fashion-MNIST is not fetched here")
def test_the_real_fashion_mnist_has_the_promised_sizes_and_known_moments():
    data = datasets.load("fashion-mnist")
    assert [data.count(split) for split in ("train", "validation", "test")] == [55_000, 5_000, 10_000]
    assert torch.bincount(data.validation_labels).tolist() == [500] * 10
    assert torch.bincount(data.test_labels).tolist() == [1000] * 10
    # Of all 60,000, as published: mean 0.2860, deviation 0.3530.
    assert float(data.mean) / 255 == pytest.approx(0.2860, abs=1e-3)
    assert float(data.std) / 255 == pytest.approx(0.3530, abs=1e-3)
