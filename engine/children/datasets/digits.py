"""Digits: 1,797 real handwritten digits, 8×8 grey pixels from 0 to 16, bundled with scikit-learn.

Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository (1998).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from engine.children.datasets.images import ImageDataset, assemble, held_out

HELD_OUT = 250  # validation, and as many for the test


def load(data_dir: Path) -> ImageDataset:
    """1,297 training, 250 validation and 250 test images; needs no files, so the folder is not looked at."""
    bundle = load_digits()
    images = bundle.images.astype(np.uint8).reshape(-1, 1, 8, 8)  # [1797, 1, 8, 8]
    labels = bundle.target.astype(np.int64)
    rest, test = held_out(images, labels, HELD_OUT)
    train, validation = held_out(*rest, HELD_OUT)
    return assemble("digits", 10, train, validation, test)
