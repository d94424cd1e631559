"""What the official suite wants to find on a server: tools, resources and prompts that do nothing.

They are put on a Sage of the tests alone. Names and texts are those of the suite.
"""

import json

from mcp.server.mcpserver import Audio, Image, MCPServer, UserMessage
from mcp_types import EmbeddedResource, TextResourceContents

RED_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8cfc000000301010018dd8db0000000004945"
    "4e44ae426082"
)
SILENCE = b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0@\x1f\0\0\x80>\0\0\2\0\x10\0data\0\0\0\0"


def add_suite_fixtures(server: MCPServer) -> None:
    """Add them to a server; Sage's own tools stay."""
    tools = [simple_text, image_content, audio_content, embedded_resource, several_types, failure]
    names = ["simple_text", "image_content", "audio_content", "embedded_resource"]
    names += ["multiple_content_types", "error_handling"]
    for name, tool in zip(names, tools, strict=True):
        server.add_tool(tool, f"test_{name}", description=f"Test {name}.", structured_output=False)
        server.offered += (f"test_{name}",)
    server.resource("test://static-text", mime_type="text/plain")(static_text)
    server.resource("test://static-binary", mime_type="image/png")(static_binary)
    server.resource("test://template/{id}/data", mime_type="application/json")(of_template)
    server.prompt("test_simple_prompt", description="Test a prompt.")(simple_prompt)
    server.prompt("test_prompt_with_arguments", description="Test a prompt.")(with_arguments)
    server.prompt("test_prompt_with_embedded_resource", description="Test a prompt.")(with_resource)
    server.prompt("test_prompt_with_image", description="Test a prompt.")(with_image)


def simple_text() -> str:
    return "This is a simple text response for testing."


def image_content() -> Image:
    return Image(data=RED_PIXEL, format="png")


def audio_content() -> Audio:
    return Audio(data=SILENCE, format="wav")


def embedded_resource() -> EmbeddedResource:
    return resource_at("test://embedded-resource", "An embedded text.")


def several_types() -> list:
    mixed = resource_at("test://mixed-content-resource", '{"test": "data"}', "application/json")
    return ["Several types of content:", image_content(), mixed]


def failure() -> str:
    message = "This tool intentionally returns an error for testing"
    raise ValueError(message)


def static_text() -> str:
    return "A text that stays."


def static_binary() -> bytes:
    return RED_PIXEL


def of_template(id: str) -> str:  # noqa: A002 - the suite names it
    return json.dumps({"id": id, "templateTest": True})


def simple_prompt() -> str:
    return "This is a simple prompt for testing."


def with_arguments(arg1: str, arg2: str) -> str:
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


def with_resource(resourceUri: str) -> list:  # noqa: N803 - the suite names it
    return [UserMessage(resource_at(resourceUri, "An embedded text.")), UserMessage("Read it.")]


def with_image() -> list:
    return [UserMessage(Image(data=RED_PIXEL)), UserMessage("What is on this image?")]


def resource_at(uri, text, mime_type="text/plain"):
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    return EmbeddedResource(type="resource", resource=contents)
