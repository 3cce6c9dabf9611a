"""Data sets of images: three splits of images and labels that never overlap."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.model_selection import train_test_split
from torch import Tensor

from engine.children.datasets.dataset import Split

# The splits are the same on every machine and in every search: they never depend on a search's seed.
SPLIT_SEED = 1709_07417
COUNTED_AT_ONCE = 2_000  # images; counting needs eight times their memory


@dataclass(frozen=True, slots=True)
class ImageDataset:
    """Images as uint8 [n, channels, size, size] and labels as int64 [n]; they stay uint8 on the device.

    ``mean`` and ``std`` (float32 [1, channels, 1, 1], in grey values) come from the training split alone.
    """

    name: str
    classes: int
    train_images: Tensor
    train_labels: Tensor
    validation_images: Tensor
    validation_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    mean: Tensor
    std: Tensor

    @property
    def channels(self) -> int:
        return self.train_images.shape[1]

    @property
    def size(self) -> int:
        """Pixels along one side; all images are square."""
        return self.train_images.shape[2]

    @property
    def shape(self) -> dict[str, int]:
        return {"channels": self.channels, "size": self.size, "classes": self.classes}

    @property
    def device(self) -> torch.device:
        return self.train_images.device

    def count(self, split: Split) -> int:
        return len(self._labels(split))

    def batch(self, split: Split, which: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Normalised images float32 [n, channels, size, size] and their labels [n]."""
        return self.normalised(self._images(split)[which]), self._labels(split)[which]

    def to(self, device: torch.device) -> ImageDataset:
        """The same data on another device."""
        moved: dict[str, Any] = {
            field.name: value.to(device)
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), Tensor)
        }
        return replace(self, **moved)

    def normalised(self, images: Tensor) -> Tensor:
        """uint8 [n, c, s, s] -> float32 [n, c, s, s] of mean 0 and deviation 1, channels last in memory."""
        scaled = (images.to(torch.float32) - self.mean) / self.std
        # As the convolutions' kernels are (flat_network.py), so that no layer has to reorder its input.
        return scaled.contiguous(memory_format=torch.channels_last)

    def _images(self, split: Split) -> Tensor:
        return {"train": self.train_images, "validation": self.validation_images, "test": self.test_images}[split]

    def _labels(self, split: Split) -> Tensor:
        return {"train": self.train_labels, "validation": self.validation_labels, "test": self.test_labels}[split]


Arrays = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]


def held_out(images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], count: int) -> tuple[Arrays, Arrays]:
    """Splits into (all but count, count), each class with the same share on both sides, always in the same way."""
    rest, held = train_test_split(
        np.arange(len(labels)),
        test_size=count,
        stratify=labels,
        random_state=np.random.RandomState(SPLIT_SEED),
    )
    return (images[rest], labels[rest]), (images[held], labels[held])


def assemble(name: str, classes: int, train: Arrays, validation: Arrays, test: Arrays) -> ImageDataset:
    """A data set from arrays: images uint8 [n, channels, size, size], labels [n]."""
    mean, std = _moments(train[0])
    return ImageDataset(name, classes, *_tensors(train), *_tensors(validation), *_tensors(test), mean, std)


def _tensors(split: Arrays) -> tuple[Tensor, Tensor]:
    images, labels = split
    return torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(labels)


def _moments(images: npt.NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
    """Mean and deviation per channel, each float32 [1, channels, 1, 1]; from counts, so exact."""
    channels = images.shape[1]
    counts = np.zeros((channels, 256))  # how many pixels of each grey value
    for start in range(0, len(images), COUNTED_AT_ONCE):
        part = images[start : start + COUNTED_AT_ONCE]
        counts += np.stack([np.bincount(part[:, channel].ravel(), minlength=256) for channel in range(channels)])
    grey = np.arange(256, dtype=np.float64)
    share = counts / counts.sum(axis=1, keepdims=True)
    mean = share @ grey  # [channels]
    std = np.sqrt(np.maximum(share @ grey**2 - mean**2, 1e-12))
    shape = (1, -1, 1, 1)
    return torch.tensor(mean, dtype=torch.float32).reshape(shape), torch.tensor(std, dtype=torch.float32).reshape(shape)
