# SPDX-License-Identifier: Apache-2.0
"""Gives every expression its type (and its value, where it folds to a literal), every variable
and map the promotion of all that is stored in it. Raises Invalid for what is no program."""

from . import kinds, nodes
from .kinds import INT64, UINT64, Bool, Int, Invalid, Str, Tuple, literal_type, opened, promote, settled


class Storage:
    """A variable, the keys of a map or its values."""

    def __init__(self, declared=None):
        self.declared, self.stored = declared, None
        self.constant = False  # the variable of a loop

    @property
    def type(self):
        return self.declared or (self.stored and settled(self.stored))

    def absorb(self, type_, literal=None):
        if type_ is None:
            return
        if self.declared:
            promote(self.declared, type_)
            if isinstance(type_, Int) and literal is not None and \
                    not self.declared.lowest <= literal <= self.declared.highest:
                raise Invalid("a literal that does not fit")
            if isinstance(type_, Str) and type_.capacity > self.declared.capacity:
                raise Invalid("a string that does not fit")
            return
        self.stored = promote(self.stored, type_) if self.stored else type_


class Map:
    def __init__(self, is_keyed):
        self.is_keyed, self.key, self.value = is_keyed, Storage(), Storage()


class Inference:
    def __init__(self, program):
        self.program = program
        self.maps = {}
        self.storages = {}  # of the statement that declares a variable
        self.scopes = []
        self.loops = 0

    def run(self):
        before = None
        while before != (before := self.state()):
            for probe in self.program.probes:
                self.scopes, self.loops = [{}], 0
                if probe.predicate:
                    self.condition(probe.predicate)
                self.body(probe.body)
        for storage in self.everything():
            if storage.type is None:
                raise Invalid("something is never assigned")
        return self

    def everything(self):
        yield from self.storages.values()
        for map_ in self.maps.values():
            yield map_.value
            if map_.is_keyed:
                yield map_.key

    def state(self):
        return [storage.stored for storage in self.everything()] or "at the start"

    # --- names -----------------------------------------------------------------------------

    def find(self, name):
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def declare(self, name, stmt, declared=None):
        if self.find(name):
            raise Invalid("a variable with this name is visible")
        storage = self.storages.setdefault(stmt, Storage(declared))
        self.scopes[-1][name] = storage
        return storage

    def map(self, ref):
        map_ = self.maps.setdefault(ref.name, Map(bool(ref.keys)))
        if map_.is_keyed != bool(ref.keys):
            raise Invalid("both a scalar map and a keyed one")
        if ref.keys:
            types = [self.expr(key) for key in ref.keys]
            if all(types):
                key = types[0] if len(types) == 1 else Tuple(tuple(types))
                map_.key.absorb(key)
        return map_

    def target(self, lvalue):
        """Where a reference stores to; the reference knows it from then on."""
        if isinstance(lvalue, nodes.MapRead):
            lvalue.storage = self.map(lvalue)
            return lvalue.storage.value
        lvalue.storage = self.find(lvalue.name)
        if lvalue.storage is None:
            raise Invalid("an undeclared variable")
        return lvalue.storage

    # --- statements ------------------------------------------------------------------------

    def body(self, stmts):
        self.scopes.append({})
        for stmt in stmts:
            self.stmt(stmt)
        self.scopes.pop()

    def condition(self, expr):
        type_ = self.expr(expr)
        if type_ is not None and not isinstance(type_, (Int, Bool)):
            raise Invalid("this is no condition")

    def stmt(self, stmt):
        getattr(self, "stmt_" + type(stmt).__name__)(stmt)

    def stmt_Assign(self, s):
        type_ = self.expr(s.value)
        is_new = isinstance(s.target, nodes.Var) and self.find(s.target.name) is None
        if is_new and s.op == "=":
            self.declare(s.target.name, s)
        storage = self.target(s.target)
        if storage.constant:
            raise Invalid("the variable of a loop is changed")
        if s.op != "=":
            # Only arithmetic on integers is in the description of `op=`.
            if type_ and storage.type and not (isinstance(type_, Int) and
                                               isinstance(storage.type, Int)):
                raise Invalid("an operator on something else than integers")
            if storage.type is None and storage.declared is None:
                return
            s.result = type_ and kinds.arithmetic_type(s.op[:-1], storage.type, type_)
            storage.absorb(s.result)
        else:
            storage.absorb(type_, s.value.literal)

    def stmt_Let(self, s):
        type_ = self.expr(s.value) if s.value else None
        s.storage = self.declare(s.name, s, s.type)
        if s.value:
            s.storage.absorb(type_, s.value.literal)

    def step(self, s):
        storage = self.target(s.target)
        if storage.type is not None and not isinstance(storage.type, Int) or storage.constant:
            raise Invalid("this cannot be counted")
        if storage.type is not None:
            storage.absorb(INT64 if s.op == "--" or storage.type.signed else UINT64)
        return storage.type

    def stmt_StepStmt(self, s):
        self.step(s)

    def stmt_Sequence(self, s):
        for stmt in s.body:
            self.stmt(stmt)

    def stmt_Discard(self, s):
        self.expr(s.value)

    def stmt_If(self, s):
        self.condition(s.condition)
        self.body(s.then)
        if s.otherwise is not None:
            self.body(s.otherwise)

    def stmt_While(self, s):
        self.condition(s.condition)
        self.loop(s.body)

    def loop(self, stmts):
        self.loops += 1
        self.body(stmts)
        self.loops -= 1

    def stmt_ForRange(self, s):
        for end in (s.first, s.last):
            type_ = self.expr(end)
            if type_ is not None and not (isinstance(type_, Int) and type_.signed):
                raise Invalid("the type of the loop's variable is open")
        self.scopes.append({})
        s.storage = self.declare(s.name, s, INT64)
        s.storage.constant = True
        self.loop(s.body)
        self.scopes.pop()

    def stmt_ForMap(self, s):
        map_ = self.maps.get(s.map)
        if map_ is None or not map_.is_keyed:
            raise Invalid("no such keyed map")
        types = (map_.key.type, map_.value.type)
        self.scopes.append({})
        s.storage = self.declare(s.name, s)
        s.storage.constant = True
        s.storage.stored = Tuple(types) if all(types) else None
        s.entries = map_
        self.loop(s.body)
        self.scopes.pop()

    def stmt_Unroll(self, s):
        loops, self.loops = self.loops, 0  # `break` is for loops only
        self.body(s.body)
        self.loops = loops

    def stmt_Jump(self, s):
        if s.word != "return" and not self.loops:
            raise Invalid("no loop to leave")

    def stmt_Print(self, s):
        self.expr(s.value)
        value = s.value
        while isinstance(value, nodes.Paren):
            value = value.operand
        if isinstance(value, nodes.MapRead) and not value.keys:
            raise Invalid("prints the map, not its value")

    def stmt_Printf(self, s):
        for value in s.values:
            self.expr(value)

    def stmt_Delete(self, s):
        self.key_of(s)

    def key_of(self, node):
        map_ = self.maps.get(node.map)
        if map_ is None or not map_.is_keyed:
            raise Invalid("no such keyed map")
        type_ = self.expr(node.key)
        if type_:
            map_.key.absorb(type_)
        node.storage = map_

    # --- expressions -----------------------------------------------------------------------

    def expr(self, expr):
        """The type of an expression; None while it is not known."""
        expr.literal = None
        expr.type = getattr(self, "expr_" + type(expr).__name__)(expr)
        if expr.literal is not None:
            expr.type = literal_type(expr.literal)
        return expr.type

    def expr_Literal(self, e):
        e.literal = e.value

    def expr_Paren(self, e):
        type_ = self.expr(e.operand)
        e.literal = e.operand.literal
        return type_

    def expr_Var(self, e):
        return self.target(e).type

    def expr_MapRead(self, e):
        return self.target(e).type

    def expr_Step(self, e):
        return self.step(e)

    def expr_HasKey(self, e):
        self.key_of(e)
        return Bool()

    def expr_Byte(self, e):
        type_ = self.expr(e.text)
        if type_ is None:
            return Int(1, True)
        if not isinstance(type_, Str) or e.index >= type_.capacity:
            raise Invalid("no such byte")
        if e.text.literal is not None:
            raise Invalid("whether this is a literal is open")
        return Int(1, True)

    def expr_Unary(self, e):
        type_, value = self.expr(e.operand), e.operand.literal
        if e.op == "!":
            self.condition(e.operand)
            if value is not None:
                e.literal = not value
            return Bool()
        if type_ is None:
            return None
        if not isinstance(type_, Int):
            raise Invalid("an integer is needed")
        if value is not None:
            e.literal = -value if e.op == "-" else ~value & kinds.U64 if value >= 0 else ~value
            if e.literal < kinds.I64_MIN:
                raise Invalid("below the smallest integer")
        if type_.flexible == "open":
            raise Invalid("whether this is flexible is open")
        return INT64 if type_.signed else UINT64

    def expr_Binary(self, e):
        left, right = self.expr(e.lhs), self.expr(e.rhs)
        a, b = e.lhs.literal, e.rhs.literal
        both = a is not None and b is not None
        if e.op in kinds.LOGICAL:
            self.condition(e.lhs)
            self.condition(e.rhs)
            if both:
                e.literal = bool(a and b) if e.op == "&&" else bool(a or b)
            return Bool()
        if left is None or right is None:
            return Bool() if e.op in kinds.COMPARISONS else None
        if left.kind != right.kind:
            raise Invalid("operands of two kinds")
        if isinstance(left, Int):
            if both:
                e.literal = kinds.fold_integers(e.op, a, b)
            return Bool() if e.op in kinds.COMPARISONS else kinds.arithmetic_type(e.op, left, right)
        if isinstance(left, Bool):
            if e.op not in ("==", "!=", "&", "|", "^"):
                raise Invalid("left open for two bools")
            return Bool()
        if isinstance(left, Str) and both:
            if e.op == "+":
                e.literal = a + b
                return None
            if e.op in kinds.COMPARISONS:
                e.literal = kinds.compare(e.op, a, b)
                return None
        if e.op not in ("==", "!="):
            raise Invalid("this operator is for integers")
        return Bool()

    def branches(self, e, then, otherwise):
        if then is None or otherwise is None:
            return then or otherwise
        return opened(promote(then, otherwise))

    def expr_Ternary(self, e):
        self.condition(e.condition)
        then, otherwise = self.expr(e.then), self.expr(e.otherwise)
        if None not in (e.condition.literal, e.then.literal, e.otherwise.literal):
            e.literal = (e.then if e.condition.literal else e.otherwise).literal
        return self.branches(e, then, otherwise)

    def expr_Elvis(self, e):
        self.condition(e.condition)
        otherwise = self.expr(e.otherwise)
        if None not in (e.condition.literal, e.otherwise.literal):
            e.literal = e.condition.literal or e.otherwise.literal
        return self.branches(e, e.condition.type, otherwise)

    def expr_BlockValue(self, e):
        self.scopes.append({})
        for stmt in e.body:
            self.stmt(stmt)
        type_ = self.expr(e.value)
        self.scopes.pop()
        if not e.body:
            e.literal = e.value.literal
        return type_ and opened(type_)

    def expr_IfValue(self, e):
        self.condition(e.condition)
        return self.branches(e, self.expr(e.then), self.expr(e.otherwise))

    def expr_Cast(self, e):
        type_ = self.expr(e.operand)
        if type_ is None:
            return e.to
        # From a literal above int64, or a bool of an integer: all described.
        if isinstance(e.to, Bool) and isinstance(type_, Str):
            return e.to
        if isinstance(e.to, (Int, Bool)) and isinstance(type_, (Int, Bool)):
            return e.to
        raise Invalid("no such cast")

    def expr_TupleValue(self, e):
        types = [self.expr(element) for element in e.elements]
        return Tuple(tuple(types)) if all(types) else None

    def expr_Element(self, e):
        type_ = self.expr(e.operand)
        if type_ is None:
            return None
        if not isinstance(type_, Tuple) or e.index >= len(type_.elements):
            raise Invalid("no such element")
        value = e.operand
        while isinstance(value, nodes.Paren):
            value = value.operand
        if isinstance(value, nodes.TupleValue) and value.elements[e.index].literal is not None:
            raise Invalid("whether this is still a literal is open")
        return opened(type_.elements[e.index])
