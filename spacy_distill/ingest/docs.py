"""The second pass over a source: the first row of each text becomes a Doc."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from types import SimpleNamespace

import spacy
from spacy.tokens import Doc
from spacy.util import get_lang_class, registry
from spacy.vocab import Vocab, create_vocab

from ..attrs import content_id, get_distill
from ..errors import UserError
from .entries import Entry

ZONE_DOCS = 1_000  # Docs whose new words are forgotten together
RULES = "spacy.Tokenizer.v1"  # the tokenizer of most languages, made of their defaults alone

MakeDoc = Callable[[str], Doc]


def make_tokenizer(lang: str) -> tuple[MakeDoc, Vocab]:
    """Make the tokenizer of a language, as its blank pipeline has it.

    lang (str): A language code.
    RETURNS (tuple[MakeDoc, Vocab]): The tokenizer and its vocabulary.
    RAISES (UserError): If spaCy does not know the language, or lacks a package for it.
    """
    try:
        language = get_lang_class(lang)
        block = language.default_config["nlp"]["tokenizer"]
        if block != {"@tokenizers": RULES}:
            nlp = spacy.blank(lang)
            return nlp.tokenizer, nlp.vocab
    except ImportError as error:
        raise UserError(f"spaCy can't make a tokenizer for {lang!r}: {error}") from error
    # Not `spacy.blank`: it loads every factory of the environment, which takes seconds.
    vocab = create_vocab(lang, language.Defaults)
    create_tokenizer = registry.resolve({"tokenizer": block})["tokenizer"]
    return create_tokenizer(SimpleNamespace(vocab=vocab, Defaults=language.Defaults)), vocab


def make_docs(
    entries: Iterable[tuple[Entry, int]], tokenizer: MakeDoc, vocab: Vocab
) -> Iterator[Doc]:
    """Make a Doc of each text.

    entries (Iterable[tuple[Entry, int]]): The first row of each text, and its number of copies.
    tokenizer (MakeDoc): Makes the Docs.
    vocab (Vocab): The tokenizer's vocabulary. It forgets the words of a Doc some time after the next
        Doc was asked for: write a Doc, or let go of it, before you ask.
    YIELDS (Doc): The Docs, in the order of the source.
    """
    remaining = iter(entries)
    for first in remaining:
        with vocab.memory_zone():
            for entry, copies in chain([first], islice(remaining, ZONE_DOCS - 1)):
                yield make_doc(entry, copies, tokenizer)


def make_doc(entry: Entry, copies: int, tokenizer: MakeDoc) -> Doc:
    """Make the Doc of one row, with its record in `doc._.distill`."""
    doc = tokenizer(entry.text)
    record = get_distill(doc)
    record["id"] = content_id(entry.text)
    record["source"] = entry.source
    record["meta"] = entry.meta
    record["copies"] = copies
    if entry.gold is not None:
        record["gold"] = list(entry.gold)
    return doc
