"""A labelled corpus as chat-format JSONL, to tune a smaller LLM on."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from spacy.tokens import Doc
from spacy.util import minibatch

from ...attrs import content_id, is_kept
from ...contract import LabelMap
from ...errors import UserError
from ...io import atomic_path, count_docs, read_docs
from ...ty import Track, untracked
from ..money.tokens import load_tokenizer
from .answer_text import AnswerWriter
from .chat_report import PER_MESSAGE, ChatReport, FileReport
from .hard_labels import hard_labels
from .held_out import HeldOut
from .teaching import Teaching, read_teaching

Prompt = Literal["short", "full"]
FILES = ("train", "validation")
CONVERTED = {"train": "train", "validation": "dev"}  # what `convert` calls them
CHARS_PER_TOKEN = 4
BATCH_SIZE = 200  # Docs whose prompts are rendered together
IN_TEST = "in the gold test corpus"
DROPPED = "dropped by curation"


@dataclass(frozen=True)
class ChatWriter:
    """Makes the example of a Doc.

    teaching (Teaching): The teacher.
    write_answer (AnswerWriter): Writes answers.
    prompt ("short" | "full"): Whether the user's message is the text or the teacher's prompt.
    system (str): The system prompt; empty for none.
    min_confidence (float): The lowest confidence of a label.
    held_out (HeldOut): Texts that are left out.
    count_tokens (Callable[[str], int]): Counts the tokens of a message.
    """

    teaching: Teaching
    write_answer: AnswerWriter
    prompt: Prompt
    system: str
    min_confidence: float
    held_out: HeldOut
    count_tokens: Callable[[str], int]

    def contents(self, docs: Sequence[Doc]) -> list[str]:
        """Return the user's message about each Doc."""
        if self.prompt == "short":
            return [doc.text for doc in docs]
        bare = [self.teaching.nlp.make_doc(doc.text) for doc in docs]
        return [prompts[0] for prompts, _ in self.teaching.prompts(bare)]

    def __call__(self, doc: Doc, content: str, file: IO[bytes], report: FileReport) -> str:
        """Write the example of a Doc, and count it.

        doc (Doc): The Doc.
        content (str): The user's message about it.
        file (IO[bytes]): Where it goes.
        report (FileReport): Counts it.
        RETURNS (str): Why there is none; empty if it was written.
        """
        if doc in self.held_out:
            return IN_TEST
        if not is_kept(doc):
            return DROPPED
        found = hard_labels(doc, self.teaching.contract, min_confidence=self.min_confidence)
        if isinstance(found, str):
            return found
        messages = self.messages(content, found.labels)
        line = json.dumps({"messages": messages}, ensure_ascii=False).encode("utf8") + b"\n"
        file.write(line)
        n_tokens = sum(self.count_tokens(x["content"]) + PER_MESSAGE for x in messages)
        report.n += 1
        report.n_gold += found.is_gold
        report.n_bytes += len(line)
        report.n_tokens += n_tokens
        report.longest = max(report.longest, n_tokens)
        report.labels.update(found.labels)
        return ""

    def messages(self, content: str, labels: tuple[str, ...]) -> list[dict[str, str]]:
        """Return the messages of an example."""
        roles = [("system", self.system)] if self.system else []
        roles += [("user", content), ("assistant", self.write_answer(labels))]
        return [{"role": role, "content": text} for role, text in roles]


