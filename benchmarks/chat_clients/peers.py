"""Other clients, used as their documentation shows, with as many questions at a time as we have.

They keep their answers in memory; none of them writes a store.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

from chat_server.load import load
from chat_server.loops import run

from .measure import Settings, Watch, read_prompts, result

Ask = Callable[[str], Awaitable[str]]
KEY = "none"


def run_load(settings: Settings) -> dict[str, Any]:
    """Load the server with a client that does next to nothing: the ceiling of all others."""
    seconds, cpu = run(load(settings.url, read_prompts(settings.inputs), settings.in_flight))
    return {
        "seconds": round(seconds, 3),
        "per_second": round(settings.n / seconds, 1),
        "client_cpu_s_per_1000": round(1_000 * cpu / settings.n, 3),
    }


def run_aiohttp(settings: Settings) -> dict[str, Any]:
    """Ask all prompts with aiohttp and nothing else, which ours stands on."""
    return run_peer(aiohttp_raw, settings)


def run_openai_httpx(settings: Settings) -> dict[str, Any]:
    """Ask all prompts with the openai SDK as it comes."""
    return run_peer(partial(openai_sdk, transport="httpx"), settings)


def run_openai_aiohttp(settings: Settings) -> dict[str, Any]:
    """Ask all prompts with the openai SDK on its faster transport."""
    return run_peer(partial(openai_sdk, transport="aiohttp"), settings)


def run_litellm(settings: Settings) -> dict[str, Any]:
    """Ask all prompts with litellm."""
    return run_peer(litellm_sdk, settings)


def run_peer(
    connect: Callable[[Settings], AbstractAsyncContextManager[Ask]], settings: Settings
) -> dict[str, Any]:
    """Ask all prompts with an asynchronous client.

    connect (Callable): Returns an asynchronous context manager that gives a function from a prompt
        to its answer.
    settings (Settings): What to run it with.
    RETURNS (dict): Its figures.
    """
    prompts = read_prompts(settings.inputs)
    answers: dict[str, str] = {}

    async def work(ask: Ask, waiting: Iterator[str]) -> None:
        for prompt in waiting:
            answers[prompt] = await ask(prompt)

    async def main() -> Watch:
        waiting = iter(prompts)
        async with connect(settings) as ask:
            with Watch() as watch:
                await asyncio.gather(*(work(ask, waiting) for _ in range(settings.in_flight)))
        return watch

    watch = asyncio.run(main())
    return result(watch, answers.items(), settings)


def message(prompt: str) -> list[dict[str, str]]:
    """Return the messages of a prompt."""
    return [{"role": "user", "content": prompt}]


@asynccontextmanager
async def aiohttp_raw(settings: Settings) -> AsyncIterator[Ask]:
    """Post with aiohttp."""
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(prompt: str) -> str:
            body = {"model": "bench", "messages": message(prompt)}
            async with session.post(f"{settings.url}/chat/completions", json=body) as response:
                data = json.loads(await response.read())
            return str(data["choices"][0]["message"]["content"])

        yield ask


@asynccontextmanager
async def openai_sdk(settings: Settings, *, transport: str) -> AsyncIterator[Ask]:
    """Ask with the openai SDK on one of its two transports."""
    import openai

    http_client = openai.DefaultAioHttpClient() if transport == "aiohttp" else None
    async with openai.AsyncOpenAI(
        base_url=settings.url, api_key=KEY, http_client=http_client
    ) as client:

        async def ask(prompt: str) -> str:
            found = await client.chat.completions.create(model="bench", messages=message(prompt))
            return str(found.choices[0].message.content)

        yield ask


@asynccontextmanager
async def litellm_sdk(settings: Settings) -> AsyncIterator[Ask]:
    """Ask with litellm."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or importing it asks the internet
    import litellm

    async def ask(prompt: str) -> str:
        found = await litellm.acompletion(
            model="openai/bench", api_base=settings.url, api_key=KEY, messages=message(prompt)
        )
        return str(found.choices[0].message.content)

    yield ask
