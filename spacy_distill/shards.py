"""Docs with their user data to and from a plain DocBin, quickly.

DocBin calls srsly's `msgpack_dumps` or `msgpack_loads` for the user data of each Doc, and each call
searches all registered functions and all installed packages for encoders: most of the time that a
stage takes. So the user data is packed here, with one Packer or Unpacker per shard, which searches
once. The bytes are those that DocBin would write.
"""

from collections.abc import Iterable, Iterator

import srsly
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from . import attrs  # noqa: F401  (registers the extension that the user data needs)


def unpack_docs(docbin: DocBin, vocab: Vocab) -> Iterator[Doc]:
    """Stream the Docs of a DocBin, as its `get_docs` does.

    docbin (DocBin): The DocBin; it is used up.
    vocab (Vocab): The vocabulary that the Docs get.
    YIELDS (Doc): The Docs with their user data.
    """
    unpacker = srsly.msgpack.Unpacker(raw=False, use_list=False)
    packed, docbin.user_data = docbin.user_data, []
    for doc, user_data in zip(docbin.get_docs(vocab), packed, strict=True):
        if user_data is not None:
            unpacker.feed(user_data)
            doc.user_data.update(unpacker.unpack())
        yield doc


def pack_docs(docs: Iterable[Doc]) -> DocBin:
    """Pack Docs with their user data.

    docs (Iterable[Doc]): The Docs; none is held.
    RETURNS (DocBin): What `DocBin(docs=docs, store_user_data=True)` is.
    """
    packer = srsly.msgpack.Packer(use_bin_type=True)
    docbin = DocBin(store_user_data=False)
    for doc in docs:
        docbin.add(doc)
        docbin.user_data.append(packer.pack(doc.user_data))
    docbin.store_user_data = True
    return docbin
