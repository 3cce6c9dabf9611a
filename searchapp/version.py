"""The version of the application, engine included: the one place that names it beside pyproject.toml.

Workers and servers understand each other while major and minor number are the same (rules, seeds and the rows between
them may change with either).
"""

VERSION = "0.1.0"


def fits(version: str, server: str = VERSION) -> bool:
    """Whether a worker of that version may train for a server of this one. No version (an old worker) never fits."""
    return version.split(".")[:2] == server.split(".")[:2]
