"""Which answers a choice holds."""

from datetime import datetime, timedelta, timezone

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.store.keys import answer_key, prompt_sha256
from spacy_distill.teacher.store.records import count_answers, newest, read_records
from spacy_distill.teacher.store.selection import Selection

from .conftest import backdate

CAT, DOG, TEA = "Is the cat grey?", "Is the dog brown?", "Ein Täßchen 👍\r\nTee?"


def prompts(path, selection):
    return sorted(record.prompt for record in read_records(path, selection))


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, ["Bad", "Down", TEA, CAT, CAT, DOG]),
        ({"model": "m"}, [TEA, CAT, DOG]),
        ({"model": "M"}, []),
        ({"tags": {"run": "b"}}, ["Bad", "Down", CAT]),
        ({"tags": {"who": 'ä"\\'}}, [TEA]),
        ({"tags": {"run": "a", "who": "x"}}, []),
        ({"status": "refused"}, ["Bad"]),
        ({"status": "failed"}, ["Down"]),
        ({"pattern": "cat|dog"}, [CAT, CAT, DOG]),
        ({"pattern": "^ja$"}, [TEA]),
        ({"pattern": "(?s)👍.*Tee"}, [TEA]),
        ({"about": ["cat"]}, [CAT, CAT]),
        ({"about": [" the cat\n"]}, [CAT, CAT]),
        ({"about": ["THE CAT"]}, []),
        ({"about": ["dog", prompt_sha256("Bad")]}, ["Bad", DOG]),
        ({"about": [prompt_sha256("Bad")[:32]]}, []),
        ({"ids": [prompt_sha256(CAT)[:8]]}, [CAT, CAT]),
        ({"ids": [answer_key(CAT, "n", {})[:12].upper()]}, [CAT]),
        ({"model": "n", "pattern": "cat"}, [CAT]),
        ({"model": "n", "pattern": "dog"}, []),
    ],
)
def test_selection_holds(path, conditions, expected):
    assert prompts(path, Selection(**conditions)) == sorted(expected)
    assert count_answers(path, Selection(**conditions)) == len(expected)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"until": datetime(2026, 1, 31)}, []),
        ({"until": datetime(2026, 2, 1)}, [DOG]),
        ({"since": datetime(2026, 1, 31, 12), "until": datetime(2026, 1, 31, 12, 1)}, [DOG]),
        ({"until": datetime(2026, 1, 31, 12)}, []),
        ({"since": datetime(2026, 1, 31, 14, tzinfo=timezone(timedelta(hours=2)))}, [DOG, "Bad"]),
    ],
)
def test_selection_holds_a_time(path, conditions, expected):
    backdate(path, DOG, "2026-01-31")
    backdate(path, "Bad", "2026-03-01")
    for prompt in (CAT, TEA, "Down"):
        backdate(path, prompt, "2026-01-30")
    if "since" not in conditions:
        conditions = {**conditions, "since": datetime(2026, 1, 31)}
    assert prompts(path, Selection(**conditions)) == sorted(expected)


@pytest.mark.parametrize("conditions", [{"about": [" \n"]}, {"ids": [""]}, {"about": ["x", ""]}])
def test_selection_of_an_empty_text_is_refused(conditions):
    with pytest.raises(UserError, match="every answer"):
        Selection(**conditions)


def test_selection_by_what_is_no_pattern_is_refused():
    with pytest.raises(UserError, match=r"'\(' is no regular expression"):
        Selection(pattern="(")


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, True),
        ({"tags": {}, "about": [], "ids": []}, True),
        ({"model": ""}, False),
        ({"tags": {"run": "a"}}, False),
        ({"about": ["x"]}, False),
    ],
)
def test_selection_is_everything(conditions, expected):
    assert Selection(**conditions).is_everything is expected


def test_newest_records_come_last(path):
    for prompt, day in ((DOG, "2026-12-01"), ("Bad", "2026-12-03"), (TEA, "2026-12-02")):
        backdate(path, prompt, day)
    for prompt in (CAT, "Down"):
        backdate(path, prompt, "2026-01-01")
    assert [record.prompt for record in newest(path, 2)] == [TEA, "Bad"]
    assert [record.prompt for record in newest(path, 1, Selection(model="m"))] == [TEA]
