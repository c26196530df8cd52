import pytest
from typer.testing import CliRunner

from spacy_distill.cli.app import distill_app
from spacy_distill.errors import UserError
from spacy_distill.io import read_json
from spacy_distill.teacher.label import label
from spacy_distill.teacher.money.sample import ask_drawn
from spacy_distill.teacher.money.tokens import load_tokenizer
from spacy_distill.teacher.plan import plan

from .usage_server import PRICE, TOKENS_PER_MESSAGE

MAX_TOKENS = 60


@pytest.fixture
def config(server, tmp_path):
    return server.write_config(tmp_path / "teacher.cfg", max_tokens=MAX_TOKENS)


@pytest.fixture
def store(tmp_path):
    return tmp_path / "answers.sqlite"


def inside(estimate, actual):
    return estimate.low <= actual <= estimate.high


def label_all(config, texts, store):
    label(config, [texts], store.parent / "labelled", store_path=store)


def test_forecast_from_a_sample_holds(config, texts, store, server, tokenizer_file):
    sampled = ask_drawn(plan(config, [texts], store_path=store, n_drawn=30))
    assert (sampled.n_answers, sampled.n_failed) == (30, 0)
    assert sampled.cost == pytest.approx(server.billed)
    found = plan(config, [texts], store_path=store)
    counted = plan(config, [texts], store_path=store, tokenizer=tokenizer_file)
    n_before, before = len(server.usages), server.billed
    label_all(config, texts, store)
    new, billed = server.usages[n_before:], server.billed - before
    assert len(new) == found.corpora[0].n_http == found.corpora[0].n_new == 270
    for forecasts in (found.forecasts, counted.forecasts):
        assert (forecasts.basis, forecasts.n_observed) == ("usage", 30)
        total = forecasts.total
        assert inside(total.completion_tokens, sum(usage["completion_tokens"] for usage in new))
        assert inside(total.cost, billed)
        assert total.cost.value == pytest.approx(billed, rel=0.1)
        assert billed < total.worst_cost
    n_prompt = sum(usage["prompt_tokens"] for usage in new)
    assert inside(found.forecasts.total.prompt_tokens, n_prompt)
    assert counted.forecasts.total.prompt_tokens.value == pytest.approx(n_prompt)  # a line exactly


def test_tokenizer_alone_misses_only_the_tokens_per_message(
    config, few_texts, store, server, tokenizer_file
):
    found = plan(config, [few_texts], store_path=store, tokenizer=tokenizer_file)
    label_all(config, few_texts, store)
    actual = sum(usage["prompt_tokens"] - TOKENS_PER_MESSAGE for usage in server.usages)
    assert found.forecasts.total.prompt_tokens.value == actual
    assert found.forecasts.total.cost is None
    assert server.billed < found.forecasts.total.worst_cost


def test_system_prompt_counts_with_each_call(server, few_texts, store, tokenizer_file, tmp_path):
    path = server.write_config(tmp_path / "teacher.cfg")
    with path.open("a", encoding="utf8") as file:
        file.write('system = "You sort comments."\n')
    plain = server.write_config(tmp_path / "plain.cfg")
    n_system = load_tokenizer(tokenizer_file)("You sort comments.")
    with_system, without = (
        plan(one, [few_texts], store_path=store, tokenizer=tokenizer_file).corpora[0].size
        for one in (path, plain)
    )
    assert with_system - without == 60 * n_system


def test_answers_of_one_call_are_paid_with_one_prompt(server, few_texts, store, tmp_path):
    path = server.write_config(tmp_path / "teacher.cfg", n=3)
    drawn = plan(path, [few_texts], store_path=store, samples=6, n_drawn=30)
    ask_drawn(drawn)
    found = plan(path, [few_texts], store_path=store, samples=6)
    n_before, before = len(server.usages), server.billed
    label(path, [few_texts], tmp_path / "labelled", store_path=store, samples=6)
    (corpus,) = found.corpora
    assert (corpus.n_new, corpus.n_http) == (30 * 6, 30 * 2)
    assert len(server.usages) - n_before == pytest.approx(corpus.n_http, rel=0.05)
    assert inside(found.forecasts.total.cost, server.billed - before)


def test_drawn_prompts_are_some_that_would_be_asked(config, few_texts, store):
    drawn = plan(config, [few_texts], store_path=store, n_drawn=20).drawn
    ask_drawn(plan(config, [few_texts], store_path=store, n_drawn=20))
    again = plan(config, [few_texts], store_path=store, n_drawn=500).drawn
    assert len(set(drawn)) == 20
    assert len(set(again)) == 40
    assert not set(drawn) & set(again)


def test_endpoint_that_reports_no_usage_leaves_the_forecast_rough(config, few_texts, store, server):
    server.says_usage = False
    sampled = ask_drawn(plan(config, [few_texts], store_path=store, n_drawn=10))
    assert sampled.n_failed == 0
    assert plan(config, [few_texts], store_path=store).forecasts.basis == "characters"


def test_wrapped_model_is_not_asked_for_a_sample(few_texts, store, tmp_path, config):
    text = config.read_text(encoding="utf8")
    block = text.index("@llm_models")
    path = tmp_path / "foreign.cfg"
    path.write_text(text[:block] + '@llm_models = "nobody.HasThis.v1"\n', encoding="utf8")
    found = plan(path, [few_texts], store_path=store, n_drawn=5)
    assert not found.terms.reports_usage
    with pytest.raises(UserError, match="does not report the tokens"):
        ask_drawn(found)


@pytest.fixture
def run(config, few_texts, store, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def plan_command(*words, answer=""):
        command = ["plan", config, few_texts, "--store", store, "--show", 0, *words]
        return CliRunner().invoke(distill_app, [str(word) for word in command], input=answer)

    return plan_command


def flat(result):
    return " ".join(result.output.split())


def test_command_forecasts_from_a_sample(run, server, tmp_path):
    result = run("--sample", 30, "--yes", "--report", tmp_path / "plan.json")
    assert result.exit_code == 0, result.output
    assert "30 answers for $0.0" in flat(result)
    assert "from what 30 earlier calls" in flat(result)
    assert "30 questions would be asked; 30 are answered" in flat(result)
    assert "$0.15 and $0.6 per million" in flat(result)
    report = read_json(tmp_path / "plan.json")
    assert (report["basis"], report["n_observed"]) == ("usage", 30)
    cost = report["total"]["cost"]
    assert 0 < cost["low"] < cost["value"] < cost["high"] < report["total"]["worst_cost"]
    assert report["corpora"][0]["forecast"]["cost"] == cost
    assert report["terms"]["price"] == pytest.approx(vars(PRICE))
    assert "drawn" not in report
    assert len(server.usages) == 30


def test_command_asks_before_it_pays(run, server, store):
    result = run("--sample", 30, answer="n\n")
    assert result.exit_code == 1
    assert "They are paid" in flat(result)
    assert not server.usages
    assert not store.exists()


def test_command_says_that_characters_are_rough(run):
    assert "rough, with an unknown error" in flat(run())
    assert "--sample 50" in flat(run())


def test_command_says_what_a_tokenizer_leaves_out(run, tokenizer_file):
    assert "without the endpoint's own few tokens" in flat(run("--tokenizer", tokenizer_file))
