"""Templates: texts with places such as `<<name>>`."""

import re
from collections.abc import Mapping
from importlib import resources

_PLACE = re.compile(r"^(?P<indent> *)<<(?P<block>\w+)>>$|<<(?P<name>\w+)>>", re.MULTILINE)


def template(name: str) -> str:
    """Read a template of this folder, such as `questions/01-cross-entropy.md`."""
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")


def question_names() -> list[str]:
    """Names of the templates of the questions, in order."""
    folder = resources.files(__package__) / "templates" / "questions"
    return sorted(f"questions/{entry.name}" for entry in folder.iterdir())


def places(text: str) -> set[str]:
    """Names of the places in a text."""
    return {place["block"] or place["name"] for place in _PLACE.finditer(text)}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values into their places. A value of several lines keeps the place's indent.

    Raises KeyError for a place without a value.
    """

    def value(place: re.Match[str]) -> str:
        if place["name"]:
            return values[place["name"]]
        lines = values[place["block"]].splitlines()
        return "\n".join(place["indent"] + line for line in lines)

    return _PLACE.sub(value, text)
