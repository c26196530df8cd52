"""The clients by name, and what must be installed for each of them."""

ARMS = {
    "spacy-llm": "chat_clients.pipelines:run_spacy_llm",
    "ours: label": "chat_clients.pipelines:run_label",
    "ours: nlp.pipe, llm": "chat_clients.pipelines:run_llm",
    "ours: nlp.pipe, distill_llm": "chat_clients.pipelines:run_distill_llm",
    "openai on httpx": "chat_clients.peers:run_openai_httpx",
    "openai on aiohttp": "chat_clients.peers:run_openai_aiohttp",
    "litellm": "chat_clients.peers:run_litellm",
    "aiohttp": "chat_clients.peers:run_aiohttp",
    "load generator": "chat_clients.peers:run_load",
}
# By arm: the module, and the distribution that brings it
PEERS = {
    "openai on httpx": {"openai": "openai"},
    "openai on aiohttp": {"openai": "openai", "httpx_aiohttp": "httpx-aiohttp"},
    "litellm": {"litellm": "litellm"},
}
