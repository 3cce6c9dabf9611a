"""What a trainer process and its owner say to each other: one JSON object a line. No torch here.

To the trainer: ``{"train": {job}}`` and ``{"stop": key}``. Back, each with the job's ``key``: any number of
``{"event": {…}}``, then one of ``{"result": {…}}``, ``{"stopped": true}`` and ``{"error": "sentence"}``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from engine.children.kinds import JobKind, check_kind
from engine.config import ChildConfig
from engine.errors import ChildError
from engine.language import Rule


@dataclass(frozen=True, slots=True)
class ChildJob:
    """A child to train, or another thing that a trainer does with a rule.

    Attributes:
        key: the owner's name for it, unique among the jobs of one trainer.
        rule: the rule or its text.
        child: what is trained; ``paths`` looks at none of it.
        seed: as of ``train_child``.
        kind: ``child`` (a search's protocol), ``transfer`` (every learning rate in full, with test accuracies) or
            ``paths`` (2-D test functions).

    Raises:
        ChildError: there is no such kind.
    """

    key: str
    rule: Rule | str
    child: ChildConfig
    seed: int
    kind: JobKind = "child"

    def __post_init__(self) -> None:
        check_kind(self.kind)

    def to_dict(self) -> dict[str, Any]:
        text = self.rule if isinstance(self.rule, str) else self.rule.text
        child = self.child.model_dump(mode="json")
        return {"key": self.key, "rule": text, "child": child, "seed": self.seed, "kind": self.kind}


def to_line(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=True) + "\n"


def read_line(line: str) -> dict[str, Any]:
    """Raises ChildError where the line is no JSON object."""
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        raise ChildError(f"A trainer was sent a line that is no JSON object: {line[:80]!r}.")
    return message


def read_job(values: Any) -> ChildJob:
    """A job from its ``to_dict``; one without a kind is a child. Raises ChildError that names the wrong field."""
    wanted = {"key": str, "rule": str, "child": dict, "seed": int}
    for name, kind in wanted.items():
        if not isinstance(values, dict) or not isinstance(values.get(name), kind):
            raise ChildError(f"A trainer was sent a job whose {name} is no {kind.__name__}.")
    try:
        child = ChildConfig.model_validate(values["child"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, ("child", *first["loc"])))
        raise ChildError(f"The job's {where} is wrong: {first['msg']}.") from None
    return ChildJob(values["key"], values["rule"], child, values["seed"], check_kind(values.get("kind", "child")))
