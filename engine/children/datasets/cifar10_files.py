"""CIFAR-10's official binary files: names, sizes and MD5 sums. No torch here."""

from __future__ import annotations

from pathlib import Path

FOLDER = "cifar-10-batches-bin"
RECORD_BYTES = 1 + 3 * 32 * 32
RECORDS_PER_FILE = 10_000

# The sums of the files in the official cifar-10-binary archive.
MD5 = {
    "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
    "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
    "data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
    "data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
    "data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
    "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
}
TRAIN_FILES = tuple(name for name in MD5 if name.startswith("data_"))
TEST_FILES = ("test_batch.bin",)


def is_here(data_dir: Path) -> bool:
    """Whether the data folder has all of it."""
    return not missing_files(data_dir / FOLDER)


def missing_files(folder: Path) -> list[str]:
    """Names of files that are not there in full length; quick, for every load."""
    wanted = RECORD_BYTES * RECORDS_PER_FILE
    return [name for name in MD5 if not (folder / name).is_file() or (folder / name).stat().st_size != wanted]
