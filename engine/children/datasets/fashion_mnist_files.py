"""Fashion-MNIST's official files, unpacked: names, sizes and MD5 sums. No torch here."""

from __future__ import annotations

from pathlib import Path

FOLDER = "fashion-mnist"

# The publisher gives sums of the packed files. These are of what is in them: Debian's packed files, with the name and
# time that the publisher's archives have in their headers, have exactly the publisher's sums.
MD5 = {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
}
SIZES = {
    "train-images-idx3-ubyte": 16 + 60_000 * 28 * 28,
    "train-labels-idx1-ubyte": 8 + 60_000,
    "t10k-images-idx3-ubyte": 16 + 10_000 * 28 * 28,
    "t10k-labels-idx1-ubyte": 8 + 10_000,
}
PACKED = ".gz"


def is_here(data_dir: Path) -> bool:
    """Whether the data folder has all of it, in full length; quick, for every load."""
    folder = data_dir / FOLDER
    return all((folder / name).is_file() and (folder / name).stat().st_size == size for name, size in SIZES.items())
