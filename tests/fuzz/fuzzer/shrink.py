# SPDX-License-Identifier: Apache-2.0
"""Makes a program that differs smaller while it still differs in the same way."""

import time

from . import batch, nodes
from .evaluate import expected_lines
from .kinds import Invalid

BLOCKS = ("then", "otherwise", "body")


def positions(node):
    """Every slot in a tree, the outer ones first."""
    for slot in node.slots():
        yield slot
        yield from positions(nodes.get(slot))


def smaller(program, i):
    """Programs with less at the position of this number."""
    def fresh():
        copy = program.clone()
        return copy, list(positions(copy))[i]
    copy, (holder, name) = fresh()
    node = nodes.get((holder, name))
    if isinstance(holder, list):  # without a statement, a probe, an argument
        del holder[name]
        yield copy
        for part in BLOCKS:  # what is in a statement instead of itself
            copy, (holder, name) = fresh()
            inner = getattr(holder[name], part, None)
            if isinstance(inner, list):
                holder[name:name + 1] = inner
                yield copy
    for part in BLOCKS:  # an `if` without its `else`
        if isinstance(getattr(node, part, None), list):
            copy, slot = fresh()
            setattr(nodes.get(slot), part, None if part == "otherwise" else [])
            yield copy
    for text, value in (("1", 1), ("0", 0), ("true", True), ('""', "")):
        copy, slot = fresh()
        nodes.put(slot, nodes.Literal(value, text))
        yield copy
    for j in range(len(list(positions(node)))):  # a part of an expression instead of the whole
        copy, slot = fresh()
        nodes.put(slot, nodes.get(list(positions(nodes.get(slot)))[j]))
        yield copy


def text_of(program):
    """A part may stand where it makes no program: nothing then."""
    try:
        return str(program)
    except (AttributeError, TypeError, IndexError):
        return None


def shrink(sonde, difference, seconds):
    deadline = time.monotonic() + seconds
    number, fails_to_run = difference.case.number, difference.got is None
    tried = set()

    def still(program):
        text = text_of(program)
        if text is None or len(text) >= len(str(difference.case.program)) or text in tried:
            return None
        tried.add(text)
        try:
            expected = expected_lines(program)
        except (Invalid, AttributeError, TypeError, KeyError, IndexError, AssertionError):
            return None
        found = batch.differences(sonde, [batch.Case(number, program, expected)], timeout=10)
        return found[0] if found and (found[0].got is None) == fails_to_run else None

    progress = True
    while progress:
        progress, i = False, 0
        while i < len(list(positions(difference.case.program))):
            if time.monotonic() > deadline:
                return difference
            found = next(filter(None, map(still, smaller(difference.case.program, i))), None)
            difference, progress = found or difference, progress or found is not None
            i += found is None
    return difference
