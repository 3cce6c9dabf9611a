"""The rows that come with the product: the default queue and the built-in primitive sets."""

from engine.registry.primitive_sets import PRIMITIVE_SETS
from searchapp.models import PrimitiveSet, Queue


def sync() -> None:
    """Write them, or bring them up to date. May run any number of times."""
    Queue.objects.get_or_create(name=Queue.DEFAULT)
    for preset in PRIMITIVE_SETS.values():
        PrimitiveSet.objects.update_or_create(
            name=preset.title,
            owner=None,
            defaults={
                "operands": list(preset.operands),
                "unary": list(preset.unary),
                "binary": list(preset.binary),
            },
        )
