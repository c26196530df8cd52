"""The teacher of a new project: the user's own config, or one made from labels and a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import UserError
from .folders import copy_into
from .named_files import named_files
from .prompts import make_prompt_template
from .templates import render_template

TEACHER = "configs/teacher.cfg"
PROMPT = "configs/prompt.jinja"


class Teacher(Protocol):
    """Where a teacher comes from."""

    def write(self, folder: Path) -> list[str]:
        """Write the teacher's files into a project, and return their paths in it, config first."""


@dataclass(frozen=True)
class OwnTeacher:
    """A user's own spacy-llm config, taken over byte by byte with the files that it names.

    path (Path): The config.
    """

    path: Path

    def write(self, folder: Path) -> list[str]:
        """Write the teacher's files into a project, and return their paths in it, config first.

        RAISES (UserError): If the config is a pipeline's folder, or names a file outside its own or
            none that is there.
        """
        if self.path.is_dir():
            raise UserError(
                f"{self.path} is a folder; give a spacy-llm config, such as its config.cfg."
            )
        if not self.path.is_file():
            raise FileNotFoundError(f"No config at {self.path}.")
        (folder / TEACHER).write_bytes(self.path.read_bytes())
        files = named_files(self.path)
        for name, file in sorted(files.items()):
            copy = folder / name
            if folder.resolve() not in copy.resolve().parents:
                raise UserError(
                    f"{self.path} names {name}, which would lie outside the project; put it below "
                    f"the config's folder."
                )
            copy_into(file, copy)
        return [TEACHER, *sorted(files)]


@dataclass(frozen=True)
class NewTeacher:
    """A teacher made from labels and a prompt.

    labels (Sequence[str]): The labels.
    prompt (Path): The user's instruction or template; see `make_prompt_template`.
    exclusive (bool): Whether exactly one label applies.
    lang (str): The language code of the texts.
    model (str): The model's name at the endpoint.
    base_url (str): The endpoint.
    key_variable (str): The environment variable that holds its key.
    """

    labels: Sequence[str]
    prompt: Path
    exclusive: bool
    lang: str
    model: str
    base_url: str
    key_variable: str

    def write(self, folder: Path) -> list[str]:
        """Write the teacher's files into a project, and return their paths in it, config first.

        RAISES (UserError): If the labels or the prompt can't be used.
        """
        check_labels(self.labels)
        if not self.prompt.is_file():
            raise FileNotFoundError(f"No prompt at {self.prompt}.")
        values = {**vars(self), "labels": list(self.labels)}
        (folder / TEACHER).write_text(render_template("teacher.cfg", values), encoding="utf8")
        (folder / PROMPT).write_text(make_prompt_template(self.prompt), encoding="utf8")
        return [TEACHER, PROMPT]


def check_labels(labels: Sequence[str]) -> None:
    """Refuse labels that an answer can't name.

    RAISES (UserError): For none, an empty one, two that differ in case alone, or a comma or a
        dollar sign in one.
    """
    folded = [label.strip().casefold() for label in labels]
    if not all(folded) or not folded:
        raise UserError(f"The labels {list(labels)} are empty in part; give them as a,b,c.")
    if len(set(folded)) < len(folded):
        raise UserError(f"Two of the labels {list(labels)} are the same but for case; rename one.")
    bad = [label for label in labels if "\n" in label or "," in label]
    if bad:
        raise UserError(
            f"The label {bad[0]!r} can't be told apart in a list with commas; rename it."
        )
    dollar = [label for label in labels if "$" in label]
    if dollar:
        raise UserError(
            f"The label {dollar[0]!r} can't stand in a config, where $ names a variable; rename it."
        )
