# SPDX-License-Identifier: Apache-2.0
"""Runs a program whose types are inferred, and gives the lines that it prints."""

import re

from . import kinds, nodes
from .infer import Inference
from .kinds import Bool, Int, Invalid, convert, wrap

MAX_STEPS = 5000
MAX_LINES = 80


class Jump(Exception):
    def __init__(self, word):
        super().__init__(word)
        self.word = word


class Evaluation:
    def __init__(self, inferred):
        self.program = inferred.program
        self.maps = {name: {} for name in inferred.maps}  # a scalar map has the key None
        self.variables = {}  # of storages
        self.lines = []
        self.steps = 0

    def run(self):
        for probe in self.program.probes:
            try:
                if not probe.predicate or self.value(probe.predicate):
                    self.body(probe.body)
            except Jump:
                pass
        return self.lines

    def emit(self, line):
        self.lines.append(line)
        if len(self.lines) > MAX_LINES:
            raise Invalid("prints too much")

    # --- places ----------------------------------------------------------------------------

    def key(self, map_, keys):
        if not keys:
            return None
        values = tuple(self.value(key) for key in keys)
        return convert(values[0] if len(values) == 1 else values, map_.key.type)

    def place(self, ref):
        """The (dictionary, key, type) of what a reference stores to."""
        if isinstance(ref, nodes.MapRead):
            return self.maps[ref.name], self.key(ref.storage, ref.keys), ref.storage.value.type
        return self.variables, ref.storage, ref.storage.type

    def load(self, place):
        holder, key, type_ = place
        if key not in holder:
            return kinds.zero(type_)
        return holder[key]

    def tick(self):
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Invalid("runs too long")

    # --- statements ------------------------------------------------------------------------

    def body(self, stmts):
        for stmt in stmts:
            self.tick()
            getattr(self, "stmt_" + type(stmt).__name__)(stmt)

    def stmt_Assign(self, s):
        holder, key, type_ = place = self.place(s.target)
        if s.op == "=":
            value = self.value(s.value)
        else:
            before = self.load(place)
            value = kinds.compute(s.op[:-1], before, self.value(s.value))
        # Keys have no side effects of their own.
        if self.place(s.target)[1] != key:
            raise Invalid("the value changes the key, and which comes first is open")
        holder[key] = convert(value, type_)

    def stmt_Let(self, s):
        type_ = s.storage.type
        self.variables[s.storage] = convert(self.value(s.value), type_) if s.value \
            else kinds.zero(type_)

    def step(self, s):
        holder, key, type_ = place = self.place(s.target)
        before = self.load(place)
        after = holder[key] = wrap(before + (1 if s.op == "++" else -1), type_)
        return before, after

    def stmt_StepStmt(self, s):
        self.step(s)

    def stmt_Sequence(self, s):
        self.body(s.body)

    def stmt_Discard(self, s):
        self.value(s.value)

    def stmt_If(self, s):
        self.body(s.then if self.value(s.condition) else s.otherwise or [])

    def turn(self, stmts):
        """One turn of a loop; whether it goes on."""
        self.tick()
        try:
            self.body(stmts)
        except Jump as jump:
            if jump.word == "return":
                raise
            return jump.word == "continue"
        return True

    def stmt_While(self, s):
        while self.value(s.condition) and self.turn(s.body):
            pass

    def stmt_ForRange(self, s):
        first, last = self.value(s.first), self.value(s.last)
        for i in range(first, min(last, first + MAX_STEPS)):
            self.variables[s.storage] = i
            if not self.turn(s.body):
                break

    def stmt_ForMap(self, s):
        # In any order: what the body does with an entry commutes.
        for entry in list(self.maps[s.map].items()):
            self.variables[s.storage] = entry
            if not self.turn(s.body):
                break

    def stmt_Unroll(self, s):
        for _ in range(s.count):
            self.body(s.body)

    def stmt_Jump(self, s):
        raise Jump(s.word)

    def stmt_Print(self, s):
        self.emit(kinds.show(self.value(s.value)))

    def stmt_Printf(self, s):
        values = [self.value(value) for value in s.values]
        self.emit(format_text(s.format, values).rstrip("\n"))

    def stmt_Delete(self, s):
        key = convert(self.value(s.key), s.storage.key.type)
        self.maps[s.map].pop(key, None)

    # --- expressions -----------------------------------------------------------------------

    def value(self, expr):
        if expr.literal is not None:
            return expr.literal
        return getattr(self, "value_" + type(expr).__name__)(expr)

    def value_Paren(self, e):
        return self.value(e.operand)

    def value_Var(self, e):
        return self.load(self.place(e))

    value_MapRead = value_Var

    def value_Step(self, e):
        before, after = self.step(e)
        return after if e.prefix else before

    def value_HasKey(self, e):
        return convert(self.value(e.key), e.storage.key.type) in self.maps[e.map]

    def value_Byte(self, e):
        text = self.value(e.text).encode()
        return wrap(text[e.index], Int(1, True)) if e.index < len(text) else 0

    def value_Unary(self, e):
        value = self.value(e.operand)
        if e.op == "!":
            return not value
        return wrap(-value if e.op == "-" else ~value, e.type)

    def value_Binary(self, e):
        a = self.value(e.lhs)
        if e.op in kinds.LOGICAL:
            goes_on = bool(a) == (e.op == "&&")
            return bool(self.value(e.rhs)) if goes_on else bool(a)
        b = self.value(e.rhs)
        if e.op in kinds.COMPARISONS:
            both = kinds.promote(e.lhs.type, e.rhs.type)
            return kinds.compare(e.op, convert(a, both), convert(b, both))
        if isinstance(e.type, Bool):
            return {"&": a and b, "|": a or b, "^": a != b}[e.op]
        return wrap(kinds.compute(e.op, a, b), e.type)

    def value_Ternary(self, e):
        return convert(self.value(e.then if self.value(e.condition) else e.otherwise), e.type)

    value_IfValue = value_Ternary

    def value_Elvis(self, e):
        return convert(self.value(e.condition) or self.value(e.otherwise), e.type)

    def value_BlockValue(self, e):
        self.body(e.body)
        return self.value(e.value)

    def value_Cast(self, e):
        value = self.value(e.operand)
        return bool(value) if isinstance(e.to, Bool) else wrap(int(value), e.to)

    def value_TupleValue(self, e):
        return tuple(self.value(element) for element in e.elements)

    def value_Element(self, e):
        return self.value(e.operand)[e.index]


# Of a printf conversion: how many bits are taken, and with a sign?
BITS = {"hh": 8, "h": 16, "": 32, "l": 64, "ll": 64}


def conversions(fmt):
    """The (flags and width, length, letter) and plain texts of a format."""
    return re.split(r"%([-+#0 ]*\d*)(hh|ll|h|l|)([duxXosc])", fmt)


def format_text(fmt, values):
    parts = conversions(fmt)
    text, values = parts[0], list(values)
    for i in range(1, len(parts), 4):
        flags, length, letter, after = parts[i:i + 4]
        value = values.pop(0)
        if letter == "s":
            text += f"%{flags}s" % kinds.show(value)
        else:
            size = BITS[length] // 8
            value = wrap(int(value), Int(size, letter == "d"))
            python = f"%{flags}{letter}" % value
            text += python.replace("0o", "0")
        text += after
    return text


def expected_lines(program):
    return Evaluation(Inference(program).run()).run()
