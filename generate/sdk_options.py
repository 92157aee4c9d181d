"""The SDK's options, as sdk/src/readSettings.ts has them, in; docs/sdk-configuration.md out."""

import re
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "sdk/src/readSettings.ts"
TITLES = {
    "Options": "Page and widget",
    "PageOptions": "Page alone",
    "WidgetOptions": "Widget alone",
}
_INTERFACE = re.compile(r"^export interface (\w+)[^{]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_OPTION = re.compile(r"/\*\*(.*?)\*/\s*(\w+)(\??):", re.DOTALL)


def render() -> str:
    """The text of docs/sdk-configuration.md."""
    interfaces = {name: body for name, body in _INTERFACE.findall(SOURCE.read_text(encoding="utf-8")) if name in TITLES}
    lines = [
        "<!-- Generated from sdk/src/readSettings.ts by `make generate`. Do not edit. -->",
        "# Configuration of the SDK",
        "",
        "As attributes of the script tag, or as an object for `eyeshot.init()`. A value out of its bound is refused in",
        "the console by name, and nothing is recorded.",
        "",
    ]
    for name, title in TITLES.items():
        rows = [_row(*found) for found in _OPTION.findall(interfaces[name])]
        lines += [f"## {title}", "", "| attribute | option | |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _row(prose: str, option: str, optional: str) -> str:
    sentence = re.sub(r"\s*\n\s*\*?\s*", " ", prose).strip().replace("|", "\\|")
    needed = "" if optional or "Default" in sentence else " Needed."
    return f"| `data-{_kebab(option)}` | `{option}` | {sentence}{needed} |"


def _kebab(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: f"-{match[1].lower()}", name)
