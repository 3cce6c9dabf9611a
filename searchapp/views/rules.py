"""A rule's page, and its optimizer as one Python file."""

from __future__ import annotations

import math
import re

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engine.export import export_rule, file_name
from engine.language import Rule, printer
from engine.language.reading import read
from searchapp import selectors
from searchapp.access import own_candidate
from searchapp.models import Candidate, Search
from searchapp.rules.drawing import tree_svg
from searchapp.rules.relatives import relatives
from searchapp.selectors import CandidateDetail
from searchapp.templatetags.nos import percent, points
from searchapp.views import rule_notes as notes
from searchapp.views import trials
from searchapp.views.sentences import seeds_text

LONGEST_NAME = 40  # characters of a class name, before it ends in the fingerprint


@require_safe
@login_required
def rule(request: HttpRequest, search_id: int, index: int) -> HttpResponse:
    search, detail = own_candidate(request, search_id, index)
    file, judged = file_name(detail.rule), selectors.judged_examples(search)
    context = {
        "search": search,
        "detail": detail,
        "candidate": detail.candidate,
        "rule": detail.rule,
        "canonical": detail.rule.canonical,
        "class_name": class_name(detail.rule),
        "module": file.removesuffix(".py"),
        "file_name": file,
        "source": _source(search, detail),
        "python": _python(detail.rule),
        "judged": judged,
        "seeds_text": seeds_text(search.config["child"]["protocol"]),
        "error": _standard_error(detail.candidate.reward, judged),
        "previous": index - 1 if index > 0 else None,
        **trials.context(search, detail.trained),
        "next": index + 1 if index + 1 < search.candidates_proposed else None,
        "finals": sum(run["stage"] == "final" for run in detail.runs),
        "reading": read(detail.rule),
        "tree": tree_svg(detail.rule.canonical),
        "relatives": relatives(search, detail.candidate),
        **notes.context(detail.candidate),
    }
    return render(request, "searchapp/rule.html", context)


@require_safe
@login_required
def rule_export(request: HttpRequest, search_id: int, index: int) -> HttpResponse:
    search, detail = own_candidate(request, search_id, index)
    response = HttpResponse(_source(search, detail), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(detail.rule)}"'
    return response


def class_name(rule: Rule) -> str:
    """`exp(sign(g) * sign(m)) * g` -> `ExpSignGSignMG`; long ones end in the fingerprint instead."""
    words = re.findall(r"(?<![0-9.])[A-Za-z]+", rule.text)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    if not name or len(name) > LONGEST_NAME:
        return f"Rule{rule.fingerprint[:8]}"
    return name if re.match(r"[A-Z]", name) else f"Rule{name}"


def _standard_error(accuracy: float | None, n: int) -> float | None:
    """Of an accuracy measured on n images: √(p·(1 − p)/n). The spread over seeds comes on top of it."""
    return None if accuracy is None else math.sqrt(max(0.0, accuracy * (1 - accuracy)) / n)


def _confirmed(candidate: Candidate) -> str:
    mean, n = percent(candidate.confirmed_mean), candidate.confirmed_n
    spread = "" if candidate.confirmed_std is None else f" ± {points(candidate.confirmed_std)} (standard deviation)"
    return f"{mean}{spread}, mean of {n} fresh seed{'s' if n > 1 else ''}, same protocol"


def _python(rule: Rule) -> str:
    """The update as an expression; empty for a random rule, whose draws only the file keeps apart."""
    return "" if rule.uses("random") else printer.write(rule.tree, "python")


def _source(search: Search, detail: CandidateDetail) -> str:
    candidate, child = detail.candidate, search.config["child"]
    origin = {
        "found by": f"search “{search.name}”, rule {candidate.index}, round {candidate.round.number}",
        "trained on": f"{child['dataset']}, {child['network']}, {child['protocol']['epochs']} epochs",
    }
    if candidate.reward is not None:
        origin["reward"] = (
            f"{percent(candidate.reward)} validation accuracy in the search, "
            f"{seeds_text(child['protocol'])}; it chose the rule, so it flatters it"
        )
    if detail.trained.confirmed_n:
        origin["confirmed"] = _confirmed(detail.trained)
    return export_rule(
        detail.rule, class_name=class_name(detail.rule), learning_rate=candidate.learning_rate, origin=origin
    )
