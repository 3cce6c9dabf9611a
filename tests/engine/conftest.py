"""Settings for the engine's tests: property tests are judged by what they find, not by how long they take."""

import torch
from hypothesis import settings

settings.register_profile("engine", deadline=None)
settings.load_profile("engine")
torch.set_num_threads(1)
