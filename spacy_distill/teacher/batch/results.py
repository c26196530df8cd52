"""The lines of a batch's output and error files, each judged like the response to a live call."""

import json
from collections.abc import Collection
from typing import Any, Literal, NamedTuple

from ...secrets import redacted
from ...ty import Answer, Request
from ..client.call import inner_status
from ..client.completions import NoCompletion, read_completion, without_surrogates
from ..client.refusals import Course, Refusal, judge

HTTP_OK = 200


class Result(NamedTuple):
    """What became of one row.

    course (Course | None): What to do about a row that has no answer; None for one that has.
    """

    answer: Answer
    course: Course | None = None


def read_line(line: bytes, tag: str) -> tuple[int, dict[str, Any]]:
    """Read a line of a result file.

    line (bytes): The line.
    tag (str): The tag of the job; without it the line belongs to another one.
    RETURNS (tuple[int, dict[str, Any]]): The number of the row that was asked, and the line's object.
    RAISES (ValueError): If the line cannot be read, or belongs to another job.
    """
    try:
        row = json.loads(line)
        named, _, number = row["custom_id"].partition("-")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a line of a batch ({type(error).__name__})") from error
    if named != tag or not number.isascii() or not number.isdigit():
        raise ValueError(f"the custom_id {row['custom_id']!r:.80} is not one of this job")
    return int(number), row


def custom_id(tag: str, number: int) -> str:
    """Return the id of a row, which the line with its result bears as well."""
    return f"{tag}-{number}"


def read_result(row: dict[str, Any], request: Request, fields: Collection[str]) -> Result:
    """Judge the result of a row.

    row (dict[str, Any]): The line's object.
    request (Request): What was asked.
    fields (Collection[str]): The fields that the user has set.
    RETURNS (Result): The answer, or a failure with what to do.
    """
    response = row.get("response")
    status = response.get("status_code") if isinstance(response, dict) else None
    if not isinstance(response, dict) or not isinstance(status, int):
        return failure(request, Refusal("retry", describe_error(row.get("error"))))
    body = json.dumps(response.get("body")).encode("ascii")
    if status != HTTP_OK:
        return failure(request, judge(status, body, fields=fields))
    try:
        return Result(read_completion(body, [request], 0.0)[0])
    except NoCompletion as error:
        inner = inner_status(body)
        if inner is not None:
            return failure(request, judge(inner, body, fields=fields))
        return failure(request, Refusal("retry", str(error)))


def failure(request: Request, refusal: Refusal) -> Result:
    """Return the result of a row that has no answer; a refusal by the endpoint is one."""
    status: Literal["refused", "failed"] = "refused" if refusal.course == "refused" else "failed"
    answer = Answer(request, None, status, redacted(refusal.reason))
    return Result(answer, None if status == "refused" else refusal.course)


def describe_error(error: Any) -> str:
    """Return the error of a row that was not sent to the model, such as one that has expired."""
    if not isinstance(error, dict):
        return "the line has neither a response nor an error"
    said = [str(error[key]) for key in ("code", "message") if error.get(key)]
    return without_surrogates(": ".join(said)) or "an error without a message"
