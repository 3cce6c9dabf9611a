"""A set while it is composed: what the form holds, checked or not; nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import QueryDict
from pydantic import ValidationError

from engine.config import PrimitivesConfig
from engine.errors import RuleError
from engine.language import MAX_GROUPS, PRIMITIVES, Primitive, Space, parse_token
from searchapp import estimates
from searchapp.forms.primitives import KINDS
from searchapp.models import PrimitiveSet
from searchapp.sets.explained import COMPOSED, token_with

ADD = "add"  # the button that adds a token: its value is a primitive's name, or `composed`
LONGEST_TOKEN = 200  # characters


@dataclass(slots=True)
class Draft:
    """What somebody is composing.

    Attributes:
        tokens: by kind (operands, unary, binary), in the order chosen.
        errors: a sentence by the place that it belongs to: a primitive's name, `composed`, `name` or `set`.
        added: the token that was added just now.
    """

    name: str = ""
    tokens: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    errors: dict[str, str] = field(default_factory=dict)
    added: str = ""

    @classmethod
    def of_set(cls, row: PrimitiveSet, name: str = "") -> Draft:
        return cls(name, {kind: list(getattr(row, kind)) for kind in KINDS})

    @classmethod
    def of_form(cls, data: QueryDict) -> Draft:
        draft = cls(data.get("name", ""))
        for kind, singular in KINDS.items():
            for text in data.getlist(kind):
                try:
                    draft.tokens[kind].append(parse_token(text[:LONGEST_TOKEN], singular))
                except RuleError as error:
                    draft.errors["set"] = str(error)
            draft.tokens[kind] = list(dict.fromkeys(draft.tokens[kind]))
        return draft

    def add(self, data: QueryDict) -> None:
        """Take over the token whose parameters were typed beside the pressed button, or say what is wrong with it."""
        what = data.get(ADD, "")
        try:
            kind, self.added = self._typed(what, data)
        except RuleError as error:
            self.errors[what] = str(error)
            return
        if self.added not in self.tokens[kind]:
            self.tokens[kind].append(self.added)

    def _typed(self, what: str, data: QueryDict) -> tuple[str, str]:
        if what == COMPOSED:
            return "operands", parse_token(data.get(COMPOSED, "")[:LONGEST_TOKEN], "operand")
        primitive = PRIMITIVES.get(what)
        if primitive is None:
            raise RuleError(f"There is no primitive “{what[:40]}”.")
        values = [data.get(parameter_field(primitive, p.name), "")[:LONGEST_TOKEN] for p in primitive.parameters]
        kind = next(plural for plural, singular in KINDS.items() if singular == primitive.kind)
        return kind, token_with(primitive, values)

    def checked(self) -> PrimitivesConfig | None:
        """The tokens as a search takes them; None, and a sentence in `errors`, where something is missing."""
        try:
            return PrimitivesConfig.model_validate(self.tokens)
        except ValidationError as error:
            kinds = {"operands": "operand", "unary": "unary function", "binary": "binary function"}
            place = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else ""
            if place in kinds and not self.tokens[place]:
                self.errors["set"] = f"Choose at least one {kinds[place]}."
            else:
                self.errors["set"] = f"{error.errors()[0]['msg'].removeprefix('Value error, ').rstrip('.')}."
            return None


def parameter_field(primitive: Primitive, parameter: str) -> str:
    """The name of the input that holds a parameter of a token to add."""
    return f"{primitive.name}:{parameter}"


def sizes(tokens: PrimitivesConfig) -> list[tuple[int, str]]:
    """How many token strings there are for each number of groups, as text."""
    groups = range(1, MAX_GROUPS + 1)
    return [(n, estimates.count_text(Space(tokens.operands, tokens.unary, tokens.binary, n).size)) for n in groups]
