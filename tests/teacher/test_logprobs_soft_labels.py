"""The arithmetic of soft labels, held against language models whose distribution is known."""

import math
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from spacy_distill.teacher.audit import LabelSpace, audit
from spacy_distill.teacher.logprobs import read_logprobs
from spacy_distill.teacher.masses import weigh
from spacy_distill.teacher.soft_labels import MAX_UNKNOWN, soft_label
from spacy_distill.ty import Answer, Request, TokenLogprob

from .language_model import LanguageModel, serving_model

NAMES = (
    "refund",
    "Refund_or_return",
    "return",
    "very",
    "very bad",
    "very good",
    "bug",
    "über",
    "übel",
    "größe",
)
JUNK = ("I think so", "very odd", "r", "re", "zebra", "42", "ü", "veritas", "\n\n", "bug, return")


def normalize(text):
    return text.strip().lower()


def make_space(names, *, exclusive=True, binary=False):
    by_answer = {normalize(name): name for name in names}
    return LabelSpace(by_answer, normalize, exclusive, False, binary)


@pytest.fixture(scope="module")
def client():
    with serving_model() as found:
        yield found


def split(*answers):
    """Make a model from answers such as ("re|fund", 0.5)."""
    return LanguageModel(
        {tuple(part.encode("utf8") for part in text.split("|")): p for text, p in answers}
    )


def ask(client, model, **kwargs):
    choice = client.ask(model, **kwargs)
    return Answer(Request("p"), choice["message"]["content"], logprobs=read_logprobs(choice))


def seed_for(client, model, text):
    """Find a seed with which the model gives an answer."""
    seeds = (i for i in range(500) if model.complete(i, 0, False)[0] == text)
    return next(seeds)


def read(client, model, space, text, **kwargs):
    answer = ask(client, model, seed=seed_for(client, model, text), **kwargs)
    return soft_label(answer, audit(answer, space).labels, space)


@pytest.mark.parametrize(
    ("model", "names", "text", "expected"),
    [
        # one token each
        ([("bug", 0.7), ("refund", 0.3)], ("bug", "refund"), "bug", {"bug": 0.7, "refund": 0.3}),
        # a shared first token, and the mass of both behind it
        (
            [("very| bad", 0.3), ("very| good", 0.5), ("bug", 0.2)],
            ("very bad", "very good", "bug"),
            "very bad",
            {"very bad": 0.3, "very good": 0.5, "bug": 0.2},
        ),
        # one label is the beginning of another: the end of the answer decides
        (
            [("refund", 0.6), ("refund|_or|_return", 0.3), ("bug", 0.1)],
            ("refund", "Refund_or_return", "bug"),
            "refund",
            {"refund": 0.6, "Refund_or_return": 0.3, "bug": 0.1},
        ),
        (
            [("refund|\n", 0.6), ("refund|_or|_return", 0.3), ("bug", 0.1)],
            ("refund", "Refund_or_return", "bug"),
            "refund_or_return",
            {"refund": 0.6, "Refund_or_return": 0.3, "bug": 0.1},
        ),
        # several ways to write a label, with decoration, add up
        (
            [
                ('"|bug|"', 0.2),
                ('"|refund|"', 0.1),
                ("bug|.", 0.4),
                (" Bug", 0.1),
                ("REF|UND", 0.2),
            ],
            ("bug", "refund"),
            '"bug"',
            {"bug": 0.7, "refund": 0.3},
        ),
        # what is no label is left out
        (
            [("bug", 0.3), ("refund", 0.1), ("I| think", 0.6)],
            ("bug", "refund"),
            "bug",
            {"bug": 0.75, "refund": 0.25},
        ),
    ],
)
def test_soft_label_is_exact_where_identified(client, model, names, text, expected):
    scores, reason = read(client, split(*model), make_space(names), text)
    assert scores == pytest.approx(expected)
    assert reason == ""


def test_soft_label_joins_bytes_of_a_character(client):
    model = LanguageModel(
        {
            (b"\xc3", b"\xbcber"): 0.4,
            (b"\xc3", b"\xbcbel"): 0.1,
            (b"bug",): 0.5,
        }
    )
    scores, _ = read(client, model, make_space(("über", "übel", "bug")), "über")
    assert scores == pytest.approx({"über": 0.4, "übel": 0.1, "bug": 0.5})


