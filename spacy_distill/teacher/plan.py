"""Before anything is spent: the prompts as they would be sent, counted, looked up and priced."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..contract import LabelMap
from ..io import count_docs
from ..ty import Track, untracked
from .money.forecast import Forecasts, as_batch, forecast_loads
from .money.observed import observed_calls
from .money.terms import Terms
from .money.tokens import Measure, load_tokenizer
from .store.answers import AnswerStore
from .tally import CorpusPlan, Tally
from .unbuilt import Unbuilt, read_unbuilt


@dataclass
class Plan:
    """What labelling would take: the model as the answer store knows it, and each corpus.

    sharded says whether long texts would be cut: not, where the config gives no context length.
    terms say what decides the cost. prompts holds the first prompts in full, drawn some of those
    that would be asked, at random.
    """

    teacher: str
    component: str
    model: str
    params: dict[str, Any]
    samples: int
    sharded: bool
    store: str
    terms: Terms
    forecasts: Forecasts
    corpora: list[CorpusPlan]
    prompts: list[str]
    drawn: list[str]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON-able values; the prompts that were drawn are left out."""
        data = asdict(self)
        del data["drawn"]
        forecasts = data.pop("forecasts")
        data["corpora"] = [
            {**asdict(one), "n_new": one.n_new, "forecast": forecast}
            for one, forecast in zip(self.corpora, forecasts.pop("each"), strict=True)
        ]
        return {**data, **forecasts, "batch": asdict(as_batch(self.forecasts.total))}


def plan(
    teacher: Path | str,
    corpora: Sequence[Path | str],
    *,
    store_path: Path | str,
    samples: int | None = None,
    component: str | None = None,
    label_map: LabelMap | None = None,
    tokenizer: Path | str | None = None,
    n_shown: int = 3,
    n_drawn: int = 0,
    track: Track = untracked,
) -> Plan:
    """Render every prompt that `label` would send, without building the model or asking anything.

    teacher (Path | str): A spacy-llm config, or the folder of a saved pipeline with an LLM.
    corpora (Sequence[Path | str]): The corpora, gold texts included.
    store_path (Path | str): The answer store, opened read-only; it need not exist.
    samples (int | None): Answers per text; None for the config's own number, else 1.
    component (str | None): The LLM component, where several could be meant.
    label_map (LabelMap | None): As for `label`; it changes nothing of the prompts.
    tokenizer (Path | str | None): The model's `tokenizer.json`, or the folder with it.
    n_shown (int): How many prompts to keep in full.
    n_drawn (int): How many prompts to draw at random from those that would be asked.
    track (Track): Shows progress.
    RETURNS (Plan): The counts and forecasts.
    RAISES (UserError): If the teacher is a trained pipeline, which costs nothing to ask.
    """
    unbuilt = read_unbuilt(Path(teacher), component=component, label_map=label_map)
    identity, terms = unbuilt.identity, unbuilt.terms
    measure = prompt_measure(tokenizer, terms)
    store = Path(identity.store or store_path)
    n_answers = samples or unbuilt.samples
    with opened_store(store) as opened:
        tally = Tally(
            identity, n_answers, opened, measure=measure, per_call=terms.n, n_drawn=n_drawn
        )
        planned, prompts = count_corpora(unbuilt, corpora, tally, n_shown=n_shown, track=track)
    observed = observed_calls(store, identity.name, identity.params, measure=measure)
    loads = [one.load for one in planned]
    return Plan(
        teacher=str(teacher),
        component=unbuilt.component,
        model=identity.name,
        params=identity.params,
        samples=n_answers,
        sharded=identity.context_length is not None,
        store=str(store),
        terms=terms,
        forecasts=forecast_loads(loads, observed, terms, tokenized=tokenizer is not None),
        corpora=planned,
        prompts=prompts,
        drawn=tally.drawn,
    )


def count_corpora(
    unbuilt: Unbuilt,
    corpora: Sequence[Path | str],
    tally: Tally,
    *,
    n_shown: int,
    track: Track,
) -> tuple[list[CorpusPlan], list[str]]:
    """Render the prompts of corpora and count them.

    unbuilt (Unbuilt): The teacher.
    corpora (Sequence[Path | str]): The corpora.
    tally (Tally): Counts them.
    n_shown (int): How many prompts to keep.
    track (Track): Shows progress.
    RETURNS (tuple[list[CorpusPlan], list[str]]): The counts by corpus, and the first prompts.
    """
    planned: list[CorpusPlan] = []
    shown: list[str] = []
    for corpus in corpora:
        rendered = unbuilt.questions(corpus)
        for question in track(rendered, total=count_docs(corpus), desc=f"{corpus}"):
            tally.add(question.prompts, question.masked.counts if question.masked else {})
            shown += question.prompts[: max(n_shown - len(shown), 0)]
        planned.append(tally.close(str(corpus)))
    return planned, shown


def prompt_measure(tokenizer: Path | str | None, terms: Terms) -> Measure:
    """Return what measures a prompt, the system prompt included: in tokens or in characters."""
    count = len if tokenizer is None else load_tokenizer(tokenizer)
    n_system = count(terms.system) if terms.system else 0

    def measure(prompt: str) -> int:
        return n_system + count(prompt)

    return measure


@contextmanager
def opened_store(path: Path) -> Iterator[AnswerStore | None]:
    """Open an answer store to read, if there is one."""
    if not path.is_file():
        yield None
        return
    with AnswerStore(path, read_only=True) as store:
        yield store
