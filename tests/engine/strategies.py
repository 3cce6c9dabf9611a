"""Hypothesis strategies over the rule language."""

from hypothesis import strategies as st

from engine.language import PRIMITIVES, Rule, Space
from engine.registry import PRIMITIVE_SETS


def spaces() -> dict[str, Space]:
    return {name: Space(p.operands, p.unary, p.binary, 3) for name, p in PRIMITIVE_SETS.items()}


@st.composite
def token_lists(draw: st.DrawFn, set_name: str = "paper-decays", max_groups: int = 3) -> list[str]:
    preset = PRIMITIVE_SETS[set_name]
    space = Space(preset.operands, preset.unary, preset.binary, draw(st.integers(1, max_groups)))
    return [draw(st.sampled_from(space.choices(slot))) for slot in range(len(space.slots))]


def rules(set_name: str = "paper-decays", max_groups: int = 3) -> st.SearchStrategy[Rule]:
    return token_lists(set_name, max_groups).map(Rule.from_tokens)


def every_primitive() -> list[str]:
    """One rule for each row of the table, with its default parameters."""
    texts = []
    for row in PRIMITIVES.values():
        if row.kind == "operand":
            texts.append("3" if row.name == "const" else {"g2": "g^2", "g3": "g^3"}.get(row.name, row.name) + " + g")
        elif row.kind == "unary":
            values = "".join(f", {value!r}" for value in row.defaults)
            texts.append({"x": "g", "neg": "-g"}.get(row.name, f"{row.name}(g{values})"))
        else:
            texts.append("left(g, m)" if row.name == "left" else f"g {row.name} m")
    return texts
