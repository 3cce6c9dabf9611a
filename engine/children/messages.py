"""What a trainer process and its owner say to each other: one JSON object a line. No torch here.

To the trainer: ``{"train": {job}}`` and ``{"stop": key}``. Back, each with the job's ``key``: any number of
``{"event": {…}}``, then one of ``{"result": {…}}``, ``{"stopped": true}`` and ``{"error": "sentence"}``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from engine.config import ChildConfig
from engine.errors import ChildError
from engine.language import Rule


@dataclass(frozen=True, slots=True)
class ChildJob:
    """A child to train.

    Attributes:
        key: the owner's name for it, unique among the jobs of one trainer.
        rule: the rule or its text.
        seed: as of ``train_child``.
    """

    key: str
    rule: Rule | str
    child: ChildConfig
    seed: int

    def to_dict(self) -> dict[str, Any]:
        text = self.rule if isinstance(self.rule, str) else self.rule.text
        return {"key": self.key, "rule": text, "child": self.child.model_dump(mode="json"), "seed": self.seed}


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
    """Raises ChildError that names the field which is missing or wrong."""
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
    return ChildJob(values["key"], values["rule"], child, values["seed"])
