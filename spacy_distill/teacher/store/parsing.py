"""Exported rows as records again, each checked: a wrong answer never gets under a key."""

import json
import math
from datetime import datetime
from typing import Any, get_args, get_type_hints

from ...ty import Answer
from .keys import AnswerKeys, prompt_sha256
from .records import Record
from .rows import read_logprobs
from .selection import stamp

STATUSES = get_args(get_type_hints(Answer)["status"])
FIELDS: dict[str, tuple[type, ...]] = {
    "prompt": (str,),
    "sample": (int,),
    "model": (str,),
    "params": (dict,),
    "status": (str,),
    "response": (str, type(None)),
    "reason": (str,),
    "finish_reason": (str,),
    "usage": (dict,),
    "latency": (int, float),
    "created": (str,),
    "tags": (dict,),
    "logprobs": (list, type(None)),
}


def parse_record(line: bytes) -> Record:
    """Read one exported row; its key and hash are computed anew.

    line (bytes): A JSON object as `Record.to_json` returns it.
    RETURNS (Record): The record.
    RAISES (ValueError): If it is none, with what is wrong.
    """
    try:
        row = json.loads(line)
        check_fields(row)
        logprobs = None if row["logprobs"] is None else json.dumps(row["logprobs"])
        read_logprobs(logprobs)
        keys = AnswerKeys(row["model"], row["params"])
        record = Record(
            key=keys.key(row["prompt"]),
            sample=row["sample"],
            prompt_sha256=prompt_sha256(row["prompt"]),
            model=row["model"],
            params=keys.params,
            status=row["status"],
            response=row["response"],
            reason=row["reason"],
            finish_reason=row["finish_reason"],
            usage=json.dumps(row["usage"]),
            latency=float(row["latency"]),
            created=str(stamp(datetime.fromisoformat(row["created"]))),
            tags=json.dumps(row["tags"], sort_keys=True),
            logprobs=logprobs,
            prompt=row["prompt"],
        )
    except (TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"{error}") from error
    if row.get("key", record.key) != record.key:
        raise ValueError("the key is not that of this prompt, model and parameters")
    return record


def check_fields(row: Any) -> None:
    """Refuse a row that lacks a field, or has one that cannot be.

    RAISES (ValueError): If it does.
    """
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    for name, types in FIELDS.items():
        value = row.get(name)
        if name not in row or not isinstance(value, types) or isinstance(value, bool):
            raise ValueError(f"{name!r} is missing or of the wrong type")
    if row["status"] not in STATUSES or (row["status"] == "answered" and row["response"] is None):
        raise ValueError(f"status {row['status']!r} with response {row['response']!r:.40}")
    if not 0 <= row["sample"] < 2**63 or not math.isfinite(row["latency"]):
        raise ValueError(f"sample {row['sample']} or latency {row['latency']} cannot be")
    if not all(isinstance(value, str) for value in row["tags"].values()):
        raise ValueError("a tag is no text")
