"""A Doc whose private strings are replaced, token by token beside the original."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from spacy.tokens import Doc, Span

from .placeholders import Placeholders
from .strings import Found

Cut = tuple[int, int, str]


class Masked:
    """A Doc to ask about, and the way back from the answers.

    original (Doc): The Doc as it is.
    doc (Doc): The masked Doc with the same vocabulary: text and entities, no user data. The original
        itself where there is nothing to mask.
    counts (Counter[str]): How many different strings of each kind were masked, and "texts": 1.
        Empty where there was nothing to mask.

    The strings are in memory only: a `Masked` cannot be pickled.
    """

    def __init__(self, original: Doc, found: Sequence[Found] = ()) -> None:
        self.original = original
        self.doc = original
        self.counts: Counter[str] = Counter()
        self._placeholders = Placeholders(original.text if found else "")
        self._ends: list[int] = []
        if found:
            cuts = list(cut_doc(original, found, self._placeholders))
            self._ends = [end for _, end, _ in cuts]
            self.doc = masked_doc(original, cuts)
            self.counts = Counter({"texts": 1}) + Counter(self._placeholders.kinds())

    def unmask(self, text: str) -> str:
        """Put the private strings back into an answer.

        Placeholders are known in any case, without their brackets, and with a plural s. One that
        the text of this Doc was not given stays as it is.

        text (str): What the teacher wrote about the masked Doc.
        RETURNS (str): The same about the original.
        """
        return self._placeholders.restore(text)

    def original_shards(self, shards: Sequence[Doc]) -> list[Doc] | None:
        """Cut the original where a task has cut the masked Doc.

        shards (Sequence[Doc]): The shards of the masked Doc, in order.
        RETURNS (list[Doc] | None): As many shards of the original: itself where there is only one.
            None if the shards are not the tokens of the masked Doc from first to last.
        """
        if self.doc is self.original:
            return list(shards)
        if len(shards) == 1:
            return [self.original]
        if "".join(shard.text_with_ws for shard in shards) != self.doc.text_with_ws:
            return None
        if sum(map(len, shards)) != len(self.doc):
            return None
        found, start, n_tokens = [], 0, 0
        for shard in shards:
            n_tokens += len(shard)
            end = self._ends[n_tokens - 1]
            found.append(self.original[start:end].as_doc(copy_user_data=True))
            start = end
        return found


def cut_doc(doc: Doc, found: Sequence[Found], placeholders: Placeholders) -> Iterator[Cut]:
    """Cut a Doc so that each private string lies within one piece.

    doc (Doc): The Doc.
    found (Sequence[Found]): Its private strings, in order.
    placeholders (Placeholders): Gives out what stands for them.
    YIELDS (tuple[int, int, str]): First token, the token behind the last, and the masked text without
        the space behind it.
    """
    text, rest = doc.text, list(reversed(found))
    first = 0
    while first < len(doc):
        last, end = first, doc[first].idx + len(doc[first])
        pieces, start = [], doc[first].idx
        while rest and rest[-1].start < end:
            place = rest.pop()
            string = text[place.start : place.end]
            pieces += [text[start : place.start], placeholders.give(string, place.kind)]
            start = place.end
            while end < place.end:
                last += 1
                end = doc[last].idx + len(doc[last])
        yield first, last + 1, "".join([*pieces, text[start:end]])
        first = last + 1


def masked_doc(doc: Doc, cuts: Sequence[Cut]) -> Doc:
    """Return the Doc that masked pieces make, with the entities of the original.

    Where pieces have joined entities there are none: a task that numbers them must not err by one.
    """
    spaces = [bool(doc[end - 1].whitespace_) for _, end, _ in cuts]
    masked = Doc(doc.vocab, words=[word for _, _, word in cuts], spaces=spaces)
    piece_of = [i for i, (start, end, _) in enumerate(cuts) for _ in range(start, end)]
    ents = [
        Span(masked, piece_of[ent.start], piece_of[ent.end - 1] + 1, ent.label_, kb_id=ent.kb_id_)
        for ent in doc.ents
    ]
    if all(a.end <= b.start for a, b in pairwise(ents)):
        masked.ents = ents
    return masked
