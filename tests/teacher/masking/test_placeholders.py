import pickle

import pytest

from spacy_distill.teacher.masking.placeholders import Placeholders


@pytest.fixture
def placeholders():
    given = Placeholders("Mail anna@example.com or ben@example.com; Anna")
    for string, kind in [
        ("anna@example.com", "email"),
        ("ben@example.com", "email"),
        ("Anna", "name"),
    ]:
        given.give(string, kind)
    return given


def test_placeholders_are_the_same_for_the_same_string():
    given = Placeholders("")
    assert [given.give(x, "email") for x in ("a@b.co", "c@d.co", "a@b.co")] == [
        "[EMAIL_1]",
        "[EMAIL_2]",
        "[EMAIL_1]",
    ]


@pytest.mark.parametrize(
    "held",
    ["[EMAIL_1]", "email_1", "[Email 1]", "[email-1s]", "EMAIL\\_1", "[EMAIL_01]", "xEMAIL_12"],
)
def test_placeholders_are_none_that_the_text_holds(held):
    given = Placeholders(f"He wrote {held} to me")
    assert given.give("a@b.co", "email") == "[EMAIL_2]"
    assert given.give("10.0.0.1", "ip") == "[IP_1]"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("[EMAIL_1]", "anna@example.com"),
        ("[email_1]", "anna@example.com"),
        ("[Email 2]", "ben@example.com"),
        ("[EMAIL-2]", "ben@example.com"),
        ("EMAIL_2.", "ben@example.com."),
        ("to `email_1`", "to `anna@example.com`"),
        ("(NAME_1)", "(Anna)"),
        ("<NAME_1>", "<Anna>"),
        ("[[NAME_1]]", "[Anna]"),
        ("[NAME_1, EMAIL_1]", "[Anna, anna@example.com]"),
        ("[NAME_1]'s mail", "Anna's mail"),
        ("[NAME_1]s mail", "Annas mail"),
        ("NAME_1's mail", "Anna's mail"),
        ("NAME_1s and [NAME_1s]", "Annas and Annas"),
        ("[NAME_1’s]", "Anna’s"),
        ("\\[NAME\\_1\\]", "Anna"),
        ("**[NAME_1]**|True|PERSON", "**Anna**|True|PERSON"),
        ('{"who": "[NAME_1]"}', '{"who": "Anna"}'),
        ("[NAME_01]", "Anna"),
    ],
)
def test_placeholders_are_known_as_models_write_them(placeholders, answer, expected):
    assert placeholders.restore(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "[EMAIL_3]",
        "[PHONE_1]",
        "[NAME_12]",
        "NAME_11",
        "MYNAME_1",
        "NAME_1st",
        "NAME_1_2",
        "email 1",
        "name1",
        "[NAME_]",
        "[NAME_1234567]",
        f"[NAME_{'1' * 5000}]",
        "[N\u0130ME_1]",
        "",
    ],
)
def test_placeholders_that_were_not_given_stay(placeholders, answer):
    assert placeholders.restore(answer) == answer


def test_placeholders_in_a_string_are_not_read_again():
    given = Placeholders("")
    given.give("x", "name")
    given.give("[NAME_1]", "phone")
    assert given.restore("[PHONE_1] [NAME_1]") == "[NAME_1] x"


def test_placeholders_stay_in_memory(placeholders):
    with pytest.raises(TypeError, match="stays in memory"):
        pickle.dumps(placeholders)
    assert "anna" not in repr(placeholders)
