# SPDX-License-Identifier: Apache-2.0
"""The tree of a program, and its text. A node is its fields; children are found among them."""

import copy

LEVELS = {"||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, "<=": 7, ">": 7,
          ">=": 7, "<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10}
TERNARY, UNARY, POSTFIX, PRIMARY = 0, 11, 12, 13


class Node:
    fields = ()
    level = PRIMARY  # how tightly its text binds

    def __init__(self, *values):
        assert len(values) == len(self.fields), (type(self), values)
        for name, value in zip(self.fields, values):
            setattr(self, name, value)

    def slots(self):
        """Every (holder, name or index) where a child stands."""
        for name in self.fields:
            value = getattr(self, name)
            if isinstance(value, Node):
                yield self, name
            elif isinstance(value, list):
                for i, item in enumerate(value):
                    if isinstance(item, Node):
                        yield value, i

    def clone(self):
        return copy.deepcopy(self)


def get(slot):
    holder, name = slot
    return holder[name] if isinstance(holder, list) else getattr(holder, name)


def put(slot, node):
    holder, name = slot
    if isinstance(holder, list):
        holder[name] = node
    else:
        setattr(holder, name, node)


def within(node, level):
    """The text of an operand, in parentheses where it binds less tightly than its place."""
    text = str(node)
    return text if node.level >= level else f"({text})"


def node(name, *fields, level=PRIMARY):
    """Makes a class of nodes; its decorated function gives the text."""
    def make(text):
        return type(name, (Node,), {"fields": fields, "level": level, "__str__": text})
    return make


# --- expressions ---------------------------------------------------------------------------

@node("Literal", "value", "text")
def Literal(self):
    return self.text


@node("Paren", "operand")
def Paren(self):
    return f"({self.operand})"


@node("Var", "name")
def Var(self):
    return self.name


@node("MapRead", "name", "keys")  # keys: [] for a scalar map
def MapRead(self):
    return f"{self.name}[{', '.join(map(str, self.keys))}]" if self.keys else self.name


@node("Unary", "op", "operand", level=UNARY)
def Unary(self):
    text = within(self.operand, UNARY)
    return f"{self.op}({text})" if text.startswith(self.op) else self.op + text


class Binary(Node):
    fields = ("op", "lhs", "rhs")

    @property
    def level(self):
        return LEVELS[self.op]

    def __str__(self):
        right = within(self.rhs, self.level + 1)
        if right.startswith("{"):  # in a predicate, `/ {` would be its end
            right = f"({right})"
        return f"{within(self.lhs, self.level)} {self.op} {right}"


@node("Ternary", "condition", "then", "otherwise", level=TERNARY)
def Ternary(self):
    return f"{within(self.condition, 1)} ? {self.then} : {self.otherwise}"


@node("Elvis", "condition", "otherwise", level=TERNARY)
def Elvis(self):
    return f"{within(self.condition, 1)} ?: {self.otherwise}"


@node("IfValue", "condition", "then", "otherwise")  # both BlockValue
def IfValue(self):
    return f"if ({self.condition}) {self.then} else {self.otherwise}"


@node("BlockValue", "body", "value")
def BlockValue(self):
    return "{ " + " ".join(map(str, [*self.body, self.value])) + " }"


@node("Cast", "to", "operand", level=UNARY)
def Cast(self):
    text = within(self.operand, UNARY)
    return f"({self.to})({text})" if text.startswith("{") else f"({self.to}){text}"


@node("TupleValue", "elements")
def TupleValue(self):
    return f"({', '.join(map(str, self.elements))}{',' if len(self.elements) == 1 else ''})"


def is_scalar_map(operand):
    """`@x[0]` would have a key."""
    return isinstance(operand, MapRead) and not operand.keys


@node("Element", "operand", "index", "brackets", level=POSTFIX)
def Element(self):
    if not self.brackets:
        return f"{within(self.operand, POSTFIX)}.{self.index}"
    if is_scalar_map(self.operand):
        return f"({self.operand})[{self.index}]"
    return f"{within(self.operand, POSTFIX)}[{self.index}]"


@node("Byte", "text", "index", level=POSTFIX)  # of a string
def Byte(self):
    text = str(Paren(self.text) if is_scalar_map(self.text) else within(self.text, POSTFIX))
    return f"{text}[{self.index}]"


@node("Step", "target", "op", "prefix", level=POSTFIX)
def Step(self):
    return f"({self.op}{self.target})" if self.prefix else f"{self.target}{self.op}"


@node("HasKey", "map", "key")
def HasKey(self):
    return f"has_key({self.map}, {self.key})"


# --- statements ----------------------------------------------------------------------------

def block(body):
    return "\n".join(["{", *("  " + line for stmt in body for line in str(stmt).split("\n")), "}"])


@node("Assign", "target", "op", "value")
def Assign(self):
    return f"{self.target} {self.op} {self.value};"


@node("Let", "name", "type", "value")  # type: None or one; value: None or an expression
def Let(self):
    type_ = f" : {self.type}" if self.type else ""
    return f"let {self.name}{type_}{f' = {self.value}' if self.value else ''};"


@node("StepStmt", "target", "op")
def StepStmt(self):
    return f"{self.target}{self.op};"


@node("Discard", "value")
def Discard(self):
    return f"_ = {self.value};"


@node("If", "condition", "then", "otherwise")  # otherwise: None or a list
def If(self):
    text = f"if ({self.condition}) {block(self.then)}"
    return text + (f" else {block(self.otherwise)}" if self.otherwise is not None else "")


@node("While", "condition", "body")
def While(self):
    return f"while ({self.condition}) {block(self.body)}"


@node("ForRange", "name", "first", "last", "body")
def ForRange(self):
    ends = (str(e) if type(e) in (Literal, Var, Paren) else f"({e})" for e in (self.first, self.last))
    return f"for ({self.name} : {'..'.join(ends)}) {block(self.body)}"


@node("ForMap", "name", "map", "body")
def ForMap(self):
    return f"for ({self.name} : {self.map}) {block(self.body)}"


@node("Sequence", "body")  # statements in the place of one
def Sequence(self):
    return "\n".join(map(str, self.body))


@node("Unroll", "count", "body")
def Unroll(self):
    return f"unroll ({self.count}) {block(self.body)}"


@node("Jump", "word")  # break, continue, return
def Jump(self):
    return self.word + ";"


@node("Print", "value")
def Print(self):
    return f"print({self.value});"


@node("Printf", "format", "values")
def Printf(self):
    return f"printf({', '.join([quoted(self.format), *map(str, self.values)])});"


@node("Delete", "map", "key")
def Delete(self):
    return f"delete({self.map}, {self.key});"


@node("Probe", "predicate", "body")
def Probe(self):
    predicate = f"/{self.predicate}/ " if self.predicate else ""
    return f"begin {predicate}{block(self.body)}"


@node("Program", "probes")
def Program(self):
    return "\n".join(map(str, self.probes)) + "\n"


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') + '"'


def number(value):
    """The tree of an integer: a minus is an operator."""
    return Unary("-", Literal(-value, str(-value))) if value < 0 else Literal(value, str(value))
