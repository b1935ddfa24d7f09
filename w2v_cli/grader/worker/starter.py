"""Does a function still look like the starter file's?"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

_GIVEN = {"getnegativesamples"}
"""Calls that the starter file itself makes in a body that is still empty."""
_EMPTY = {"zeros", "zeros_like", "empty", "empty_like", "array"}


def is_starter(function: Callable[..., Any]) -> bool:
    """Whether the body has nothing in it but what a starter file leaves there.

    That is: a docstring, ``pass``, ``...``, ``raise NotImplementedError``, placeholders such
    as ``loss = 0.0`` or ``grad = np.zeros(…)``, the given call of ``getNegativeSamples``, and a
    return of names or placeholders. False when the source cannot be read.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    body = tree.body[0]
    if not isinstance(body, ast.FunctionDef):
        return False
    return all(_is_placeholder(statement) for statement in body.body)


def _is_placeholder(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=value):
            return value is None or _is_empty(value)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return _is_empty(value)
        case ast.Raise():
            return any(
                isinstance(node, ast.Name) and node.id == "NotImplementedError"
                for node in ast.walk(statement)
            )
    return False


def _is_empty(value: ast.expr) -> bool:
    """A value that holds no work: constants, names, zeros, lists and sums of these."""
    match value:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(_is_empty(part) for part in parts)
        case ast.UnaryOp(operand=operand):
            return isinstance(operand, ast.Constant)
        case ast.BinOp(op=ast.Add() | ast.Mult(), left=ast.List(), right=right):
            return _is_empty(right)
        case ast.Call():
            return _is_empty_call(value)
    return isinstance(value, (ast.Constant, ast.Name, ast.Attribute))


def _is_empty_call(call: ast.Call) -> bool:
    """A call of ``getNegativeSamples``, or of ``np.zeros`` and the like."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else ""
    name = function.id if isinstance(function, ast.Name) else name
    if name.replace("_", "").lower() in _GIVEN:
        return True
    return name in _EMPTY and all(_is_empty(argument) for argument in call.args)
