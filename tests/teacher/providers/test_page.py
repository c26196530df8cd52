"""The config blocks of docs/providers.md: they build without key and network, and ask as documented."""

import re

import pytest
from confection import Config
from spacy_llm.registry import registry

from spacy_distill.ty import AnswerModel, Request

from ...conftest import ROOT
from .vendors import KEY, PATH, VENDORS, ask, serving

PAGE = (ROOT / "docs" / "providers.md").read_text(encoding="utf8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
NOT_TRIED = re.compile(
    r"^From the (vendor|project)'s documentation; not tried against ", re.MULTILINE
)
DEFAULT_URL = "https://api.openai.com/v1"
NAMES = sorted(VENDORS)


def section(name):
    return SECTIONS[VENDORS[name]["section"]]


def block(name):
    """Return the one config block of a vendor's section, as spaCy reads it."""
    (text,) = re.findall(r"```ini\n(.*?)```", section(name), re.DOTALL)
    return Config().from_str(f"[components]\n[components.llm]\n{text}")["components"]["llm"][
        "model"
    ]


@pytest.fixture(params=NAMES)
def asked(request):
    """A vendor's block, redirected to its loopback server, and what that server saw."""
    settings = block(request.param)
    with serving(request.param) as server:
        model = registry.resolve({"model": {**settings, "base_url": server.base_url}})["model"]
        answers, error = ask(model, [Request("hello")])
        assert error is None
        assert answers[Request("hello")].response == "hello"
        (seen,) = server.seen
        yield server, settings, seen


def test_page_has_a_section_for_each_vendor_and_no_other():
    assert set(SECTIONS) == {vendor["section"] for vendor in VENDORS.values()}


@pytest.mark.parametrize("name", NAMES)
def test_block_is_built_without_key_and_network(name, monkeypatch):
    monkeypatch.delenv(VENDORS[name]["key_variable"])
    assert isinstance(registry.resolve({"model": block(name)})["model"], AnswerModel)


@pytest.mark.parametrize("name", NAMES)
def test_block_is_a_whole_config(name):
    settings = block(name)
    assert settings["@llm_models"] == "spacy-distill.ChatModel.v1"
    assert settings.get("base_url", DEFAULT_URL) == VENDORS[name]["base_url"]
    assert settings["key_variable"] == VENDORS[name]["key_variable"]
    assert {"max_tokens", "max_completion_tokens"} & set(settings["config"])


@pytest.mark.parametrize("name", NAMES)
def test_section_says_that_it_was_not_tried(name):
    assert len(NOT_TRIED.findall(section(name))) == 1


@pytest.mark.parametrize("name", NAMES)
def test_section_names_what_is_refused_and_ignored(name):
    named = set(re.findall(r"`(\w+)`", section(name)))
    assert {*VENDORS[name]["refused"], *VENDORS[name]["ignored"]} <= named


@pytest.mark.parametrize("name", NAMES)
def test_table_has_url_and_variable(name):
    row = f"| `{VENDORS[name]['base_url']}` | `{VENDORS[name]['key_variable']}` |"
    assert row in PAGE or name == "azure-deployment"


@pytest.mark.parametrize("anchor", re.findall(r"\]\(#([\w-]+)\)", PAGE))
def test_anchor_leads_to_a_section(anchor):
    heads = [re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in SECTIONS]
    assert anchor in heads


def test_request_goes_to_the_documented_path_and_query(asked):
    server, _, seen = asked
    assert (seen.path, seen.query) == (server.prefix + PATH, server.vendor["query"])


def test_key_stands_in_its_header_alone(asked):
    server, _, seen = asked
    holders = {name: value for name, value in seen.headers.items() if KEY in value}
    expected = server.vendor["key_prefix"] + KEY
    assert holders == {server.vendor["key_header"].lower(): expected}
    assert KEY not in str(seen.body)


def test_headers_of_the_block_are_sent(asked):
    _, settings, seen = asked
    for name, value in settings.get("headers", {}).items():
        assert seen.headers[name.lower()] == value


def test_body_holds_the_config_and_nothing_else(asked):
    _, settings, seen = asked
    messages = [{"role": "user", "content": "hello"}]
    assert seen.body == {"model": settings["model"], "messages": messages, **settings["config"]}


@pytest.mark.parametrize("name", [name for name in NAMES if not VENDORS[name]["needs_key"]])
def test_a_local_server_is_sent_no_other_key(name, monkeypatch):
    monkeypatch.delenv(VENDORS[name]["key_variable"])
    with serving(name) as server:
        settings = {**block(name), "base_url": server.base_url}
        ask(registry.resolve({"model": settings})["model"], [Request("hello")])
        assert KEY not in str(server.seen[0].headers)
