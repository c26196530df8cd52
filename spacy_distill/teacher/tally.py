"""Counts the questions that labelling would ask, each once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..ty import Request
from .identity import Identity
from .store import AnswerStore, prompt_sha256

CHARS_PER_TOKEN = 4  # of English in common tokenizers; other languages need more tokens


@dataclass(frozen=True)
class CorpusPlan:
    """What one corpus would take.

    n_docs (int): Its Docs.
    n_empty (int): Docs without text, which are not asked about.
    n_calls (int): Questions, all samples counted.
    n_repeated (int): Of these the ones that an earlier text of the run asks already.
    n_stored (int): Of the rest the ones whose answer is in the store.
    n_chars (int): Characters of the prompts that would be sent.
    """

    corpus: str
    n_docs: int
    n_empty: int
    n_calls: int
    n_repeated: int
    n_stored: int
    n_chars: int

    @property
    def n_new(self) -> int:
        """Questions that would be asked, and paid for."""
        return self.n_calls - self.n_repeated - self.n_stored

    @property
    def n_tokens(self) -> int:
        """Tokens of the prompts that would be sent, roughly: a quarter of the characters."""
        return -(-self.n_chars // CHARS_PER_TOKEN)


class Tally:
    """Counts the questions of a run; it grows by one number a question.

    identity (Identity): The model, as the answer store knows it.
    samples (int): Answers per prompt.
    store (AnswerStore | None): The answer store, if there is one.
    """

    def __init__(self, identity: Identity, samples: int, store: AnswerStore | None) -> None:
        self.identity = identity
        self.samples = samples
        self.store = store
        self._seen: set[int] = set()
        self._counts: Counter[str] = Counter()

    def add(self, prompts: Sequence[str]) -> None:
        """Count the prompts of one Doc; none for a Doc without text."""
        self._counts["docs"] += 1
        self._counts["empty"] += not prompts
        for prompt in prompts:
            self._counts["calls"] += self.samples
            digest = int(prompt_sha256(prompt)[:16], 16)
            if digest in self._seen:
                self._counts["repeated"] += self.samples
                continue
            self._seen.add(digest)
            n_stored = sum(self.is_stored(Request(prompt, i)) for i in range(self.samples))
            self._counts["stored"] += n_stored
            self._counts["chars"] += len(prompt) * (self.samples - n_stored)

    def is_stored(self, request: Request) -> bool:
        """Say whether the store holds an answer to a question; a failure is asked again."""
        if self.store is None:
            return False
        known = self.store.get(request, self.identity.name, self.identity.params)
        return known is not None and known.status != "failed"

    def close(self, corpus: str) -> CorpusPlan:
        """Return the counts of a corpus, and begin the next."""
        names = ("docs", "empty", "calls", "repeated", "stored", "chars")
        found = CorpusPlan(corpus, **{f"n_{name}": self._counts[name] for name in names})
        self._counts.clear()
        return found
