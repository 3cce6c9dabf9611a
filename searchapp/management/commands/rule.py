"""`python manage.py rule …`: what is asked about one rule, in the terminal, without servers."""

from __future__ import annotations

import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from engine.children.messages import ChildJob
from engine.children.process import TrainerProcess
from engine.children.results import ChildResult
from engine.config import ChildConfig, SearchConfig
from engine.errors import EngineError
from engine.export import export_rule
from engine.presets import NamedRule
from searchapp.management.commands.search import INTERRUPTED, WRONG_VALUE, OneLineParser, _stop_at_signals
from searchapp.terminal import files, rule_options, rule_tables
from searchapp.terminal.rule_tables import Row
from searchapp.terminal.rule_work import Work, do_all


class Command(BaseCommand):
    help = "Ask about one rule: transfer, test functions, confirmation, its optimizer file, its forms."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = "transfer|paths|confirm|export|show"
        commands = parser.add_subparsers(dest="command", required=True, metavar=names, parser_class=OneLineParser)
        rule_options.add_transfer(commands.add_parser("transfer", help="train a larger network, beside baselines"))
        rule_options.add_paths(commands.add_parser("paths", help="walk 2-D test functions, beside baselines"))
        rule_options.add_confirm(commands.add_parser("confirm", help="train a search's child with fresh seeds"))
        rule_options.add_export(commands.add_parser("export", help="write the rule as a Python optimizer file"))
        rule_options.add_rule(commands.add_parser("show", help="print the rule's forms, fingerprint and complexity"))

    def handle(self, *args: Any, **given: Any) -> None:
        chosen = Namespace(**given)
        commands: dict[str, Callable[[Namespace], None]] = {
            "transfer": transfer, "paths": paths, "confirm": confirm, "export": export, "show": show,
        }  # fmt: skip
        try:
            commands[chosen.command](chosen)
        except EngineError as error:
            raise CommandError(str(error), returncode=WRONG_VALUE) from None


def show(chosen: Namespace) -> None:
    named = rule_options.read_rule(chosen.rule)
    rule = named.rule
    lines = {
        "name": f"{named.name} ({named.title})" if named.name else "",
        "text": rule.text,
        "LaTeX": rule.latex,
        "canonical": rule.canonical.text,
        "fingerprint": rule.fingerprint,
        "complexity": str(rule.complexity),
        "decays": "yes; its optimizer needs total_steps" if rule.needs_total_steps else "",
    }
    for name, text in lines.items():
        if text:
            print(f"{name + ':':<13}{text}")


def export(chosen: Namespace) -> None:
    if chosen.output != "-":
        files.check_writable("output", chosen.output)
    named = rule_options.read_rule(chosen.rule)
    origin = {"Name": named.title} if named.name else {}
    text = export_rule(named.rule, class_name=chosen.class_name, learning_rate=chosen.learning_rate, origin=origin)
    if chosen.output == "-":
        print(text, end="")
        return
    _write(chosen.output, text)
    Console(stderr=True).print(f"Wrote {chosen.output}: {named.text}", markup=False, soft_wrap=True)


def transfer(chosen: Namespace) -> None:
    rule_options.check_run(chosen)
    child, rules = rule_options.read_transfer(chosen), rule_options.read_rules(chosen)
    protocol, seed = child.protocol, SearchConfig.confirmation_seed(chosen.seed)
    jobs = [ChildJob(f"{i}/{chosen.seed}", named.rule, child, seed, "transfer") for i, named in enumerate(rules)]
    rows = _train(chosen, rules, jobs, len(protocol.learning_rates) * protocol.epochs, _accuracy)
    about = {"to": chosen.to, "child": child.model_dump(mode="json"), "seed_number": chosen.seed, "seed": seed}
    text = rule_tables.to_json("transfer", rule_tables.transfer_rows(rows), **about)
    _finish(chosen, rows, rule_tables.transfer_table(rows, child, chosen.seed), text, len(jobs))


def paths(chosen: Namespace) -> None:
    rule_options.check_run(chosen)
    rules, seed = rule_options.read_rules(chosen), SearchConfig.confirmation_seed(chosen.seed)
    jobs = [ChildJob(f"{i}/{chosen.seed}", named.rule, ChildConfig(), seed, "paths") for i, named in enumerate(rules)]
    rows = _train(chosen, rules, jobs, 1, lambda result: result.reason)
    text = rule_tables.to_json("paths", rule_tables.paths_rows(rows), seed_number=chosen.seed, seed=seed)
    _finish(chosen, rows, rule_tables.paths_table(rows), text, len(jobs))


def confirm(chosen: Namespace) -> None:
    rule_options.check_run(chosen)
    child, rules = rule_options.read_proxy(chosen), rule_options.read_rules(chosen)
    protocol, seeds = child.protocol, [SearchConfig.confirmation_seed(number) for number in range(chosen.seeds)]
    jobs = [
        ChildJob(f"{i}/{number}", named.rule, child, seed)
        for number, seed in enumerate(seeds)
        for i, named in enumerate(rules)
    ]
    rows = _train(chosen, rules, jobs, len(protocol.learning_rates) + protocol.epochs, _accuracy)
    about = {"child": child.model_dump(mode="json"), "seeds": seeds}
    text = rule_tables.to_json("confirmation", rule_tables.confirm_rows(rows), **about)
    _finish(chosen, rows, rule_tables.confirm_table(rows, child, chosen.seeds), text, len(jobs))


def _accuracy(result: ChildResult) -> str:
    rate = "" if result.learning_rate is None else f" at learning rate {result.learning_rate:g}"
    return f"{result.outcome}, validation accuracy {result.reward:.4f}{rate}, {result.seconds:.1f} s"


def _train(
    chosen: Namespace, rules: list[NamedRule], jobs: list[ChildJob], epochs: int, line: Callable[[ChildResult], str]
) -> list[Row]:
    """Progress goes to stderr, so that stdout holds results only."""
    titles = {job.key: _title(job, rules, many=len(jobs) > len(rules)) for job in jobs}
    work = Work(Console(stderr=True), titles, epochs)
    stop: threading.Event = _stop_at_signals()
    try:
        finished = do_all(
            jobs, work, lambda: TrainerProcess(chosen.device, chosen.threads), chosen.workers, stop.is_set, line
        )
    except EngineError as error:
        raise CommandError(str(error)) from None
    return rule_tables.gather(rules, finished)


def _title(job: ChildJob, rules: list[NamedRule], many: bool) -> str:
    index, number = job.key.split("/")
    return f"{rules[int(index)].title}, seed {number}" if many else rules[int(index)].title


def _finish(chosen: Namespace, rows: list[Row], table: Table, text: str, wanted: int) -> None:
    """Shows and writes what there is; then says by the exit code whether it is all of it."""
    Console(stderr=chosen.json == "-").print(table)
    if chosen.json == "-":
        print(text, end="")
    elif chosen.json:
        _write(chosen.json, text)
    done = sum(len(row.results) + len(row.failures) for row in rows)
    if done < wanted:
        Console(stderr=True).print(f"Interrupted: {done} of {wanted} are done.")
        raise SystemExit(INTERRUPTED)
    if not any(row.results for row in rows):
        raise CommandError(next(sentence for row in rows for sentence in row.failures.values()))


def _write(name: str, text: str) -> None:
    try:
        files.write_whole(Path(name), text)
    except OSError as error:
        raise CommandError(f"{name} cannot be written: {error}.") from None
