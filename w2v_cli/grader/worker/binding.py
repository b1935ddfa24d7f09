"""Give each parameter of a function its argument: by name, then by position."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .names import ONLY_BY_NAME, OPTIONAL, ROLES, names_of, plain_name

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class BindingError(TypeError):
    """A function asks for something that is not known, or does not ask for what it needs."""


@dataclass
class Binding:
    """How to call a function: roles by position, and roles by the name of a parameter."""

    positional: list[str] = field(default_factory=list)
    keywords: dict[str, str] = field(default_factory=dict)

    @property
    def roles(self) -> set[str]:
        """All roles that the function is given."""
        return {*self.positional, *self.keywords.values()}


def bind(function: Callable[..., object], kind: str) -> Binding:
    """Find out how to call a function of a kind.

    Raises:
        BindingError: a parameter without a default is left over, or an argument that the kind
            cannot do without finds no parameter.
    """
    wanted = ROLES[kind]
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return Binding([role for role in wanted if role not in ONLY_BY_NAME])
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    # negatives that are handed over are a replacement of draws: only where they must be
    asked = [p.name for p in named if p.default is p.empty]
    roles = match_names(asked, ONLY_BY_NAME) if "negatives" in wanted else {}
    others = [p.name for p in named if p.name not in roles]
    roles |= match_names(others, [role for role in wanted if role not in ONLY_BY_NAME])
    _by_position(named, roles, wanted, kind)
    open_ended = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    left = [role for role in wanted if role not in roles.values() and role not in ONLY_BY_NAME]
    missing = [role for role in left if role not in OPTIONAL]
    unknown = [p.name for p in named if p.name not in roles and p.default is p.empty]
    if unknown or (missing and not open_ended and not _has_default_for(missing, named)):
        shown = ", ".join(p.name for p in parameters)
        asks = f"; unknown: {', '.join(unknown)}" if unknown else ""
        raise BindingError(f"the grader does not know how to call it with ({shown}){asks}")
    return _arranged(named, roles, left if open_ended else [])


def _has_default_for(missing: Sequence[str], named: Sequence[inspect.Parameter]) -> bool:
    """A window that always uses one loss needs none to be passed."""
    return list(missing) == ["loss"] and bool(named)


def match_names(parameters: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """Map parameters to roles by their names, as far as these are known."""
    plain = {plain_name(name): name for name in reversed(parameters)}
    candidates = [
        (rank, wanted.index(role), name, role)
        for role in wanted
        for rank, name in enumerate(names_of(role))
        if name in plain
    ]
    found: dict[str, str] = {}
    for _, _, name, role in sorted(candidates):
        if plain[name] not in found and role not in found.values():
            found[plain[name]] = role
    return found


def _by_position(
    named: Sequence[inspect.Parameter], roles: dict[str, str], wanted: Sequence[str], kind: str
) -> None:
    """Give the roles that are left to parameters with unknown names, in order."""
    left = [role for role in wanted if role not in roles.values() and role not in ONLY_BY_NAME]
    unknown = [p for p in named if p.name not in roles]
    if "K" in left:
        for p in unknown:
            if isinstance(p.default, int) and not isinstance(p.default, bool):
                roles[p.name] = "K"
                left.remove("K")
                unknown.remove(p)
                break
    needed = [p for p in unknown if p.default is p.empty]
    for role in ("dataset", "window", "K"):  # what a shorter signature does without
        if len(needed) < len(left) and role in left and kind != "sigmoid":
            left.remove(role)
    essential = [role for role in left if role not in OPTIONAL]
    places = needed if len(needed) >= len(essential) else unknown
    roles.update({p.name: role for p, role in zip(places, left, strict=False)})


def _arranged(
    named: Sequence[inspect.Parameter], roles: Mapping[str, str], rest: Sequence[str]
) -> Binding:
    """Pass what stands at the beginning by position, what follows a gap by keyword."""
    binding, gap = Binding(), False
    for p in named:
        role = roles.get(p.name)
        if role is None:
            gap = True
        elif p.kind in _POSITIONAL and not gap:
            binding.positional.append(role)
        else:
            binding.keywords[p.name] = role
    if not binding.keywords and not gap:
        binding.positional += rest
    return binding
