"""The data sets that children learn from."""

from engine.registry.entry import Entry, registry

DATASETS = registry(
    [
        Entry(
            "digits",
            "Digits",
            "1,797 real handwritten digits, 8×8 grey pixels, bundled with scikit-learn: no download.",
            "engine.children.datasets.digits:load",
            facts={"channels": 1, "size": 8, "classes": 10, "train": 1297, "validation": 250, "test": 250},
        ),
        Entry(
            "cifar10",
            "CIFAR-10",
            "60,000 colour photographs of 10 kinds, 32×32 pixels; fetched once by `fetch_dataset cifar10`.",
            "engine.children.datasets.cifar10:load",
            facts={"channels": 3, "size": 32, "classes": 10, "train": 45000, "validation": 5000, "test": 10000},
        ),
    ]
)
