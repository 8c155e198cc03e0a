# SPDX-License-Identifier: Apache-2.0
"""Random programs. What is generated has the right kinds of values everywhere; what the language
leaves open or refuses beyond that is found by inference and evaluation, and thrown away."""

from . import kinds, nodes
from .kinds import Bool, Invalid, Str
from .nodes import (Assign, Binary, BlockValue, Byte, Cast, Delete, Discard, Element, Elvis,
                    ForMap, ForRange, HasKey, If, IfValue, Jump, Let, Literal, MapRead, Paren, Print, Printf, Probe,
                    Program, Step, StepStmt, Ternary, TupleValue, Unary, Unroll, Var, While)

EDGES = [0, 1, 2, 3, 5, 7, 10, 63, 64, 100, 127, 128, 129, 200, 255, 256, 257, 1000, 32767, 32768,
         65535, 65536, 100000, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**40 + 7, 2**63 - 1, 2**63,
         2**64 - 2, 2**64 - 1]
TEXTS = ["", "a", "b", "ab", "abc", "abd", "hello", "hello world", "x" * 15, "x" * 16, "x" * 31,
         "quote\"d", "back\\slash", "longer than all of the others here"]
SIMPLE = ("int", "bool", "str")


class Generator:
    def __init__(self, random, prefix):
        self.random, self.prefix = random, prefix
        self.scopes = [[]]  # of (name, kind, whether it may be assigned)
        self.maps = []  # of (name, key kinds, kind)
        self.names = 0
        self.budget = 0  # of nodes: keeps programs readable
        self.loop_depth = 0
        self.jump_ok = False  # `break` and `continue`
        self.pure = False  # no side effects: their order would be open

    # --- help ------------------------------------------------------------------------------

    def chance(self, part):
        return self.random.random() < part

    def pick(self, *weighted):
        """One of (weight, function), called."""
        functions = [f for _, f in weighted]
        return self.random.choices(functions, [w for w, _ in weighted])[0]()

    def fresh(self, letter="v"):
        self.names += 1
        return f"${letter}{self.names}"

    def kind(self, depth=0):
        roll = self.random.random()
        if roll < 0.6:
            return "int"
        if roll < 0.75:
            return "bool"
        if roll < 0.88 or depth > 1:
            return "str"
        return ("tuple", *(self.kind(depth + 1) for _ in range(self.random.randint(1, 3))))

    def visible(self, kind, assignable=False):
        return [name for scope in self.scopes for name, k, free in scope
                if k == kind and (free or not assignable)]

    def maps_of(self, kind):
        return [m for m in self.maps if m[2] == kind]

    def pure_expr(self, kind, depth):
        saved, self.pure = self.pure, True
        expr = self.expr(kind, depth)
        self.pure = saved
        return expr

    # --- expressions -----------------------------------------------------------------------

    def expr(self, kind, depth):
        self.budget -= 1
        if depth <= 0 or self.budget <= 0:
            return self.leaf(kind)
        name = kind if isinstance(kind, str) else "tuple"
        if self.chance(0.1):
            return Paren(self.expr(kind, depth))
        if self.chance(0.3):
            return self.choice_of(kind, depth - 1)
        return getattr(self, "expr_" + name)(kind, depth - 1)

    def leaf(self, kind):
        if (names := self.visible(kind)) and self.chance(0.55):
            return Var(self.random.choice(names))
        if (maps := self.maps_of(kind)) and self.chance(0.6):
            return self.map_ref(self.random.choice(maps), 0)
        if isinstance(kind, tuple):
            return TupleValue([self.leaf(k) for k in kind[1:]])
        return self.literal(kind)

    def literal(self, kind):
        if kind == "bool":
            value = self.chance(0.5)
            return Literal(value, "true" if value else "false")
        if kind == "str":
            text = self.random.choice(TEXTS)
            return Literal(text, nodes.quoted(text))
        value = self.random.choice(EDGES)
        if self.chance(0.2):
            value = self.random.getrandbits(self.random.choice([4, 8, 16, 32, 48, 63]))
        literal = Literal(value, self.random.choice([str, str, str, hex])(value))
        return Unary("-", literal) if self.chance(0.25) and value <= 2**63 else literal

    def map_ref(self, map_, depth):
        name, keys, _ = map_
        return MapRead(name, [self.key(kind, depth) for kind in keys])

    def key(self, kind, depth):
        """Keys come from few values, so that they meet; they have no side effects."""
        if kind == "int" and self.chance(0.7):
            return nodes.number(self.random.choice([-1, 0, 1, 2, 300]))
        if kind == "str":
            return self.literal(kind)
        if isinstance(kind, tuple):
            return TupleValue([self.key(k, depth) for k in kind[1:]])
        return self.leaf(kind)

    def choice_of(self, kind, depth):
        """What yields a value of any kind."""
        def tuple_element():
            count, index = self.random.randint(1, 3), 0
            shape = [self.random.choice(SIMPLE) for _ in range(count)]
            index = self.random.randrange(count)
            shape[index] = kind
            return Element(self.expr(("tuple", *shape), depth - 1), index, self.chance(0.3))
        return self.pick(
            (4, lambda: Ternary(self.condition(depth), self.expr(kind, depth),
                                self.expr(kind, depth))),
            (2, lambda: IfValue(self.condition(depth), self.block_value(kind, depth),
                                self.block_value(kind, depth))),
            (2, lambda: self.block_value(kind, depth)),
            (2, tuple_element),
            (2, lambda: Elvis(self.expr(kind, depth), self.expr(kind, depth))
             if kind in ("int", "bool") else self.leaf(kind)))

    def block_value(self, kind, depth):
        self.scopes.append([])
        count = 0 if self.pure else self.random.choice([0, 0, 1, 2])
        body = [self.stmt(min(depth, 1), plain=True) for _ in range(count)]
        value = self.expr(kind, depth)
        self.scopes.pop()
        if isinstance(value, Step):  # `{ $x++ }` is a statement without a value
            value = Paren(value)
        return BlockValue(body, value)

    def condition(self, depth):
        return self.expr("bool" if self.chance(0.8) else "int", depth)

    def expr_int(self, kind, depth):
        def int_(): return self.expr("int", depth)

        def shift():
            count = nodes.number(self.random.randint(0, 63)) if self.chance(0.5) \
                else Paren(Binary("&", int_(), Literal(63, "63")))
            return Binary(self.random.choice(["<<", ">>"]), int_(), count)

        def step():
            names = self.visible("int", assignable=True)
            if not names or self.pure or not self.chance(0.4):
                return self.leaf("int")
            return Step(Var(self.random.choice(names)), self.random.choice(["++", "--"]),
                        self.chance(0.5))
        return self.pick(
            (10, lambda: Binary(self.random.choice("+-*/%&|^+-*"), int_(), int_())),
            (2, shift),
            (2, lambda: Unary(self.random.choice("-~"), int_())),
            (4, lambda: Cast(self.random.choice(kinds.INTEGERS), self.expr(
                "bool" if self.chance(0.1) else "int", depth))),
            (1, step),
            (1, lambda: Byte(self.storage_of("str"), self.random.randint(0, 8))),
            (3, lambda: self.leaf("int")))

    def expr_bool(self, kind, depth):
        def compared():
            operand = self.random.choice(["int"] * 7 + ["str"] * 2 + ["bool", "tuple"])
            if operand == "tuple":
                operand = ("tuple", *(self.kind(1) for _ in range(self.random.randint(1, 3))))
            op = self.random.choice(kinds.COMPARISONS if operand == "int" else ["==", "!="])
            left = self.expr(operand, depth)
            # Whether a string is copied before the other side changes it is open.
            right = self.expr(operand, depth) if operand == "int" else \
                self.pure_expr(operand, depth)
            return Binary(op, left, right)

        def has_key():
            keyed = [m for m in self.maps if m[1]]
            if not keyed:
                return self.leaf("bool")
            name, keys, _ = self.random.choice(keyed)
            return HasKey(name, self.whole_key(keys))
        return self.pick(
            (8, compared),
            (4, lambda: Binary(self.random.choice(["&&", "||"]), self.condition(depth),
                               self.condition(depth))),
            (2, lambda: Unary("!", self.condition(depth))),
            (1, lambda: Binary(self.random.choice("&|^"), self.expr("bool", depth),
                               self.expr("bool", depth))),
            (1, lambda: Cast(Bool(), self.expr(self.random.choice(["int", "int", "str"]), depth))),
            (2, has_key),
            (2, lambda: self.leaf("bool")))

    def storage_of(self, kind):
        """A variable or a map, where there is one."""
        names = self.visible(kind)
        if names and self.chance(0.7):
            return Var(self.random.choice(names))
        maps = self.maps_of(kind)
        return self.map_ref(self.random.choice(maps), 0) if maps else self.leaf(kind)

    def whole_key(self, key_kinds):
        keys = [self.key(kind, 0) for kind in key_kinds]
        return keys[0] if len(keys) == 1 else TupleValue(keys)

    def expr_str(self, kind, depth):
        if self.chance(0.1):
            return Binary("+", self.literal("str"), self.literal("str"))
        return self.leaf("str")

    def expr_tuple(self, kind, depth):
        if self.chance(0.3):
            return self.leaf(kind)
        return TupleValue([self.expr(k, depth) for k in kind[1:]])

    # --- statements ------------------------------------------------------------------------

    def body(self, depth, count):
        self.scopes.append([])
        stmts = [self.stmt(depth) for _ in range(count)]
        self.scopes.pop()
        return stmts

    def stmt(self, depth, plain=False):
        """A plain statement stands in a block that yields a value: no loops, no output."""
        choices = [(5, self.new_variable), (5, self.assign), (2, self.step_stmt),
                   (2, self.declared), (3, self.store)]
        if not plain:
            choices += [(7, self.output), (1, self.remove)]
            if depth > 0:
                choices += [(4, lambda: self.if_(depth - 1)), (2, lambda: self.loop(depth - 1))]
            if self.jump_ok:
                choices += [(1.5, lambda: self.jump())]
            if self.chance(0.02):
                return If(self.condition(2), [Jump("return")], None)
        return self.pick(*choices)

    def new_variable(self):
        kind = self.kind()
        value = self.expr(kind, 3)
        name = self.fresh()
        self.scopes[-1].append((name, kind, True))
        return Let(name, None, value) if self.chance(0.3) else Assign(Var(name), "=", value)

    def declared(self):
        kind = self.random.choice(["int", "int", "int", "bool", "str"])
        name = self.fresh("d")
        type_ = {"int": self.random.choice(kinds.INTEGERS), "bool": Bool(), "str": Str(40)}[kind]
        value = self.expr(kind, 3) if self.chance(0.8) or len(self.scopes) > 2 else None
        self.scopes[-1].append((name, kind, True))
        return Let(name, type_, value)

    def assign(self):
        kind = self.random.choice(["int"] * 4 + ["bool", "str", self.kind()])
        names = self.visible(kind, assignable=True)
        if not names:
            return self.new_variable()
        op = "="
        if kind == "int" and self.chance(0.5):
            op = self.random.choice(["+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="])
        value = self.expr(kind, 3) if op == "=" else self.pure_expr(kind, 3)
        return Assign(Var(self.random.choice(names)), op, value)

    def step_stmt(self):
        names = self.visible("int", assignable=True)
        target = Var(self.random.choice(names)) if names else None
        if (maps := self.maps_of("int")) and (not names or self.chance(0.4)):
            target = self.map_ref(self.random.choice(maps), 1)
        return StepStmt(target, self.random.choice(["++", "--"])) if target else self.new_variable()

    def store(self):
        if not self.maps:
            return self.new_variable()
        map_ = self.random.choice(self.maps)
        op = "="
        if map_[2] == "int" and self.chance(0.4):
            op = self.random.choice(["+=", "-=", "*=", "|="])
        value = self.expr(map_[2], 3) if op == "=" else self.pure_expr(map_[2], 3)
        return Assign(self.map_ref(map_, 1), op, value)

    def remove(self):
        keyed = [m for m in self.maps if m[1]]
        if not keyed:
            return self.output()
        name, keys, _ = self.random.choice(keyed)
        return Delete(name, self.whole_key(keys))

    def output(self):
        if self.chance(0.75):
            return Print(self.expr(self.kind(), 3))
        parts, values = [], []
        for _ in range(self.random.randint(1, 3)):
            flags = self.random.choice(["", "", "", "8", "-6"])
            if self.chance(0.3):
                parts.append(f"%{flags}s")
                values.append(self.expr(self.kind(), 2))
            else:
                length = self.random.choice(["", "l", "ll", "h", "hh"])
                parts.append(f"%{flags}{length}{self.random.choice('ddux')}")
                values.append(self.expr("int", 2))
        return Printf("[" + "] [".join(parts) + "]\n", values)

    def if_(self, depth):
        otherwise = None
        if self.chance(0.5):
            otherwise = self.body(depth, self.random.randint(1, 2))
        return If(self.condition(3), self.body(depth, self.random.randint(1, 3)), otherwise)

    def jump(self):
        return If(self.condition(2), [Jump(self.random.choice(["break", "continue"]))], None)

    def loop(self, depth):
        if self.loop_depth > 1:
            return self.output()
        return self.pick((3, lambda: self.for_range(depth)), (1, lambda: self.while_(depth)),
                         (1, lambda: self.unroll(depth)), (1.5, self.for_map))

    def for_map(self):
        """The order of the entries is open, so the body does what can be done in any."""
        keyed = [m for m in self.maps if m[1]]
        if not keyed:
            return self.output()
        name, keys, value = self.random.choice(keyed)
        key = keys[0] if len(keys) == 1 else ("tuple", *keys)
        total, entry = self.fresh("t"), self.fresh("kv")
        self.scopes.append([(entry, ("tuple", key, value), False)])
        op = self.random.choice(["+=", "+=", "-=", "^=", "|=", "&="])
        # The entry itself has to be read for the loop to mean anything.
        read = self.entry_part(Var(entry), ("tuple", key, value))
        change = Assign(Var(total), op, Binary("^", read, Paren(self.pure_expr("int", 2))))
        if self.chance(0.4):
            change = If(self.pure_expr("bool", 2), [change], None)
        self.scopes.pop()
        start = Cast(kinds.INT64, self.literal("int"))
        return nodes.Sequence([Assign(Var(total), "=", start), ForMap(entry, name, [change]),
                               Print(Var(total))])

    def entry_part(self, operand, kind):
        """An integer made of a part of an entry."""
        if isinstance(kind, tuple):
            index = self.random.randrange(len(kind) - 1)
            return self.entry_part(Element(operand, index, self.chance(0.3)), kind[index + 1])
        if kind == "int":
            return operand
        return Cast(kinds.UINT64, Cast(Bool(), operand) if kind == "str" else operand)

    def loop_body(self, depth, jump_ok=True):
        saved, self.jump_ok = self.jump_ok, jump_ok
        self.loop_depth += 1
        stmts = self.body(depth, self.random.randint(1, 3))
        self.loop_depth -= 1
        self.jump_ok = saved
        return stmts

    def for_range(self, depth):
        first = self.random.randint(-3, 5)
        ends = [nodes.number(first), nodes.number(first + self.random.randint(-1, 6))]
        if self.chance(0.4):  # an end that is not known while compiling, of few values
            ends[1] = Paren(Binary("%", Cast(kinds.INT64, Paren(Binary(
                "&", self.expr("int", 2), Literal(7, "7")))), Literal(9, "9")))
        name = self.fresh("i")
        self.scopes.append([(name, "int", False)])
        stmts = self.loop_body(depth)
        self.scopes.pop()
        return ForRange(name, *ends, stmts)

    def while_(self, depth):
        """Counts in a variable that nothing else assigns."""
        name = self.fresh("w")
        self.scopes.append([(name, "int", False)])
        stmts = self.loop_body(depth)
        self.scopes.pop()
        test = Binary("<", Var(name), Literal(5, "5"))
        if self.chance(0.4):
            test = Binary("&&", test, self.condition(1))
        loop = While(test, [StepStmt(Var(name), "++"), *stmts])
        return nodes.Sequence([Assign(Var(name), "=", nodes.number(self.random.randint(0, 4))),
                               loop])

    def unroll(self, depth):
        self.scopes.append([])
        stmts = self.loop_body(depth, jump_ok=False)
        self.scopes.pop()
        return Unroll(self.random.randint(1, 4), stmts)

    # --- programs --------------------------------------------------------------------------

    def make_maps(self):
        """Maps and a probe that fills them: what is read from them elsewhere is not known to
        the compiler."""
        stmts = []
        for i in range(self.random.randint(1, 5)):
            kind = self.kind()
            keys = [] if self.chance(0.5) else \
                [self.random.choice(["int", "int", "str", ("tuple", "int", "str"),
                                     ("tuple", "int", "int")])
                 for _ in range(self.random.choice([1, 1, 2]))]
            map_ = (f"@{self.prefix}{'abcdefgh'[i]}", keys, kind)
            for _ in range(self.random.randint(1, 4) if keys else 1):
                stmts.append(Assign(self.map_ref(map_, 0), "=", self.input(kind)))
            self.maps.append(map_)
        return Probe(None, stmts)

    def input(self, kind):
        if isinstance(kind, tuple):
            return TupleValue([self.input(k) for k in kind[1:]])
        if kind == "int" and self.chance(0.7):
            return Cast(self.random.choice(kinds.INTEGERS), self.literal("int"))
        return self.literal(kind)

    def program(self):
        probes = [self.make_maps()]
        for _ in range(self.random.choice([1, 1, 1, 2])):
            self.budget = self.random.choice([20, 60, 120])
            predicate = Paren(self.condition(2)) if self.chance(0.1) else None
            stmts = self.body(2, self.random.randint(2, 8))
            probes.append(Probe(predicate, stmts))
        return Program(probes)


def program(random, number):
    """A program that means something, with the lines that it prints."""
    from .evaluate import expected_lines
    while True:
        made = Generator(random, f"p{number}").program()
        try:
            lines = expected_lines(made)
        except Invalid:
            continue
        if lines:
            return made, lines
