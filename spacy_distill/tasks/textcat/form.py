"""The form of an answer: `{"label": "x"}` of exclusive labels, `{"labels": ["x", "y"]}` of others."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DECORATION = " \t\r\n`'\"“”‘’*_."


@dataclass(frozen=True)
class AnswerForm:
    """What an answer may say, and how.

    by_answer (Mapping[str, str]): Normalised answer to label.
    normalize (Callable[[str], str]): The task's normaliser.
    exclusive (bool): Whether exactly one label applies.
    allow_none (bool): Whether an empty list is an answer, where labels are not exclusive.
    """

    by_answer: Mapping[str, str]
    normalize: Callable[[str], str]
    exclusive: bool
    allow_none: bool

    @property
    def key(self) -> str:
        """The one key of the object that an answer is."""
        return "label" if self.exclusive else "labels"

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON schema, within what the vendors' structured outputs have in common."""
        label: dict[str, Any] = {"type": "string", "enum": list(self.by_answer.values())}
        return {
            "type": "object",
            "properties": {
                self.key: label if self.exclusive else {"type": "array", "items": label}
            },
            "required": [self.key],
            "additionalProperties": False,
        }

    def write(self, labels: Sequence[str]) -> str:
        """Return the answer that names labels.

        labels (Sequence[str]): The labels; exactly one where they are exclusive.
        RETURNS (str): JSON.
        """
        value = labels[0] if self.exclusive else list(labels)
        return json.dumps({self.key: value}, ensure_ascii=False)

    def known(self, name: str) -> str | None:
        """Return the label that a name means, also in other case or spacing; None for no label."""
        single_spaced = self.normalize(" ".join(name.split()))
        return self.by_answer.get(self.normalize(name)) or self.by_answer.get(single_spaced)

    def listed(self, text: str) -> list[str] | None:
        """Return the labels that a text consists of, with commas between them.

        text (str): The text; quotes, emphasis and full stops around a label do no harm.
        RETURNS (list[str] | None): The labels; None if there is anything else in the text.
        """
        names = [text] if self.decorated(text) else text.split(",")
        labels = [self.decorated(name) for name in names]
        return None if None in labels else [label for label in labels if label is not None]

    def decorated(self, name: str) -> str | None:
        """Return the label that a name means, also in quotes, emphasis or with a full stop."""
        return self.known(name) or self.known(name.strip(DECORATION))
