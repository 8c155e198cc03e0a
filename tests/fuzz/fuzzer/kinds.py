# SPDX-License-Identifier: Apache-2.0
"""Types of the language and what follows from them alone: promotion, conversion, the types of
operators. Written from the description of the language, never from the compiler."""

import dataclasses

U64 = 2**64 - 1
I64_MAX = 2**63 - 1
I64_MIN = -2**63


class Invalid(Exception):
    """The program is not one of the language, or leaves its result open. It is thrown away."""


@dataclasses.dataclass(frozen=True)
class Int:
    size: int  # bytes
    signed: bool
    # A literal takes the sign of the other side. "open": what a block or a branch yields, of which
    # the description does not say whether it still does.
    flexible: bool | str = False

    kind = "int"

    def __str__(self):
        return f"{'' if self.signed else 'u'}int{self.size * 8}"

    @property
    def lowest(self):
        return -2**(8 * self.size - 1) if self.signed else 0

    @property
    def highest(self):
        return 2**(8 * self.size - self.signed) - 1


@dataclasses.dataclass(frozen=True)
class Bool:
    kind = "bool"

    def __str__(self):
        return "bool"


@dataclasses.dataclass(frozen=True)
class Str:
    capacity: int  # the NUL included

    kind = "str"

    def __str__(self):
        return f"string[{self.capacity}]"


@dataclasses.dataclass(frozen=True)
class Tuple:
    elements: tuple

    @property
    def kind(self):
        return ("tuple", *(element.kind for element in self.elements))

    def __str__(self):
        return f"({','.join(map(str, self.elements))})"


INT64, UINT64 = Int(8, True), Int(8, False)
INTEGERS = [Int(size, signed) for size in (1, 2, 4, 8) for signed in (True, False)]


def literal_type(value):
    if isinstance(value, bool):
        return Bool()
    if isinstance(value, str):
        return Str(len(value) + 1)
    for size in (1, 2, 4, 8):
        if Int(size, True).lowest <= value <= Int(size, True).highest:
            return Int(size, True, flexible=value >= 0)
    return UINT64


def settled(type_):
    """The type that a value of it has once it is no longer a literal."""
    if isinstance(type_, Int):
        return Int(type_.size, type_.signed)
    if isinstance(type_, Tuple):
        return Tuple(tuple(map(settled, type_.elements)))
    return type_


def opened(type_):
    """The type of a value that is no literal itself but comes from one unchanged."""
    if isinstance(type_, Int) and type_.flexible:
        return Int(type_.size, type_.signed, "open")
    if isinstance(type_, Tuple):
        return Tuple(tuple(map(opened, type_.elements)))
    return type_


def check_open(a, b):
    if a.signed != b.signed and "open" in (a.flexible, b.flexible):
        raise Invalid("whether this is flexible is open")


def promote_integers(a, b):
    check_open(a, b)
    size = max(a.size, b.size)
    if a.signed == b.signed:
        flexible = a.flexible and b.flexible and ("open" if "open" in (a.flexible, b.flexible)
                                                  else True)
        return Int(size, a.signed, flexible)
    if a.flexible:
        return Int(size, b.signed)
    if b.flexible:
        return Int(size, a.signed)
    signed, unsigned = (a, b) if a.signed else (b, a)
    if signed.size > unsigned.size:
        return signed
    return Int(min(8, 2 * size), True)


def promote(a, b):
    """The type that holds both."""
    if a.kind != b.kind:
        raise Invalid(f"no type holds {a} and {b}")
    if isinstance(a, Int):
        return promote_integers(a, b)
    if isinstance(a, Str):
        return Str(max(a.capacity, b.capacity))
    if isinstance(a, Tuple):
        return Tuple(tuple(map(promote, a.elements, b.elements)))
    return a


def wrap(value, type_):
    """The low bytes of an integer, read as this type."""
    value &= 2**(8 * type_.size) - 1
    return value - 2**(8 * type_.size) if value > type_.highest else value


def convert(value, to):
    """A value of any type with the same shape, stored in one of this type."""
    if isinstance(to, Int):
        return wrap(value, to)
    if isinstance(to, Tuple):
        return tuple(map(convert, value, to.elements))
    return value


def zero(type_):
    if isinstance(type_, Tuple):
        return tuple(map(zero, type_.elements))
    return {"int": 0, "bool": False, "str": ""}[type_.kind]


def show(value):
    """As print() writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"({', '.join(map(show, value))})"
    return str(value)


# --- operators -----------------------------------------------------------------------------

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
LOGICAL = ("&&", "||")
ARITHMETIC = ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>")


def compare(op, a, b):
    return {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]


def arithmetic_type(op, a, b):
    """The result of an operator between two integers at run time: always 64 bits."""
    check_open(a, b)
    a_signed = b.signed if a.flexible and not b.flexible else a.signed
    b_signed = a.signed if b.flexible and not a.flexible else b.signed
    return INT64 if a_signed or b_signed or op == "-" else UINT64


def compute(op, a, b):
    """At run time, as 64 bits: division and shifts to the right are unsigned for every type."""
    a, b = a & U64, b & U64
    if op in ("<<", ">>") and b > 63:
        raise Invalid("the result of such a shift is open")
    if op in ("/", "%") and b == 0:
        return 1
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a // b,
            "%": lambda: a % b, "&": lambda: a & b, "|": lambda: a | b, "^": lambda: a ^ b,
            "<<": lambda: a << b, ">>": lambda: a >> b}[op]()


def fold_integers(op, a, b):
    """Of two literals: exact, with a check for overflow."""
    if (a < 0 and b > I64_MAX) or (b < 0 and a > I64_MAX):
        raise Invalid("a literal above the signed ones beside a negative one")
    if op in COMPARISONS:
        return compare(op, a, b)
    if op in ("&", "|", "^"):
        bits = compute(op, a, b)
        return wrap(bits, INT64) if a < 0 or b < 0 else bits
    if op in ("/", "%"):
        if b == 0:
            raise Invalid("division of a literal by zero")
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return quotient if op == "/" else a - quotient * b
    if op in ("<<", ">>"):
        if not 0 <= b <= 63:
            raise Invalid("a shift of a literal by more than its bits")
        result = a << b if op == "<<" else a >> b
        if op == "<<" and a < 0:
            raise Invalid("whether this overflows is open")
    else:
        result = {"+": a + b, "-": a - b, "*": a * b}[op]
    if not I64_MIN <= result <= U64:
        raise Invalid("overflow of literals")
    # Beyond the signed ones the description leaves open which operands make it an overflow.
    if result > I64_MAX and not max(a, b) > I64_MAX or result < 0 and max(a, b) > I64_MAX:
        raise Invalid("whether this overflows is open")
    return result
