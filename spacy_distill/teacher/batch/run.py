"""Ask a teacher through a batch endpoint; every run goes on where the last one has stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...ty import Track, untracked
from ..client.chat import ChatModel
from ..money.budget import Budget
from ..money.prices import batch_price
from .collect import Collected, counts_of, status_of
from .desk import Desk
from .parts import Limits
from .teacher import Teacher, read_batch_teacher

POLL_SECONDS = 30.0


@dataclass(frozen=True)
class OpenBatch:
    """A batch that the endpoint has not finished: its id, status, and counts of questions."""

    id: str
    status: str
    n_rows: int
    completed: int
    failed: int


@dataclass(frozen=True)
class BatchReport:
    """What a run has done, and what is open.

    n_stored (int): Questions about the corpora that were answered before the last part was made.
    n_elsewhere (int): Questions that another process was asking then.
    n_given_up (int): Questions that were tried enough, or that the endpoint will never answer.
    n_submitted (int): Questions that this run has handed in.
    worst_cost (float | None): US dollars that these cost at worst; None without a price.
    collected (Collected): What has come.
    refusal (str): Why not all was handed in, if a cap is reached.
    batches (list[OpenBatch]): What is open.
    """

    teacher: str
    model: str
    store: str
    n_stored: int = 0
    n_elsewhere: int = 0
    n_given_up: int = 0
    n_submitted: int = 0
    worst_cost: float | None = None
    collected: Collected = field(default_factory=Collected)
    refusal: str = ""
    batches: list[OpenBatch] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values."""
        return asdict(self)


def ask_batches(
    teacher: Path | str,
    corpora: Sequence[Path | str],
    *,
    store_path: Path | str,
    samples: int | None = None,
    component: str | None = None,
    tags: Mapping[str, str] | None = None,
    max_calls: int | None = None,
    max_cost: float | None = None,
    limits: Limits | None = None,
    wait: bool = False,
    poll_seconds: float = POLL_SECONDS,
    rejects_path: Path | str | None = None,
    track: Track = untracked,
) -> BatchReport:
    """Collect what finished batches have answered, and hand in what is neither answered nor open.

    Afterwards `label` finds the answers in the store, and asks for none of them.

    teacher (Path | str): A spacy-llm config with `spacy-distill.ChatModel.v1`.
    corpora (Sequence[Path | str]): The corpora.
    store_path (Path | str): The answer store.
    samples (int | None): Answers per text; None for the config's own number, else 1.
    component (str | None): The teacher component, where the config has several.
    tags (Mapping[str, str] | None): Tags stored with each answer.
    max_calls (int | None): Questions that this run may hand in.
    max_cost (float | None): US dollars that these may cost at worst, at the price of a batch.
    limits (Limits | None): Sizes of a part, and tries of a question.
    wait (bool): Whether to stay until everything is answered or given up.
    poll_seconds (float): Seconds between two looks at the open batches.
    rejects_path (Path | str | None): JSON Lines file that lines which cannot be used are added to.
    track (Track): Shows progress.
    RETURNS (BatchReport): The counts, and what is open.
    RAISES (UserError): If the endpoint refuses; what was answered and what is open is kept.
    """
    asked = read_batch_teacher(teacher, store_path=store_path, samples=samples, component=component)
    asked.stored.tag(tags or {})
    budget = batch_budget(asked.chat, max_calls=max_calls, max_cost=max_cost)
    rejects = None if rejects_path is None else Path(rejects_path)
    with Desk(asked, budget=budget, rejects_path=rejects, track=track) as desk:
        desk.poll()
        desk.check()
        desk.submit(corpora, limits or Limits())
        while wait and desk.pending():
            desk.watch(poll_seconds)
            desk.check()
            desk.submit(corpora, limits or Limits())
        return make_report(str(teacher), asked, desk, budget)


def cancel_batches(
    teacher: Path | str, *, store_path: Path | str, component: str | None = None
) -> BatchReport:
    """Cancel all open batches of a teacher, and collect what they have answered so far.

    teacher (Path | str): A spacy-llm config with `spacy-distill.ChatModel.v1`.
    store_path (Path | str): The answer store.
    component (str | None): The teacher component, where the config has several.
    RETURNS (BatchReport): What was collected, and what is still being cancelled.
    RAISES (UserError): If the endpoint refuses.
    """
    asked = read_batch_teacher(teacher, store_path=store_path, samples=None, component=component)
    budget = batch_budget(asked.chat, max_calls=None, max_cost=None)
    with Desk(asked, budget=budget, rejects_path=None, track=untracked) as desk:
        desk.cancel()
        desk.poll()
        return make_report(str(teacher), asked, desk, budget)


def batch_budget(chat: ChatModel, *, max_calls: int | None, max_cost: float | None) -> Budget:
    """Return the caps of a run, at the price of a batch.

    RAISES (UserError): If the cost cannot be known, for want of a price or of a `max_tokens`.
    """
    price = None if chat.price is None else batch_price(chat.price)
    budget = Budget(max_calls, max_cost, price)
    budget.check(chat.endpoint.max_output_tokens)
    return budget


def make_report(teacher: str, asked: Teacher, desk: Desk, budget: Budget) -> BatchReport:
    """Return the counts of a run."""
    parts = desk.parts
    return BatchReport(
        teacher=teacher,
        model=asked.chat.name,
        store=asked.stored.path,
        n_stored=parts.n_stored if parts else 0,
        n_elsewhere=parts.n_elsewhere if parts else 0,
        n_given_up=parts.n_given_up if parts else 0,
        n_submitted=desk.n_submitted,
        worst_cost=None if budget.price is None else budget.spent,
        collected=desk.collected,
        refusal=parts.refusal if parts else "",
        batches=[
            OpenBatch(job.batch_id, status_of(batch) or "new", job.n_rows, **counts_of(batch))
            for job, batch in desk.pending()
        ],
    )
