"""The `distill_collector` component: keeps what a live pipeline's LLM answers, for a corpus."""

from pathlib import Path
from typing import Any, cast

import srsly
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy_llm.pipeline import LLMWrapper

from ..attrs import Distill, content_id
from ..errors import UserError
from ..secrets import is_secret_name, without_secrets
from .saved_io import RECORD_KEY, AnswerReader, Cats, answer_reader
from .shards import ShardWriter, warn_once


class Collector:
    """Component that writes each Doc with its audited answers to a shard and changes nothing on it.

    writer (ShardWriter): Where the Docs go.
    component (str): The name of the LLM component.
    read (AnswerReader): Reads the labels and answers of that component from a Doc.

    `writer.counts` says how many Docs were "kept", "skipped" since the LLM was not asked about them,
    and "lost" since they could not be written. No failure reaches the app: it is logged once.
    """

    def __init__(self, writer: ShardWriter, component: str, read: AnswerReader) -> None:
        self.writer = writer
        self._component = component
        self._read = read

    def __call__(self, doc: Doc) -> Doc:
        """Keep one Doc and return it as it is."""
        try:
            outcome = self._keep(doc)
        except Exception as error:  # whatever it is, the app that serves is more important
            outcome = "lost"
            warn_once(f"{self.writer.folder}: Docs are not collected", error)
        self.writer.count(outcome)
        return doc

    def close(self) -> None:
        """Make a shard of what is still in the journal; the next Doc opens a new one."""
        self.writer.close()

    def _keep(self, doc: Doc) -> str:
        found = self._read(doc)
        if found is None:
            warn_once(
                f"{self.writer.folder}: a Doc has no answers of {self._component!r}, which must "
                f"stand before the collector and be enabled; Docs without are not collected."
            )
            return "skipped"
        cats, record = found
        record["id"] = record.get("id") or content_id(doc.text)
        meta = {**record.get("meta", {}), **storable_context(doc)}
        if meta:
            record["meta"] = meta
        self.writer.add(pack(doc, cats, record, self._component))
        return "kept"


def pack(doc: Doc, cats: Cats, record: Distill, component: str) -> DocBin:
    """Return a DocBin of one Doc with other labels and another record than it has.

    doc (Doc): The Doc, which is only read.
    cats (Cats): The labels.
    record (Distill): What is to stand in `doc._.distill`.
    component (str): The LLM component; what `save_io` has kept of it is left out, since the record
        has the answers.
    RETURNS (DocBin): The DocBin; user data that it cannot hold is left out.
    """
    docbin = DocBin(docs=[doc])
    docbin.cats = [cats]
    docbin.store_user_data = True
    user_data = {**storable_user_data(doc, component), RECORD_KEY: record}
    docbin.user_data = [srsly.msgpack_dumps(user_data)]
    return docbin


def storable_user_data(doc: Doc, component: str) -> dict[Any, Any]:
    """Return what a DocBin can hold of a Doc's user data, without the record and the saved answers."""
    user_data = cast(dict[Any, Any], doc.user_data)
    data = {
        key: without_secrets(value)
        for key, value in user_data.items()
        if key not in ("llm_io", RECORD_KEY) and not is_secret_name(data_name(key))
    }
    others = {k: v for k, v in (user_data.get("llm_io") or {}).items() if k != component}
    if others:
        data["llm_io"] = others
    if not data or storable(data):
        return data
    kept = {key: value for key, value in data.items() if storable({key: value})}
    names = {data_name(key) for key in data.keys() - kept.keys()}
    warn_once(f"User data that a DocBin can't hold is not collected: {sorted(names)}")
    return kept


def data_name(key: Any) -> str:
    """Return the name under which user data stands: its own, or that of a custom attribute."""
    return str(key[1] if isinstance(key, tuple) and len(key) > 1 else key)


def storable(data: Any) -> bool:
    """Say whether a DocBin can hold some user data and give it back."""
    try:
        srsly.msgpack_loads(srsly.msgpack_dumps(data), use_list=False)
    except Exception:  # msgpack's own, but also any that a foreign object raises
        return False
    return True


def storable_context(doc: Doc) -> dict[str, Any]:
    """Return the metadata that `nlp.pipe(..., as_tuples=True)` hands on, where it is a dict.

    doc (Doc): The Doc.
    RETURNS (dict[str, Any]): Its storable values, without those that are named like secrets.
    """
    context = doc._context
    if not isinstance(context, dict):
        return {}
    plain = {k: v for k, v in context.items() if isinstance(k, str) and storable(v)}
    clean: dict[str, Any] = without_secrets(plain)
    return clean


def build_collector(
    nlp: Language, path: str, *, component: str | None, shard_size: int, max_seconds: float
) -> Collector:
    """Build the collector of a pipeline.

    nlp (Language): The pipeline, with its LLM component.
    path, component, shard_size, max_seconds: As for the factory `distill_collector`.
    RETURNS (Collector): The component; nothing is written yet.
    """
    name = component or only_llm(nlp)
    pipe = nlp.get_pipe(name) if name in nlp.component_names else None
    if not isinstance(pipe, LLMWrapper):
        found = "is no LLM component" if pipe is not None else "does not stand before it"
        raise UserError(
            f"distill_collector: {name!r} {found}; the pipeline has {nlp.component_names}."
        )
    writer = ShardWriter(Path(path), shard_size=shard_size, max_seconds=max_seconds)
    return Collector(writer, name, answer_reader(pipe, name))


def only_llm(nlp: Language) -> str:
    """Return the name of a pipeline's one LLM component.

    RAISES (UserError): If there is none, or several.
    """
    names = [name for name in nlp.component_names if isinstance(nlp.get_pipe(name), LLMWrapper)]
    if len(names) == 1:
        return names[0]
    problem = (
        f"there are several LLM components, {names}; name one with `component`"
        if names
        else f"no LLM component among {nlp.component_names}; add it before the collector"
    )
    raise UserError(f"distill_collector: {problem}.")
