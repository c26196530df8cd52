"""Rate-limit headers in the forms in which vendors send them."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from spacy_distill.ty import Request

from .vendors import CASE, KEY, VENDORS, ask, model_for, serving

LIMITED = f"{CASE}rate limit"
MISREAD = 6.0  # seconds; whoever takes one form for another waits longer


def ahead(seconds):
    """Return a time ahead; vendors write whole seconds."""
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).replace(microsecond=0)


def rfc3339():
    time.sleep((0.5 - time.time()) % 1)  # the middle of a second, so that rounding costs half a one
    return ahead(1).isoformat().replace("+00:00", "Z")


def http_date():
    return format_datetime(ahead(2), usegmt=True)


def allowance(kind, remaining, reset):
    """Return the headers of OpenAI's form."""
    return {f"x-ratelimit-remaining-{kind}": remaining, f"x-ratelimit-reset-{kind}": reset}


# What a completion says of the allowance that is left, and the least pause before the next call.
LEFT = {
    "milliseconds": ("openai", allowance("requests", "0", "400ms"), 0.4),
    "minutes and seconds": ("openai", allowance("tokens", "0", "0m0.4s"), 0.4),
    "some left": ("openai", allowance("requests", "59", "20s"), 0.0),
    "whole seconds": ("azure-deployment", allowance("tokens", "0", "1"), 1.0),
    "no limit": ("azure-deployment", allowance("tokens", "-1", "20"), 0.0),
    "fraction": ("groq", allowance("tokens", "0", "0.4105s"), 0.4),
    "RFC 3339": (
        "anthropic",
        {
            "anthropic-ratelimit-requests-remaining": "0",
            "anthropic-ratelimit-requests-reset": rfc3339,
        },
        0.3,
    ),
}
# What comes with a refusal for too many calls, and the least pause before it is tried again.
ASKED = {
    "milliseconds before seconds": (
        "azure-deployment",
        {"retry-after": "9", "retry-after-ms": "300"},
        0.3,
    ),
    "seconds": ("anthropic", {"retry-after": "1"}, 1.0),
    "date": ("openrouter", {"Retry-After": http_date}, 0.9),
}


def pause(name, headers, prompts):
    """Return the seconds between the first two requests that arrive, one in flight at a time."""
    with serving(name) as server:
        server.headers = headers
        server.cases["rate limit"] = {**server.cases["rate limit"], "headers": headers}
        answers, error = ask(model_for(server, max_in_flight=1), map(Request, prompts))
    assert error is None
    assert [answer.status for answer in answers.values()] == ["answered"] * len(prompts)
    return server.seen[1].at - server.seen[0].at


@pytest.fixture(scope="module")
def pauses():
    """Measure all pauses at the same time."""
    table = [(LEFT[way], ["hello", "you"]) for way in LEFT]
    table += [(ASKED[way], [LIMITED]) for way in ASKED]
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(len(table)) as pool:
        for vendor in VENDORS.values():
            patch.setenv(vendor["key_variable"], KEY)
        futures = [pool.submit(pause, *row[:2], prompts) for row, prompts in table]
        return dict(zip([*LEFT, *ASKED], futures, strict=True))


@pytest.mark.parametrize("way", LEFT)
def test_spent_allowance_is_waited_for(pauses, way):
    assert LEFT[way][2] <= pauses[way].result() < MISREAD


@pytest.mark.parametrize("way", ASKED)
def test_asked_for_pause_is_kept(pauses, way):
    assert ASKED[way][2] <= pauses[way].result() < MISREAD


def test_pause_holds_the_other_calls_too():
    with serving("anthropic") as server:
        ask(model_for(server, max_in_flight=1), [Request(LIMITED), Request("hello")])
        first, *others = server.seen
        assert min(seen.at for seen in others) - first.at >= 1.0