def export_chat(
    corpus: Path | str,
    out_dir: Path | str,
    *,
    teacher: Path | str,
    component: str | None = None,
    label_map: LabelMap | None = None,
    prompt: Prompt = "short",
    system: str | None = None,
    min_confidence: float = 0.0,
    validation_size: float = 0.1,
    gold_test: Path | str | None = None,
    tokenizer: Path | str | None = None,
    track: Track = untracked,
) -> ChatReport:
    """Write `train.jsonl` and `validation.jsonl` for the fine-tuning of a chat model.

    corpus (Path | str): A labelled corpus, which is divided by content; or the folder that `convert`
        has written, of which train and dev are taken as they are.
    out_dir (Path | str): Where the two files go.
    teacher (Path | str): The spacy-llm config, for labels, answer form and prompt.
    component (str | None): The LLM component, where several could be meant.
    label_map (LabelMap | None): The label map that the corpus was labelled with.
    prompt ("short" | "full"): The user's message: the text, or the teacher's own rendered prompt.
    system (str | None): The system prompt; None for the teacher's own with "full", else none.
    min_confidence (float): The lowest confidence of a teacher's label, from 0.0 to 1.0.
    validation_size (float): The expected share of validation, where the corpus is divided.
    gold_test (Path | str | None): A corpus whose texts are left out.
    tokenizer (Path | str | None): A `tokenizer.json` to count with; None for characters / 4.
    track (Track): Shows progress.
    RETURNS (ChatReport): What was written, and what vendors would say to it.
    RAISES (UserError): If nothing is left to train on; nothing is written then.
    """
    if prompt == "full" and label_map:
        raise UserError("The teacher's prompt names its own labels: with a label map, use short.")
    teaching = read_teaching(teacher, component=component, label_map=label_map)
    if not teaching.contract.labels:
        raise UserError(f"{teacher}: only text classification can be exported as chat.")
    own_system = teaching.origin.system if prompt == "full" else ""
    writer = ChatWriter(
        teaching=teaching,
        write_answer=AnswerWriter(teaching, mapped=bool(label_map)),
        prompt=prompt,
        system=own_system if system is None else system,
        min_confidence=min_confidence,
        held_out=HeldOut([gold_test] if gold_test is not None else []),
        count_tokens=load_tokenizer(tokenizer) if tokenizer is not None else rough_tokens,
    )
    tokens_are = "counted" if tokenizer is not None else "a quarter of the characters"
    report = ChatReport(str(corpus), str(teacher), prompt, tokens_are)
    write_files(placed_docs(Path(corpus), validation_size, track), Path(out_dir), writer, report)
    return report


def write_files(
    docs: Iterable[tuple[str, Doc]], out_dir: Path, writer: ChatWriter, report: ChatReport
) -> None:
    """Write the examples of Docs to the two files.

    docs (Iterable[tuple[str, Doc]]): The Docs with the file that each goes to.
    out_dir (Path): Where the files go.
    writer (ChatWriter): Makes the examples.
    report (ChatReport): Counts them.
    RAISES (UserError): If nothing is left to train on; nothing is written then.
    """
    report.files = {name: FileReport() for name in FILES}
    with ExitStack() as stack:
        files = {}
        for name in FILES:
            path = stack.enter_context(atomic_path(out_dir / f"{name}.jsonl"))
            files[name] = stack.enter_context(path.open("wb"))
        for batch in minibatch(docs, BATCH_SIZE):
            placed = list(batch)
            contents = writer.contents([doc for _, doc in placed])
            for (name, doc), content in zip(placed, contents, strict=True):
                reason = writer(doc, content, files[name], report.files[name])
                report.left_out.update([reason] if reason else [])
        if not report.files["train"].n:
            left_out = dict(report.left_out)
            raise UserError(f"No Doc of {report.corpus} is left to train on; left out: {left_out}.")


def placed_docs(corpus: Path, validation_size: float, track: Track) -> Iterator[tuple[str, Doc]]:
    """Yield the Docs of a corpus with the file that each goes to.

    corpus (Path): A corpus to divide, or a folder with the corpora train and dev.
    validation_size (float): The expected share of validation, where it is divided.
    track (Track): Shows progress.
    YIELDS (tuple[str, Doc]): "train" or "validation", and a Doc. Copies of a text stay together.
    """
    if (corpus / CONVERTED["train"]).is_dir():
        for name, folder in CONVERTED.items():
            path = corpus / folder
            for doc in track(read_docs(path), total=count_docs(path), desc=f"Export {folder}"):
                yield name, doc
        return
    for doc in track(read_docs(corpus), total=count_docs(corpus), desc="Export"):
        share = int(content_id(doc.text), 16) / 16**16
        yield ("validation" if share < validation_size else "train"), doc


def rough_tokens(text: str) -> int:
    """Return a quarter of the characters of a text, rounded up."""
    return -(-len(text) // CHARS_PER_TOKEN)