def test_soft_label_of_a_single_label(client):
    model = split(("POS", 0.5), ("P|OS", 0.1), ("NEG", 0.2), ("I| can't", 0.2))
    space = make_space(("spam",), exclusive=False, binary=True)
    for text in ("POS", "NEG"):
        scores, _ = read(client, model, space, text)
        assert scores == pytest.approx({"spam": 0.75})


@pytest.mark.parametrize(
    ("text", "unknown"),
    [("bug", 0.8), ("very bad", 0.0)],
)
def test_soft_label_needs_the_shared_beginning_to_be_sampled(client, text, unknown):
    model = split(("very| bad", 0.3), ("very| good", 0.5), ("bug", 0.2))
    space = make_space(("very bad", "very good", "bug"))
    answer = ask(client, model, seed=seed_for(client, model, text))
    assert weigh(answer.logprobs, space).unknown == pytest.approx(unknown)
    scores, reason = soft_label(answer, (text,), space)
    assert (scores is None) == (unknown > MAX_UNKNOWN)
    assert ("80% open" in reason) == (text == "bug")


def test_soft_label_without_the_end_token_leaves_prefixes_open(client):
    model = split(("refund", 0.6), ("refund|_or|_return", 0.4))
    space = make_space(("refund", "Refund_or_return"))
    scores, reason = read(client, model, space, "refund", reports_end=False)
    assert scores is None
    assert "leave 100% open" in reason
    scores, _ = read(client, model, space, "refund_or_return", reports_end=False)
    assert scores == pytest.approx({"refund": 0.6, "Refund_or_return": 0.4})


def test_soft_label_gives_a_little_unknown_to_the_labels_it_is_open_for(client):
    model = split(("bug", 0.96), ("very| bad", 0.03), ("very| good", 0.01))
    space = make_space(("very bad", "very good", "bug"))
    scores, _ = read(client, model, space, "bug")
    assert scores == pytest.approx({"bug": 0.96, "very bad": 0.02, "very good": 0.02})


def test_soft_label_counts_what_is_not_listed_as_unknown(client):
    model = split(("bug", 0.5), ("refund", 0.3), ("return", 0.2))
    space = make_space(("bug", "refund", "return"))
    scores, reason = read(client, model, space, "bug", n_top=2)
    assert scores is None
    assert "20% open" in reason
    scores, _ = read(client, model, space, "return", n_top=2)  # listed or not, it was sampled
    assert scores == pytest.approx({"bug": 0.5, "refund": 0.3, "return": 0.2})


@pytest.mark.parametrize(
    ("response", "tokens"),
    [
        ("bug", (("thinking", -0.1), ("bug", -0.1))),
        ("bug", (("bu", -0.1),)),
        ("bug", (("b�g", -0.1),)),
    ],
)
def test_soft_label_refuses_log_probabilities_of_another_text(response, tokens):
    answer = Answer(Request("p"), response, logprobs=tuple(TokenLogprob(*pair) for pair in tokens))
    scores, reason = soft_label(answer, ("bug",), make_space(("bug", "refund")))
    assert scores is None
    assert "another text" in reason


def test_soft_label_refuses_a_walk_to_another_label_than_the_audit():
    answer = Answer(Request("p"), "bug", logprobs=(TokenLogprob("bug", -0.1),))
    scores, reason = soft_label(answer, ("refund",), make_space(("bug", "refund")))
    assert scores is None
    assert "do not lead to 'refund'" in reason


@pytest.mark.parametrize("logprobs", [(), (TokenLogprob("bug", -0.1),)])
def test_soft_label_is_none_without_need(logprobs):
    answer = Answer(Request("p"), "bug", logprobs=logprobs)
    space = make_space(("bug", "refund"), exclusive=not logprobs)
    assert soft_label(answer, ("bug",), space) == (None, "")


def test_masses_keep_tokens_apart_that_are_written_alike():
    top = (("bug", math.log(0.5)), ("bug", math.log(0.3)), ("refund", math.log(0.2)))
    tokens = (TokenLogprob("bug", math.log(0.3), top),)
    masses = weigh(tokens, make_space(("bug", "refund")))
    assert masses.known == pytest.approx({"bug": 0.8, "refund": 0.2})
    assert masses.unknown == pytest.approx(0.0)


