"""From an answer to its labels: what is wrong is named, what was repaired is counted."""

import json
from typing import Any

from ...refusals import REFUSAL
from ...ty import Audited
from .form import AnswerForm
from .mending import MalformedError, read_value

KEYS = ("label", "labels")


def read_answer(response: str, form: AnswerForm) -> Audited:
    """Judge an answer.

    response (str): What the LLM wrote.
    form (AnswerForm): What it should be.
    RETURNS (Audited): The outcome; "ok" with the reason "repaired: …" for an answer that is not as
        it should be, but can only mean these labels.
    """
    if not response.strip():
        return Audited("unparsed", "the answer is empty")
    try:
        value, repairs = read_value(response)
        items = read_items(value, form, repairs)
    except MalformedError as error:
        if REFUSAL.match(response):
            return Audited("refused", excerpt(response))
        return Audited("unparsed", f"{error}: {excerpt(response)}")
    if repairs and REFUSAL.match(response):
        return Audited("refused", excerpt(response))
    return judge(items, form, repairs)


def read_items(value: Any, form: AnswerForm, repairs: list[str]) -> list[str]:
    """Return what a JSON value names as labels, and note what is odd about it.

    value (Any): The value; a string is an answer without an object.
    form (AnswerForm): What the answer should be.
    repairs (list[str]): Gets what has to be overlooked.
    RETURNS (list[str]): The names, which may be no labels.
    RAISES (MalformedError): If the value is not of a kind that names labels.
    """
    if isinstance(value, str):
        repairs.append("no JSON object")
        return listed(value, form)
    if isinstance(value, dict):
        value = own_value(value, form, repairs)
    else:
        repairs.append("no JSON object")
    if isinstance(value, str) and form.exclusive:
        return [value]
    if isinstance(value, str):
        repairs.append("a string for a list")
        return form.listed(value) or [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise MalformedError("its label is no string")
    if form.exclusive:
        repairs.append("a list for a string")
    return value


def listed(text: str, form: AnswerForm) -> list[str]:
    """Return the labels of an answer without an object, in which nothing else may stand."""
    labels = form.listed(text)
    if labels is None:
        raise MalformedError("it holds no JSON object")
    return labels


def own_value(found: dict[str, Any], form: AnswerForm, repairs: list[str]) -> Any:
    """Return the value of an object's key for labels, and note other keys or another spelling."""
    if len(found) > 1:
        repairs.append("other keys")
    if form.key in found:
        return found[form.key]
    keys = [key for key in found if key.strip().casefold() in KEYS]
    if len(keys) != 1:
        raise MalformedError(f'it has no key "{form.key}"')
    repairs.append("another key")
    return found[keys[0]]


def judge(names: list[str], form: AnswerForm, repairs: list[str]) -> Audited:
    """Judge the names that an answer gives for labels."""
    found = [form.known(name) for name in names]
    if None in found:
        unknown = [name for name, label in zip(names, found, strict=True) if label is None]
        return Audited("outside", f"not among the labels: {excerpt(', '.join(unknown))}")
    labels = tuple(dict.fromkeys(label for label in found if label is not None))
    if form.exclusive and len(labels) > 1:
        return Audited("several", f"several labels for an exclusive task: {', '.join(labels)}")
    if not labels and (form.exclusive or not form.allow_none):
        return Audited("unparsed", "it names no label, though one applies")
    if names != found:
        repairs.append("a label's spelling")
    reason = f"repaired: {', '.join(dict.fromkeys(repairs))}" if repairs else ""
    return Audited("ok", reason, labels)


def excerpt(text: str, n: int = 80) -> str:
    """Return the beginning of a text as a JSON string, on one line."""
    return json.dumps(text if len(text) <= n else f"{text[: n - 1]}…", ensure_ascii=False)
