"""Conditions of grants: the part of JSON Logic that the browser and this program read alike.

`{"==": [{"var": "resource.role_id"}, 1]}` is true or not for some data; what `var` does not find
is null. Comparisons convert nothing, so a condition must compare values of one type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Condition = Mapping[str, Any]
Data = Mapping[str, Any]

_EQUAL: Final = frozenset({"==", "==="})
_UNEQUAL: Final = frozenset({"!=", "!=="})
_PAIRS: Final = _EQUAL | _UNEQUAL | {"in"}
_LISTS: Final = frozenset({"and", "or"})


def check(rule: Any) -> None:
    """Raises ValueError for a rule that `holds` does not know."""
    if not isinstance(rule, Mapping):
        if isinstance(rule, list):
            for part in rule:
                check(part)
        return
    if len(rule) != 1:
        raise ValueError("a rule has one operator")
    ((operator, operand),) = rule.items()
    if operator == "var":
        if not isinstance(operand, str) or not operand:
            raise ValueError("var takes a path of names with dots")
        return
    if operator == "!":
        check(operand)
        return
    if operator not in _PAIRS | _LISTS:
        raise ValueError(f"the operator {operator!r} is not known")
    if not isinstance(operand, list) or (operator in _PAIRS and len(operand) != 2):
        raise ValueError(f"{operator} takes a list{' of two' if operator in _PAIRS else ''}")
    check(operand)


def holds(rule: Condition, data: Data) -> bool:
    """Whether the rule, which was checked, is true for the data."""
    return _truthy(_value(rule, data))


def _value(rule: Any, data: Data) -> Any:
    if isinstance(rule, list):
        return [_value(part, data) for part in rule]
    if not isinstance(rule, Mapping):
        return rule
    ((operator, operand),) = rule.items()
    return _OPERATORS[operator](operand, data)


def _var(path: str, data: Data) -> Any:
    found: Any = data
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def _same(left: Any, right: Any) -> bool:
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def _equal(operands: Sequence[Any], data: Data) -> bool:
    left, right = _value(list(operands), data)
    return _same(left, right)


def _within(operands: Sequence[Any], data: Data) -> bool:
    left, right = _value(list(operands), data)
    if isinstance(right, str):
        return isinstance(left, str) and left in right
    return isinstance(right, list) and any(_same(left, each) for each in right)


def _truthy(value: Any) -> bool:
    return bool(value)


_OPERATORS: Final[dict[str, Callable[[Any, Data], Any]]] = {
    "var": _var,
    "!": lambda operand, data: (
        not _truthy(
            _value(operand[0] if isinstance(operand, list) and len(operand) == 1 else operand, data)
        )
    ),
    "and": lambda operands, data: all(_truthy(_value(each, data)) for each in operands),
    "or": lambda operands, data: any(_truthy(_value(each, data)) for each in operands),
    "in": _within,
    **dict.fromkeys(_EQUAL, _equal),
    **dict.fromkeys(_UNEQUAL, lambda operands, data: not _equal(operands, data)),
}
