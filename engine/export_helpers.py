"""Functions that an optimizer file brings along where its rule needs them.

They compute what `engine.optim` computes; tests hold the two together.
"""

HELPERS = {
    "parts": '''

def parts(*tensors: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """On the CPU, large tensors are cut into flat views that stay in the cache while the rule runs over them."""
    first, size = tensors[0], 2**17
    if first.numel() <= size or first.device.type != "cpu" or not all(tensor.is_contiguous() for tensor in tensors):
        return [tensors]
    return zip(*(torch.split(tensor.view(-1), size) for tensor in tensors), strict=True)
''',
    "lists": '''

def suits_lists(p: Tensor, forced: bool) -> bool:
    """Not parameters that are one number: a factor, itself a tensor of one, would change their data type."""
    return p.dim() > 0 and (forced or type(p) in (Tensor, torch.nn.Parameter))


def number(value: float | Tensor) -> Tensor:
    """A factor for lists, on the CPU: torch takes it along as a number to any device, without waiting for it."""
    return value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64)


def lists(rows: list[tuple[Tensor, ...]]) -> Iterator[list[list[Tensor]]]:
    """The columns of the rows as lists; on the CPU so few entries at a time that they stay in the cache."""
    if rows[0][0].device.type != "cpu":
        yield [list(column) for column in zip(*rows, strict=True)]
        return
    gathered: list[tuple[Tensor, ...]] = []
    size = 0
    for part in (part for row in rows for part in parts(*row)):
        if gathered and size + part[0].numel() > 2**17:
            yield [list(column) for column in zip(*gathered, strict=True)]
            gathered, size = [], 0
        gathered.append(part)
        size += part[0].numel()
    yield [list(column) for column in zip(*gathered, strict=True)]
''',
    "running_average": '''

def running_average(running: Tensor, value: Tensor, beta: float) -> Tensor:
    """Update the running average, which started at 0, in place."""
    return running.mul_(beta).add_(value, alpha=1 - beta)
''',
    "corrected_average": '''

def corrected_average(running: Tensor, value: Tensor, beta: float, step: int) -> Tensor:
    """Update the running average in place; return its bias-corrected value."""
    return running_average(running, value, beta) * (1 / (1 - beta**step))
''',
    "constant": """

def constant(g: Tensor, value: float) -> Tensor:
    return g.new_full((), value)
""",
    "linear_decay": """

def linear_decay(t: int, total: int) -> float:
    return max(0.0, (total - min(t, total)) / total)
""",
    "cyclical_decay": """

def cyclical_decay(t: int, total: int, periods: float) -> float:
    return 0.5 * (1.0 + math.cos(2.0 * math.pi * periods * min(t, total) / total))
""",
    "restart_decay": """

def restart_decay(t: int, total: int, periods: float) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * ((min(t, total) * periods) % total) / total))
""",
    "normal": """

def normal(g: Tensor, std: float, generator: torch.Generator) -> Tensor:
    return torch.empty_like(g).normal_(0.0, std, generator=generator)
""",
    "drop": '''

def drop(x: Tensor, rate: float, g: Tensor, generator: torch.Generator) -> Tensor:
    """Set entries to 0 with probability rate; what survives is not rescaled."""
    keep = torch.empty_like(g).uniform_(generator=generator) >= rate
    return torch.where(keep, x, torch.zeros_like(x))
''',
    "generator": '''

_GENERATORS: dict[torch.device, torch.Generator] = {}


def generator_for(device: torch.device, seed: int) -> torch.Generator:
    if device not in _GENERATORS:
        _GENERATORS[device] = torch.Generator(device)
    return _GENERATORS[device].manual_seed(seed)


def draw_seed(seed: int, parameter: int, step: int) -> int:
    """Draws depend on seed, parameter and step alone, so a loaded optimizer continues with the same ones."""
    mask = 2**64 - 1
    z = (seed * 0x9E3779B97F4A7C15 + parameter * 0xD1B54A32D192ED03 + step * 0xABC98388FB8FAC03 + 1) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return (z ^ (z >> 31)) >> 1
''',
}
