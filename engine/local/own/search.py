"""``search_optimizer``: a whole search on somebody's own model and data, in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.children.devices import resolve
from engine.config import SearchConfig
from engine.errors import SettingsError, UnknownName
from engine.language import Rule
from engine.local.events import LocalEvent
from engine.local.origin import ChildNotes, protocol_text
from engine.local.own.interrupt import stop_at_ctrl_c
from engine.local.own.progress import ProgressBar
from engine.local.own.task import Loss, MakeModel, OwnTask, Score, own_task, rehearse
from engine.local.own.trainer import OwnTrainer
from engine.local.report import SearchReport
from engine.local.runner import run_search
from engine.registry import PRIMITIVE_SETS
from engine.registry.protocols import PAPER_RATES

BASELINES = ("adam", "sgd", "momentum", "rmsprop")
ARGUMENTS = {"top": "confirm", "seeds": "confirm_seeds", "name": "controller", "settings": "controller_settings"}


def search_optimizer(
    make_model: MakeModel,
    train_loader: Iterable[Any],
    validation_loader: Iterable[Any] | None = None,
    *,
    loss: Loss | None = None,
    score: Score | None = None,
    budget: int = 60,
    epochs: int = 2,
    learning_rates: Sequence[float] = PAPER_RATES,
    sweep_batches: int = 100,
    floor: float | None = None,
    primitives: str | Mapping[str, Sequence[str]] = "signs",
    groups: int = 2,
    controller: str = "ppo",
    controller_settings: Mapping[str, Any] | None = None,
    start: Sequence[str | Rule] = (),
    confirm: int = 3,
    confirm_seeds: int = 3,
    baselines: Sequence[str] = BASELINES,
    seed: int = 0,
    device: str = "auto",
    progress: bool = True,
    on_event: Callable[[LocalEvent], None] | None = None,
    state_file: str | Path | None = None,
) -> SearchReport:
    """Searches for an optimizer of a model: rules are written, a fresh model is trained with each, its score rewards.

    Each rule is tried at every learning rate on ``sweep_batches`` batches, from fresh weights; the best rate then
    trains fresh weights for ``epochs`` epochs (Bello et al. 2017, section 5). After ``budget`` rules the best ones and
    the baselines are trained with fresh seeds. Ctrl-C ends it with what is known. On a CPU the same arguments give the
    same report; torch's, NumPy's and Python's random generators are afterwards as they were.

    Args:
        make_model: builds a fresh model at each call.
        train_loader: a DataLoader, or anything else that gives batches each time it is passed over.
        validation_loader: batches (inputs, targets) on which the accuracy is taken; not needed with ``score``.
        loss: of (model, batch), a scalar tensor; the default is cross entropy of (inputs, targets). Tensors in tuples,
            lists and dicts are on the device already.
        score: of a model in evaluation mode, without gradients; higher is better, any finite range. A rule that
            diverges earns what an untrained model does. Controllers are tuned for scores about 1 apart.
        learning_rates: tried by each rule; seven by default, 1e-5 to 10.
        sweep_batches: batches that each rate is tried on; at most an epoch.
        floor: a score after the first epoch below which a rule is dropped.
        primitives: name of a set (signs, paper, paper-decays), or tokens: {"operands": …, "unary": …, "binary": …}.
        groups: of five tokens a rule.
        controller, controller_settings: who writes the rules: ppo, trpo, reinforce, risk-seeking, evolution, random.
        start: rules that the controller begins with.
        confirm, confirm_seeds, baselines: how many of the best rules are confirmed, with how many fresh seeds, and
            which named rules are trained beside them.
        device: auto, cpu, cuda, …
        on_event: gets CandidateDone, RoundObserved, ConfirmationBegun and ConfirmationDone.
        state_file: where finished children are kept; the same call continues from it.

    Raises:
        SettingsError: an argument is not allowed.
        ChildError: the model, loss, score or loader raised something, which is the error's cause.
    """
    task = own_task(make_model, train_loader, validation_loader, loss, score, resolve(device))
    if sweep_batches < 1:
        raise SettingsError(f"sweep_batches is {sweep_batches}; it must be at least 1.")
    config = _config(
        budget=budget,
        groups=groups,
        seed=seed,
        primitives=_primitives(primitives),
        child={"protocol": {"learning_rates": tuple(learning_rates), "epochs": epochs}},
        controller={"name": controller, "settings": dict(controller_settings or {}), "start_rules": _texts(start)},
        confirmation={"top": confirm, "seeds": confirm_seeds, "baselines": tuple(baselines)},
    )
    notes = _notes(task, config, sweep_batches, floor)
    with stop_at_ctrl_c() as should_stop, ProgressBar(budget, progress) as bar:
        report = run_search(
            config,
            on_event=_both(bar.show, on_event),
            state_file=Path(state_file) if state_file else None,
            should_stop=should_stop,
            make_trainer=lambda: OwnTrainer(task, sweep_batches, floor, notes.worst),
            notes=notes,
        )
        if not report.is_finished:
            bar.say(f"Interrupted: {report.done} of {budget} candidates are done; the report has them.")
    return report


def _config(**values: Any) -> SearchConfig:
    try:
        return SearchConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "configuration")
        told = first["msg"].removeprefix("Value error, ")
        given = f" (given: {first['input']!r})" if isinstance(first["input"], int | float | str) else ""
        raise SettingsError(f"{ARGUMENTS.get(name, name)}: {told}{given}.") from None


def _primitives(chosen: str | Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    if not isinstance(chosen, str):
        return dict(chosen)
    if chosen not in PRIMITIVE_SETS:
        raise UnknownName(f"“{chosen}” is no set of primitives; there are {', '.join(PRIMITIVE_SETS)}.")
    preset = PRIMITIVE_SETS[chosen]
    return {"operands": preset.operands, "unary": preset.unary, "binary": preset.binary}


def _texts(rules: Sequence[str | Rule]) -> tuple[str, ...]:
    return tuple(rule.text if isinstance(rule, Rule) else rule for rule in rules)


def _notes(task: OwnTask, config: SearchConfig, sweep_batches: int, floor: float | None) -> ChildNotes:
    """What is trained, seen in a rehearsal."""
    seen = rehearse(task, config.child_seed("an untrained model"))
    what = f"own model {seen.model} with {seen.parameters:,} parameters, {task.steps:,} batches an epoch"
    text = protocol_text(config.child.protocol, f"{min(sweep_batches, task.steps)} batches")
    dropped = "" if floor is None else f"; dropped below {floor:g} after the first epoch"
    if task.is_accuracy:
        return ChildNotes(what, "validation accuracy", f"{text}{dropped}")
    return ChildNotes(what, "own score", f"{text}{dropped}", worst=seen.untrained)


def _both(
    show: Callable[[LocalEvent], None], on_event: Callable[[LocalEvent], None] | None
) -> Callable[[LocalEvent], None]:
    def tell(event: LocalEvent) -> None:
        show(event)
        if on_event is not None:
            on_event(event)

    return tell
