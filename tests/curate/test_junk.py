import pytest

from spacy_distill.curate.filters.junk import create_junk_filter
from spacy_distill.curate.filters.junk_signs import ends_open, is_auto_reply, is_log, letter_share

from .conftest import make_doc

STACK = 'Traceback (most recent call last):\n  File "a.py", line 3, in run\n    go()\nKeyError: 1'
MAIL = "I will be out of office and have limited access to my email. Kind regards"


@pytest.fixture
def junk():
    return create_junk_filter(0.4, ["n/a", "see attachment"], ["the", "my"])


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        (".....", "few letters (0%)"),
        ("👍👍 5/5", "few letters (0%)"),
        ("N/A.", "placeholder"),
        ("see  attachment", "placeholder"),
        ("https://www.example.com/item?id=4", "only links"),
        ("a@example.com, www.example.org", "only links"),
        ("test test", "repetitive"),
        ("No. No. No.", "repetitive"),
        ("aaaaaaa", "repetitive"),
        ("hahaha", "repetitive"),
        ("asdf", "keyboard run"),
        ("qwertz asdasd", "keyboard run"),
        ("It was fine until the", "cut off after 'the'"),
        ("Since then My", "cut off after 'My'"),
        ("2024-05-17 08:42:11,903 ERROR [sync-worker-3] reset by peer", "log"),
        ("May 17 08:42:11 host sshd[12]: session closed for user", "log"),
        ('10.0.0.1 - - [17/May/2024:08:42:11 +0000] "GET /index.html HTTP/1.1" 200', "log"),
        (STACK, "log"),
        ("Automatic reply: back on Monday", "automatic reply"),
        (MAIL, "automatic reply"),
    ],
)
def test_junk_is_dropped(junk, text, evidence):
    verdict = junk(make_doc(text))
    assert not verdict["keep"]
    assert evidence in verdict["evidence"].split("; ")


@pytest.mark.parametrize(
    "text",
    [
        "Works.",
        "ok",
        "were",
        "YES!!!!!!!!",
        "very very very good",
        "Order 2024-05-17 still missing, see https://example.com/track?id=9",
        "Since the update it says ERROR 504 at 08:42:11",
        "It broke at\n2024-05-17 08:42:11 ERROR worker died\nand I want my money back\nplease",
        "I am out of the office until Monday, so please deliver on Tuesday.",
        "Your automatic reply: useless.",
        "We are missing the",
        "电池坏了",
        "बैटरी खराब है",
        "¡Qué asco!",
    ],
)
def test_content_is_kept(text):
    judge = create_junk_filter(0.4, ["n/a"], ["until"])
    verdict = judge(make_doc(text))
    assert (verdict["keep"], verdict["evidence"]) == (True, "")


def test_junk_counts_its_signs(junk):
    verdict = junk(make_doc("the the"))
    assert (verdict["score"], verdict["threshold"]) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("text", "share"), [("abc", 1.0), ("a!!!!", 0.5), ("a 1 2 3", 0.25), ("", 0.0), ("---", 0.0)]
)
def test_letter_share(text, share):
    assert letter_share(text) == share


@pytest.mark.parametrize("text", ["", "the", "It ends here.", "with the!"])
def test_ends_open_needs_an_open_end(text):
    assert not ends_open(text, {"the"})


def test_log_in_a_comment_is_no_log():
    assert not is_log("Look:\n" + STACK)


def test_one_cue_is_no_auto_reply():
    assert not is_auto_reply("I have limited access to email here, call me.")
