"""What the texts of a corpus are like, before anything is paid for them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from importlib.util import find_spec
from typing import Any

from ..language import load_identifier
from .entries import Entry
from .lengths import Lengths
from .sampling import sample_rank
from .tally import MetaTally

CHARS_PER_TOKEN = 4
N_LANGUAGES = 2_000  # texts whose language is found
LANGUAGE_CHARS = 1_000  # of each of them


@dataclass
class TextStats:
    """Watches texts go by; of none but a few is more kept than counts.

    characters (Lengths): Lengths in characters.
    words (Lengths): Lengths in words between white space.
    meta (MetaTally): The values of the metadata.
    n_texts (int): Different texts.
    n_copied (int): Those of them that have exact copies.
    n_copies (int): All their copies.
    """

    characters: Lengths = field(default_factory=Lengths)
    words: Lengths = field(default_factory=Lengths)
    meta: MetaTally = field(default_factory=MetaTally)
    n_texts: int = 0
    n_copied: int = 0
    n_copies: int = 0
    _sample: list[tuple[int, str]] = field(default_factory=list)

    def watch(self, entries: Iterable[tuple[Entry, int]]) -> Iterator[tuple[Entry, int]]:
        """Pass the first rows of texts through, with their number of copies, and count them."""
        for entry, copies in entries:
            self.add(entry, copies)
            yield entry, copies

    def add(self, entry: Entry, copies: int) -> None:
        """Count one text.

        entry (Entry): Its first row.
        copies (int): The number of its copies.
        """
        self.n_texts += 1
        self.n_copied += copies > 0
        self.n_copies += copies
        self.characters.add(len(entry.text))
        self.words.add(len(entry.text.split()))
        self.meta.add(entry.meta)
        # The lowest ranks stay: the heap is turned round, since it gives up its smallest item.
        item = (-int.from_bytes(sample_rank(entry.key, 0), "big"), entry.text[:LANGUAGE_CHARS])
        if len(self._sample) < N_LANGUAGES:
            heappush(self._sample, item)
        else:
            heappushpop(self._sample, item)

    def to_json(self) -> dict[str, Any]:
        """Return everything as a JSON-serializable dict.

        RETURNS (dict[str, Any]): `texts`, `copies`, `characters`, `words`, `estimated_tokens` (rough:
            a quarter of the characters), `languages` (None without py3langid) and `columns`.
        """
        return {
            "texts": self.n_texts,
            "copies": {"n": self.n_copies, "of_texts": self.n_copied},
            "characters": self.characters.to_json(),
            "words": self.words.to_json(),
            "estimated_tokens": self.characters.total // CHARS_PER_TOKEN,
            "languages": self._languages(),
            "columns": self.meta.to_json(),
            "values_in_further_columns": self.meta.n_left_out,
        }

    def _languages(self) -> dict[str, Any] | None:
        if find_spec("py3langid") is None:
            return None
        identifier = load_identifier()
        counts = Counter(identifier.rank(text)[0][0] for _, text in self._sample)
        return {"n": len(self._sample), "texts": dict(counts.most_common())}
