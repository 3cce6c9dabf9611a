"""What a user can choose, one row each, without importing any of the code behind it."""

from engine.registry.controllers import CONTROLLERS
from engine.registry.datasets import DATASETS
from engine.registry.entry import Entry, NoSettings, Registry, Settings, find
from engine.registry.networks import NETWORKS
from engine.registry.primitive_sets import PRIMITIVE_SETS, PrimitiveSetPreset
from engine.registry.protocols import PROTOCOLS, Protocol, protocol

__all__ = [
    "CONTROLLERS",
    "DATASETS",
    "NETWORKS",
    "PRIMITIVE_SETS",
    "PROTOCOLS",
    "Entry",
    "NoSettings",
    "PrimitiveSetPreset",
    "Protocol",
    "Registry",
    "Settings",
    "find",
    "protocol",
]
