"""The data sets that children learn from. The fact `input` says which networks fit: those with the same one.

The other facts are what a network has to know to fit (`shape` of a loaded data set) and how many examples there are.
"""

from engine.registry.entry import Entry, registry

DATASETS = registry(
    [
        Entry(
            "digits",
            "Digits",
            "1,797 real handwritten digits, 8×8 grey pixels, bundled with scikit-learn: no download.",
            "engine.children.datasets.digits:load",
            facts={
                "input": "images", "channels": 1, "size": 8, "classes": 10,
                "train": 1297, "validation": 250, "test": 250,
            },
        ),
        Entry(
            "cifar10",
            "CIFAR-10",
            "60,000 colour photographs of 10 kinds, 32×32 pixels; fetched once by `fetch_dataset cifar10`.",
            "engine.children.datasets.cifar10:load",
            facts={
                "input": "images", "channels": 3, "size": 32, "classes": 10,
                "train": 45_000, "validation": 5_000, "test": 10_000,
            },
        ),
        Entry(
            "fashion-mnist",
            "Fashion-MNIST",
            "70,000 grey pictures of 10 kinds of clothes, 28×28 pixels; fetched once by `fetch_dataset fashion-mnist`.",
            "engine.children.datasets.fashion_mnist:load",
            facts={
                "input": "images", "channels": 1, "size": 28, "classes": 10,
                "train": 55_000, "validation": 5_000, "test": 10_000,
            },
        ),
        Entry(
            "python-reference",
            "Python reference",
            "The language reference that comes with Python, 350,000 characters of English, to guess each next "
            "character of: no download. Its text differs a little between versions of Python.",
            "engine.children.datasets.python_reference:load",
            facts={
                "input": "text", "length": 64, "classes": 97,
                "train": 4_500, "validation": 500, "test": 500,
            },
        ),
    ]
)  # fmt: skip
