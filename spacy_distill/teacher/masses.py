"""How much probability the tokens of one sampled answer show for each label: a walk down a trie.

At each token of the answer the listed alternatives are followed as far as they go: one that only a
single label continues gives that label its mass, one that leaves several open is not known further,
and what is not listed is not known either. The walk ends where the answer itself has become one label.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..ty import TokenLogprob
from .audit import DECORATION, LabelSpace, known_label
from .logprobs import is_end, token_bytes

Labels = tuple[str, ...]
UNREADABLE = "\ufffd"  # where a character has only begun
BLANK = re.compile(r"^[\s,]+")  # what may stand before the first label
LETTER = "a"


@dataclass
class Masses:
    """Shares of the probability of all answers to one prompt; together they are 1.0.

    known (dict[str, float]): Per label the answers that are known to become this label.
    open (dict[Labels, float]): Per set of labels the answers that may still become any of these, or
        none.
    outside (float): The answers that begin as no label does.
    reached (Labels): The labels that the sampled answer itself may have become: one, as a rule.
    """

    known: dict[str, float]
    open: dict[Labels, float] = field(default_factory=dict)
    outside: float = 0.0
    reached: Labels = ()

    def add(self, labels: Labels, mass: float) -> None:
        """Add the mass of answers that may become one of the labels."""
        if len(labels) == 1:
            self.known[labels[0]] += mass
        elif labels:
            self.open[labels] = self.open.get(labels, 0.0) + mass
        else:
            self.outside += mass

    @property
    def unknown(self) -> float:
        """The open share of all that may be a label; no score can be off by more."""
        total = sum(self.open.values())
        possible = total + sum(self.known.values())
        return total / possible if possible else 1.0


def weigh(tokens: Sequence[TokenLogprob], space: LabelSpace) -> Masses:
    """Find out what the log-probabilities of one answer tell about all labels.

    tokens (Sequence[TokenLogprob]): The tokens of the answer.
    space (LabelSpace): The labels, of which one at most applies.
    RETURNS (Masses): The masses.
    """
    path, mass, labels = b"", 1.0, space.labels
    masses = Masses(dict.fromkeys(space.labels, 0.0))
    for sampled in tokens:
        rest = mass
        for token, logprob in others(sampled):
            share = mass * math.exp(logprob)
            masses.add(possible_labels(path, token, space), share)
            rest -= share
        share = mass * math.exp(sampled.logprob)
        masses.add(labels, max(rest - share, 0.0))
        labels = possible_labels(path, sampled.token, space)
        path, mass = path + token_bytes(sampled.token), share
        if len(labels) < 2:
            break
    masses.add(labels, mass)
    masses.reached = labels
    return masses


def others(sampled: TokenLogprob) -> list[tuple[str, float]]:
    """Return the listed tokens but for the sampled one; another may be written like it."""
    listed = list(sampled.top)
    same = [pair for pair in listed if pair[0] == sampled.token]
    if same:
        listed.remove(min(same, key=lambda pair: abs(pair[1] - sampled.logprob)))
    return listed


def possible_labels(path: bytes, token: str, space: LabelSpace) -> Labels:
    """Return the labels that an answer may become which begins with some bytes and a token.

    path (bytes): The answer up to the token.
    token (str): The token; if it ends the answer, only a complete label counts.
    space (LabelSpace): The labels.
    RETURNS (Labels): The labels in the order of the space.
    """
    ended = is_end(token)
    raw = path if ended else path + token_bytes(token)
    text, unreadable, _ = raw.decode("utf8", "replace").partition(UNREADABLE)
    head, *more = re.split(r"[,\n]", BLANK.sub("", text))
    found: set[str | None] = set()
    if more or not unreadable:
        found.add(known_label(head, space))
    if not more and not ended:
        found |= begun_labels(head, space)
    return tuple(label for label in space.labels if label in found)


def begun_labels(head: str, space: LabelSpace) -> set[str | None]:
    """Return the labels that are longer than a beginning, which may have quotes before it."""
    forms = {head.lstrip(), head.lstrip(DECORATION)}
    return {
        label
        for form in [normalized(form, space) for form in forms]
        for known, label in space.by_answer.items()
        if known.startswith(form) and known != form
    }


def normalized(beginning: str, space: LabelSpace) -> str:
    """Normalise the beginning of an answer; a letter behind it keeps the white space at its end."""
    return space.normalize(beginning + LETTER).removesuffix(space.normalize(LETTER))
