"""Google's Gemini through its own library, google-genai."""

import warnings
from typing import Any

import httpx2
from google import genai
from google.genai import errors, types

from cuaderno.chat import Message
from cuaderno.chat.connection import PLACEHOLDER, certificates
from cuaderno.chat.faults import Refused
from cuaderno.chat.servers import Replies, Server

# A reason to end that is newer than the library is told by us, where it matters.
warnings.filterwarnings("ignore", message=".* is not a valid ", category=UserWarning, module=r"google\.genai")

NAMES = {"max_tokens": "max_output_tokens"}  # what Gemini calls an option
FINE = ("STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED")


def speak(http: httpx2.Client, server: Server, messages: list[Message], options: dict[str, Any]) -> Replies:
    """Pieces of the answer, each with how it ended, "" while it goes on, "stop", "length", or "blocked: " and why.

    With them come the tokens that were read and written so far.
    """
    unused: dict[str, Any] = {  # or it makes them anew for each client
        "httpx_async_client": httpx2.AsyncClient(transport=httpx2.AsyncBaseTransport(), trust_env=False),
        "async_client_args": {"ssl": certificates()},
    }
    address = types.HttpOptions(base_url=server.address, httpx_client=http, **unused)
    client = genai.Client(api_key=PLACEHOLDER, vertexai=False, http_options=address)
    system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    config = types.GenerateContentConfig(
        system_instruction=system or None,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        **{NAMES.get(name, name): value for name, value in options.items()},
    )
    try:
        for chunk in client.models.generate_content_stream(
            model=server.model, contents=[*contents(messages)], config=config
        ):
            yield text(chunk), ending(chunk), tokens(chunk)
    except errors.APIError as error:  # in the middle of an answer; those before it are ours already
        raise Refused(0, error.details) from None


def contents(messages: list[Message]) -> list[types.Content]:
    return [
        types.Content(
            role="model" if message["role"] == "assistant" else "user", parts=[types.Part(text=message["content"])]
        )
        for message in messages
        if message["role"] != "system"
    ]


def text(chunk: types.GenerateContentResponse) -> str:
    """What it says in this piece, without what it only thinks."""
    parts = [
        part
        for candidate in (chunk.candidates or [])[:1]
        for part in (candidate.content and candidate.content.parts) or []
    ]
    return "".join(part.text for part in parts if part.text and not part.thought)


def tokens(chunk: types.GenerateContentResponse) -> tuple[int, int] | None:
    """Read and written so far; what it only thinks is written and paid for too."""
    found = chunk.usage_metadata
    if not found:
        return None
    return found.prompt_token_count or 0, (found.candidates_token_count or 0) + (found.thoughts_token_count or 0)


def ending(chunk: types.GenerateContentResponse) -> str:
    if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
        return f"blocked: {word(chunk.prompt_feedback.block_reason)}"
    reason = next((word(one.finish_reason) for one in chunk.candidates or [] if one.finish_reason), "")
    if not reason or reason in FINE:
        return {"STOP": "stop", "MAX_TOKENS": "length"}.get(reason, "")
    return f"blocked: {reason}"


def word(reason: Any) -> str:
    return str(getattr(reason, "value", reason))
