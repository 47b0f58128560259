"""OpenAI, and everything that speaks as it does (Ollama, vLLM, llama.cpp, …), through the library openai."""

from typing import Any

import httpx2
import openai

from cuaderno.chat import Message
from cuaderno.chat.connection import PLACEHOLDER
from cuaderno.chat.faults import Refused, Strange, chain
from cuaderno.chat.servers import Replies, Server


def speak(http: httpx2.Client, server: Server, messages: list[Message], options: dict[str, Any]) -> Replies:
    """Pieces of the answer, each with how it ended, "" while it goes on, "stop", "length", or "blocked: " and why.

    With them come the tokens that were read and written, where the server says so.
    """
    client = openai.OpenAI(api_key=PLACEHOLDER, base_url=server.address, http_client=http, max_retries=0)
    if "max_tokens" in options and server.is_own:  # the others know only the older name
        options = {
            ("max_completion_tokens" if name == "max_tokens" else name): value for name, value in options.items()
        }
    request: Any = {"model": server.model, "messages": messages, "stream": True, **options}
    try:
        for chunk in begin(client, request):
            if chunk.usage:
                yield "", "", (chunk.usage.prompt_tokens or 0, chunk.usage.completion_tokens or 0)
            for choice in (chunk.choices or [])[:1]:
                delta = choice.delta
                said = (delta.content or delta.refusal or "") if delta else ""
                if not isinstance(said, str):
                    raise Strange("an answer that is no text")
                yield said, ending(choice.finish_reason), None
    except openai.APIConnectionError:
        raise  # its cause says more
    except openai.APIError as error:  # in the middle of an answer; those before it are ours already
        raise Refused(0, {"error": error.body}) from None


def begin(client: openai.OpenAI, request: dict[str, Any]) -> Any:
    """The stream of an answer, with its tokens counted unless the server does not know how to ask for that."""
    try:
        return client.chat.completions.create(**request, stream_options={"include_usage": True})
    except (openai.APIConnectionError, Refused) as error:
        refused = [cause for cause in chain(error) if isinstance(cause, Refused) and cause.status in (400, 422)]
        if not any("stream_options" in no.body for no in refused):
            raise
    return client.chat.completions.create(**request)


def ending(reason: Any) -> str:
    if reason == "content_filter":
        return "blocked: content_filter"
    return "length" if reason == "length" else "stop" if reason else ""
