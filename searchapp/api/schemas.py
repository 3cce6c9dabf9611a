"""What the API takes and gives. Configurations are checked by the engine, not here: one place says what is allowed."""

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field


class _Input(Schema):
    model_config = ConfigDict(extra="forbid")


class NewSearch(_Input):
    name: str = Field(min_length=1, max_length=100)
    config: dict[str, Any]
    queue: str | None = None
    start: bool = True


class EstimateRequest(_Input):
    config: dict[str, Any]
    queue: str | None = None


class Best(Schema):
    index: int
    reward: float
    text: str
    mathml: str


class Confirmed(Schema):
    """A rule's mean over n fresh seeds, and the standard deviation of the single trainings (n − 1)."""

    index: int
    text: str
    mathml: str
    mean: float
    std: float | None
    n: int


class Summary(Schema):
    id: int
    name: str
    status: str
    reason: str
    budget: int
    proposed: int
    done: int
    best: Best | None
    confirmed: Confirmed | None
    trials_waiting: int
    workers: int
    seconds_left: float | None
    started_at: str | None
    finished_at: str | None


class LeaderboardEntry(Schema):
    rank: int
    index: int
    text: str
    latex: str
    mathml: str
    reward: float
    confirmed_mean: float | None
    confirmed_std: float | None
    confirmed_n: int
    complexity: int
    learning_rate: float | None
    url: str


class Run(Schema):
    position: int
    stage: str
    learning_rate: float
    outcome: str
    reason: str
    curve: list[dict[str, float | None]]
    seconds: float


class CandidateDetail(Schema):
    index: int
    round: int
    tokens: list[str]
    text: str
    latex: str
    mathml: str
    fingerprint: str
    complexity: int
    status: str
    outcome: str
    reason: str
    reward: float | None
    learning_rate: float | None
    seconds: float | None
    duplicate_of: int | None
    duplicates: list[int]
    attempt: int
    worker: str
    runs: list[Run]


class Difference(Schema):
    """Rule − baseline over the seeds of both; the 95 % interval is Student's t."""

    mean: float
    standard_error: float | None
    low: float | None
    high: float | None
    n: int
    is_clear: bool


class Training(Schema):
    number: int
    seed: int
    status: str
    outcome: str
    reason: str
    reward: float | None
    learning_rate: float | None
    seconds: float | None


class Spread(Schema):
    mean: float
    std: float | None
    n: int
    standard_error: float | None


class Against(Spread):
    name: str
    title: str
    difference: Difference | None


class Confirmation(Schema):
    trainings: list[Training]
    spread: Spread | None
    against: list[Against]
    waiting: int


class Columns(Schema):
    """The paper's four columns, at the learning rate with the best final validation accuracy; null: all diverged."""

    final_validation: float | None
    final_test: float | None
    best_validation: float | None
    test_at_best_validation: float | None


class TransferLine(Schema):
    title: str
    name: str
    status: str
    outcome: str
    reason: str
    learning_rate: float | None
    seconds: float | None
    columns: Columns | None
    rates: list[dict[str, Any]]


class TransferOut(Schema):
    id: int
    title: str
    child: dict[str, Any]
    created_at: str
    lines: list[TransferLine]
    waiting: int


class Paths(Schema):
    asked: bool
    waiting: int
    failed: list[str]
    ways: list[dict[str, Any]]


class Trials(Schema):
    confirmation: Confirmation
    transfers: list[TransferOut]
    paths: Paths


class Baseline(Schema):
    name: str
    title: str
    text: str
    mean: float
    std: float | None
    n: int


class ConfirmRequest(_Input):
    seeds: int = Field(3, ge=1, le=100)


class TransferRequest(_Input):
    """`to` names a transfer whose child is used as it is; `child` is a configuration of one's own instead."""

    to: str | None = None
    child: dict[str, Any] | None = None
    number: int = Field(0, ge=0, le=999)


class Estimate(Schema):
    size: int
    size_text: str
    seconds: float
    seconds_text: str
    basis: str


class Message(Schema):
    message: str


class Errors(Schema):
    """Sentences by field; a field of the configuration is named by its path, such as `child.protocol.epochs`."""

    errors: dict[str, list[str]]
