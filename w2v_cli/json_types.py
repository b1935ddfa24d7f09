"""The type of what JSON can hold. Light: no NumPy."""

from typing import Any

#: An object of JSON: names and values.
Json = dict[str, Any]
