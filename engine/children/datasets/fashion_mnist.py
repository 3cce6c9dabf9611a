"""Fashion-MNIST: 70,000 grey pictures of 10 kinds of clothes, 28×28 pixels, in MNIST's own file format.

Source: H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST (2017), arXiv 1708.07747. 5,000 of the 60,000 training pictures
are held out for validation, as the paper does with CIFAR-10; the test pictures are never part of a reward.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.children.datasets.fashion_mnist_files import FOLDER, is_here
from engine.children.datasets.images import Arrays, ImageDataset, assemble, held_out
from engine.errors import DatasetError

VALIDATION = 5_000


def load(data_dir: Path) -> ImageDataset:
    """55,000 training, 5,000 validation and 10,000 test images.

    Raises:
        DatasetError: the files are not there, or damaged.
    """
    folder = data_dir / FOLDER
    if not is_here(data_dir):
        raise DatasetError(
            f"Fashion-MNIST is not in {folder}; fetch it once with `.venv/bin/python manage.py fetch_dataset "
            "fashion-mnist`, or set NOS_DATA_DIR to the folder that has it."
        )
    train, validation = held_out(*_split(folder, "train"), VALIDATION)
    return assemble("fashion-mnist", 10, train, validation, _split(folder, "t10k"))


def _split(folder: Path, name: str) -> Arrays:
    """Images uint8 [n, 1, 28, 28] and labels int64 [n]."""
    images = read_idx(folder / f"{name}-images-idx3-ubyte")
    return images[:, None], read_idx(folder / f"{name}-labels-idx1-ubyte").astype(np.int64)


def read_idx(path: Path) -> npt.NDArray[np.uint8]:
    """A file of MNIST's format: two zeros, the type (8: bytes), how many sizes, the sizes (big-endian), the bytes.

    Raises:
        DatasetError: the file is no such file.
    """
    content = np.fromfile(path, dtype=np.uint8)
    if len(content) < 4 or content[:3].tolist() != [0, 0, 8]:
        raise DatasetError(f"{path} is damaged; remove it and fetch the data set again.")
    start = 4 + 4 * int(content[3])
    sizes = content[4:start].view(">u4").tolist()
    if len(content) - start != int(np.prod(sizes)):
        raise DatasetError(f"{path} is damaged; remove it and fetch the data set again.")
    return content[start:].reshape(sizes)