def test_masses_know_nothing_of_an_empty_token():
    top = (("bug", math.log(0.5)), ("", math.log(0.5)))
    masses = weigh((TokenLogprob("bug", math.log(0.5), top),), make_space(("bug", "refund")))
    assert masses.unknown == pytest.approx(0.5)


def test_masses_of_a_very_unlikely_token_are_unknown():
    masses = weigh((TokenLogprob("bug", -9999.0),), make_space(("bug", "refund")))
    assert masses.unknown == 1.0


def is_safe(text, space):
    """Say whether an answer that is no label never begins like one label alone."""
    plain = normalize(text.lstrip(' \n"*'))
    beginnings = (plain[:i] for i in range(1, len(plain) + 1))
    return not any(
        sum(known.startswith(beginning) for known in space.by_answer) == 1
        or beginning in space.by_answer
        for beginning in beginnings
    )


def cut(data, places):
    """Cut an answer into tokens, also in the middle of a character."""
    places = sorted({0, len(data), *(place % len(data) for place in places)})
    return tuple(data[i:j] for i, j in pairwise(places))


@st.composite
def models(draw):
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=6, unique=True))
    space = make_space(names)
    written = st.tuples(
        st.sampled_from(("", " ", "\n", '"', "**")),
        st.one_of(st.sampled_from(names), st.sampled_from(names).map(str.upper)),
        st.sampled_from(("", "", ".", "\n", '"', ",")),
    ).map("".join)
    texts = st.one_of(written, written, st.sampled_from(JUNK))
    rows = draw(
        st.lists(
            st.tuples(texts, st.lists(st.integers(0, 20), max_size=4), st.integers(1, 100)),
            min_size=1,
            max_size=10,
        )
    )
    answers = {}
    for text, places, weight in rows:
        ok = audit(Answer(Request("p"), text), space).labels is not None
        if ok or is_safe(text, space):
            tokens = cut(text.encode("utf8"), places)
            answers[tokens] = answers.get(tokens, 0) + weight
    assume(answers)
    return space, LanguageModel(answers)


def true_distribution(model, space):
    """Return the probability of each label, by auditing every answer that the model can give."""
    true = dict.fromkeys(space.labels, 0.0)
    for tokens, probability in model.answers.items():
        audited = audit(Answer(Request("p"), b"".join(tokens).decode("utf8")), space)
        for label in audited.labels or ():
            true[label] += probability
    return true


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(models(), st.integers(0, 5), st.sampled_from((1, 2, 5, 20)), st.booleans())
def test_masses_are_bounds_of_the_true_distribution(client, drawn, seed, n_top, reports_end):
    space, model = drawn
    answer = ask(client, model, seed=seed, n_top=n_top, reports_end=reports_end)
    masses = weigh(answer.logprobs, space)
    true = true_distribution(model, space)
    total = sum(masses.known.values()) + sum(masses.open.values()) + masses.outside
    assert total == pytest.approx(1.0)
    for label, probability in true.items():
        may_be = sum(mass for labels, mass in masses.open.items() if label in labels)
        low = masses.known[label]
        assert low - 1e-9 <= probability <= low + may_be + 1e-9
    audited = audit(answer, space)
    if audited.labels is not None:
        scores, reason = soft_label(answer, audited.labels, space)
        assert (scores is None) == (masses.unknown > MAX_UNKNOWN) == bool(reason)
        valid = sum(true.values())
        for label, score in (scores or {}).items():
            assert abs(score - true[label] / valid) <= masses.unknown + 1e-9


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(models(), st.integers(0, 5))
def test_soft_label_is_exact_where_nothing_is_open(client, drawn, seed):
    space, model = drawn
    answer = ask(client, model, seed=seed)
    audited = audit(answer, space)
    assume(audited.labels is not None)
    masses = weigh(answer.logprobs, space)
    assume(masses.unknown < 1e-9)
    true = true_distribution(model, space)
    expected = {label: p / sum(true.values()) for label, p in true.items()}
    scores, _ = soft_label(answer, audited.labels, space)
    assert scores == pytest.approx(expected, abs=1e-9)
