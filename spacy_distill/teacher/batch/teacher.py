"""The teacher that batches are asked of: a chat model with the answer store around it."""

from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language

from ...contract import read_teacher
from ...errors import UserError
from ..client.chat import ChatModel
from ..component import DistillLLM
from ..pipeline import load_teacher, stored_model
from ..stored import StoredModel


@dataclass(frozen=True)
class Teacher:
    """A teacher that batches can be asked of.

    nlp (Language): Its pipeline.
    pipe (DistillLLM): Its component.
    stored (StoredModel): The component's model.
    chat (ChatModel): The model that is asked.
    """

    nlp: Language
    pipe: DistillLLM
    stored: StoredModel
    chat: ChatModel


def read_batch_teacher(
    path: Path | str, *, store_path: Path | str, samples: int | None, component: str | None
) -> Teacher:
    """Build a teacher.

    path (Path | str): A spacy-llm config with `spacy-distill.ChatModel.v1`.
    store_path, samples, component: As for `ask_batches`.
    RETURNS (Teacher): The teacher.
    RAISES (UserError): If it has another model.
    """
    contract = read_teacher(path, component=component)
    nlp = load_teacher(path, contract.name, store_path=store_path, samples=samples)
    stored = stored_model(nlp, contract.name)
    chat: object = stored.model if stored is not None else None
    if stored is None or not isinstance(chat, ChatModel):
        raise UserError(
            f"{path}: batches can be asked of spacy-distill.ChatModel.v1 only, at an endpoint with "
            f"files and batches by OpenAI's protocol."
        )
    pipe: DistillLLM = nlp.get_pipe(contract.name)  # type: ignore[assignment]
    return Teacher(nlp, pipe, stored, chat)
