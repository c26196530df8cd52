import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.teacher.audit import LabelSpace
from spacy_distill.teacher.logprobs import is_end, read_logprobs, token_bytes
from spacy_distill.teacher.masses import possible_labels
from spacy_distill.ty import TokenLogprob

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("token", "logprob", "bytes", "top_logprobs", "content")),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def choice(*entries):
    return {"logprobs": {"content": list(entries)}}


def entry(token="bug", logprob=-0.5, **other):
    return {"token": token, "logprob": logprob, **other}


def test_logprobs_are_read_with_their_alternatives():
    found = read_logprobs(
        choice(
            entry("bu", -0.5, bytes=[98, 117], top_logprobs=[entry("bu"), entry("re", -1)]),
            entry("g", 0, bytes=None, top_logprobs=[]),
        )
    )
    assert found == (
        TokenLogprob("bu", -0.5, (("bu", -0.5), ("re", -1.0))),
        TokenLogprob("g", 0.0, ()),
    )


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"logprobs": None},
        {"logprobs": []},
        {"logprobs": {}},
        {"logprobs": {"content": None}},
        {"logprobs": {"tokens": ["bug"], "token_logprobs": [-0.5]}},
        choice(entry(), None),
        choice(entry(), {"token": "x"}),
        choice(entry(), {"logprob": -1.0}),
        choice(entry(), entry(logprob=float("nan"))),
        choice(entry(), entry(logprob=2.0)),
        choice(entry(), entry(token=7)),
    ],
)
def test_logprobs_with_a_gap_are_none(odd):
    assert read_logprobs(odd) == ()


def test_logprobs_leave_out_alternatives_that_are_malformed():
    top = [entry(), None, {}, entry("x", None), entry("re", -2.0)]
    (found,) = read_logprobs(choice(entry(top_logprobs=top)))
    assert found.top == (("bug", -0.5), ("re", -2.0))


@pytest.mark.parametrize(
    ("logprob", "expected"), [(1e-7, 0.0), (-12345.0, -9999.0), (float("-inf"), -9999.0)]
)
def test_logprobs_stay_in_their_range(logprob, expected):
    (found,) = read_logprobs(choice(entry(logprob=logprob)))
    assert found.logprob == expected


@pytest.mark.parametrize(
    ("token", "data", "expected", "raw"),
    [
        ("bug", None, "bug", b"bug"),
        ("bug", [], "bug", b"bug"),
        ("Ġbug", [32, 98, 117, 103], " bug", b" bug"),
        ("\ufffd", [0xE2, 0x80], "bytes:\\xe2\\x80", b"\xe2\x80"),
        ("bytes:\\xe2\\x80", [0xE2, 0x80], "bytes:\\xe2\\x80", b"\xe2\x80"),
        ("bytes:\\xe2\\x80", None, "bytes:\\xe2\\x80", b"\xe2\x80"),
        ("bug", [300], "bug", b"bug"),
        ("bug", ["b"], "bug", b"bug"),
        ("bug", 5, "bug", b"bug"),
        ("bytes:", None, "bytes:", b"bytes:"),
    ],
)
def test_logprobs_bytes_of_a_token_decide(token, data, expected, raw):
    (found,) = read_logprobs(choice(entry(token, bytes=data)))
    assert found.token == expected
    assert token_bytes(found.token) == raw


@given(JSON_VALUES)
def test_logprobs_survive_any_json(value):
    for odd in ({"logprobs": value}, choice(value), choice(entry(top_logprobs=value))):
        for token in read_logprobs(odd):
            assert token.logprob <= 0.0
            token_bytes(token.token)


@given(st.lists(st.binary(min_size=1, max_size=4), max_size=8))
def test_logprobs_bytes_survive_the_way(tokens):
    found = read_logprobs(choice(*(entry("?", bytes=list(token)) for token in tokens)))
    assert [token_bytes(x.token) for x in found] == tokens
    assert all(x.token.encode("utf8") for x in found)  # so that any store can keep them


@pytest.mark.parametrize(
    ("token", "ends"),
    [
        ("<|im_end|>", True),
        ("<|eot_id|>", True),
        ("<｜end▁of▁sentence｜>", True),
        ("</s>", True),
        ("<end_of_turn>", True),
        ("", False),
        ("\n", False),
        ("<b>", False),
        ("<|", False),
    ],
)
def test_logprobs_know_the_end_of_an_answer(token, ends):
    assert is_end(token) == ends


@pytest.mark.parametrize(
    ("path", "token", "names", "expected"),
    [
        (b"", "", "bug refund", "bug refund"),
        (b"", " \n", "bug refund", "bug refund"),
        (b"", "**", "bug refund", "bug refund"),
        (b"", "B", "bug refund", "bug"),
        (b"", "re", "bug refund return", "refund return"),
        (b"re", "ad", "bug refund return", ""),
        (b"refund", "</s>", "refund refund_or_return", "refund"),
        (b"refund", "_", "refund refund_or_return", "refund refund_or_return"),
        (b"refund", "_or", "refund refund_or_return", "refund_or_return"),
        (b"refund", " ", "refund refund_or_return", "refund"),
        (b"refund", ".", "refund refund_or_return", "refund"),
        (b"refund", ",", "refund refund_or_return", "refund"),
        (b"refund", "\n", "refund refund_or_return", "refund"),
        (b"refund\n", "bytes:\\xc3", "refund refund_or_return", "refund"),
        (b"re", "</s>", "refund return", ""),
        (b"caf", "bytes:\\xc3", "caf café", "café"),
        (b"caf\xc3", "bytes:\\xa9", "caf café", "café"),
        (b"caf", "\ufffd", "caf bug", ""),
        (b"", "_c", "_c_ c_ d", "_c_ c_"),
        (b"\xc2\xa0\n", "b", "bug refund", "bug"),
    ],
)
def test_masses_possible_labels(path, token, names, expected):
    by_answer = {name: name for name in names.split()}
    space = LabelSpace(by_answer, lambda text: text.strip().lower(), True, False, False)
    assert possible_labels(path, token, space) == tuple(expected.split())
