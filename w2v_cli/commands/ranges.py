"""Types of options that are numbers, named as people call them: click says "integer range"."""

import click


class IntRange(click.IntRange):
    """A whole number within limits."""

    name = "integer"


class FloatRange(click.FloatRange):
    """A number within limits."""

    name = "number"
