"""Counts the questions that labelling would ask, each once."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..ty import Request
from .identity import Identity
from .money.forecast import Load
from .money.tokens import Measure
from .store.answers import AnswerStore
from .store.keys import prompt_sha256


@dataclass(frozen=True)
class CorpusPlan:
    """What one corpus would take.

    n_docs (int): Its Docs.
    n_empty (int): Docs without text, which are not asked about.
    n_calls (int): Questions, all samples counted.
    n_repeated (int): Of these the ones that an earlier text of the run asks already.
    n_stored (int): Of the rest the ones whose answer is in the store.
    n_http (int): HTTP requests that would be sent for the others, retries not counted.
    n_chars (int): Characters of the prompts in these.
    size (int): The same as the forecast measures it: characters, or tokens of a tokenizer.
    masked (dict[str, int]): Private strings by kind that would be masked, and the "texts" with any.
    """

    corpus: str
    n_docs: int
    n_empty: int
    n_calls: int
    n_repeated: int
    n_stored: int
    n_http: int
    n_chars: int
    size: int
    masked: dict[str, int]

    @property
    def n_new(self) -> int:
        """Questions that would be asked, and paid for."""
        return self.n_calls - self.n_repeated - self.n_stored

    @property
    def load(self) -> Load:
        """What would be asked, for a forecast."""
        return Load(self.n_http, self.size, self.n_new)


class Tally:
    """Counts the questions of a run; it grows by one number a question.

    identity (Identity): The model, as the answer store knows it.
    samples (int): Answers per prompt.
    store (AnswerStore | None): The answer store, if there is one.
    measure (Measure): Returns the size of a prompt for the forecast.
    per_call (int): How many answers to one prompt come from one HTTP request.
    n_drawn (int): How many of the prompts that would be asked to draw at random.
    """

    def __init__(
        self,
        identity: Identity,
        samples: int,
        store: AnswerStore | None,
        *,
        measure: Measure = len,
        per_call: int = 1,
        n_drawn: int = 0,
    ) -> None:
        self.identity = identity
        self.samples = samples
        self.store = store
        self.drawn: list[str] = []
        self._measure = measure
        self._per_call = per_call
        self._n_drawn = n_drawn
        self._n_asked = 0
        self._random = random.Random(0)
        self._seen: set[int] = set()
        self._counts: Counter[str] = Counter()
        self._masked: Counter[str] = Counter()

    def add(self, prompts: Sequence[str], masked: Mapping[str, int] | None = None) -> None:
        """Count one Doc.

        prompts (Sequence[str]): Its prompts; none for a Doc without text.
        masked (Mapping[str, int] | None): The private strings by kind that are masked in them.
        """
        self._masked.update(masked or {})
        self._counts["docs"] += 1
        self._counts["empty"] += not prompts
        for prompt in prompts:
            self._counts["calls"] += self.samples
            digest = int(prompt_sha256(prompt)[:16], 16)
            if digest in self._seen:
                self._counts["repeated"] += self.samples
                continue
            self._seen.add(digest)
            n_stored = self.n_stored(prompt)
            self._counts["stored"] += n_stored
            if n_stored < self.samples:
                self._count_asked(prompt, -(-(self.samples - n_stored) // self._per_call))

    def n_stored(self, prompt: str) -> int:
        """Return how many answers to a prompt the store holds; failures are asked again."""
        if self.store is None:
            return 0
        requests = [Request(prompt, sample) for sample in range(self.samples)]
        known = self.store.get_all(requests, self.identity.name, self.identity.params)
        return sum(answer is not None and answer.status != "failed" for answer in known)

    def close(self, corpus: str) -> CorpusPlan:
        """Return the counts of a corpus, and begin the next."""
        names = ("docs", "empty", "calls", "repeated", "stored", "http", "chars")
        counts = {f"n_{name}": self._counts[name] for name in names}
        size, masked = self._counts["size"], dict(self._masked)
        found = CorpusPlan(corpus, **counts, size=size, masked=masked)
        self._counts.clear()
        self._masked.clear()
        return found

    def _count_asked(self, prompt: str, n_http: int) -> None:
        self._counts["http"] += n_http
        self._counts["chars"] += n_http * len(prompt)
        self._counts["size"] += n_http * self._measure(prompt)
        self._n_asked += 1
        if len(self.drawn) < self._n_drawn:
            self.drawn.append(prompt)
        elif self._n_drawn:
            place = self._random.randrange(self._n_asked)  # each prompt stays equally likely
            if place < self._n_drawn:
                self.drawn[place] = prompt
