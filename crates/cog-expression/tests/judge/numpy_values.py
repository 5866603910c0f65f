"""Evaluates expressions by Python's own parser and NumPy, and compares.

    python numpy_values.py INPUT.json

A value is an array of float64 and, beside it, where it is valid; the rules of validity are those that the documentation of the crate states, written down
once more. Prints {"compared", "wrong", "valid", "summary"}.
"""

import ast
import json
import sys

import numpy as np

np.seterr(all="ignore")
LARGEST = np.finfo(np.float32).max

# What C libraries make in different ways: results differ by a unit in the last place of a double, of which some become another float.
INEXACT = {
    "arccos", "arcsin", "arctan", "arcsinh", "cos", "exp", "expm1", "log", "log10", "log1p", "log2", "sin", "tan", "tanh", "arctan2", "hypot",
    "power",
}
FUNCTIONS = {
    "abs": np.abs, "arccos": np.arccos, "arcsin": np.arcsin, "arctan": np.arctan, "arcsinh": np.arcsinh, "ceil": np.ceil, "cos": np.cos,
    "exp": np.exp, "expm1": np.expm1, "floor": np.floor, "log": np.log, "log10": np.log10, "log1p": np.log1p, "log2": np.log2,
    "ones_like": np.ones_like, "round": np.rint, "sign": np.sign, "sin": np.sin, "sqrt": np.sqrt, "tan": np.tan, "tanh": np.tanh,
    "trunc": np.trunc, "arctan2": np.arctan2, "copysign": np.copysign, "fmod": np.fmod, "hypot": np.hypot, "power": np.power,
    # Which of 0 and -0 is the smaller one NumPy leaves to the processor: here it is the first.
    "maximum": lambda a, b: np.where(a >= b, a, b), "minimum": lambda a, b: np.where(a <= b, a, b),
}
LOOSE = ("%", "//", "fmod", "sin(", "cos(", "tan(", "&", "|", "^", "~", "<<", ">>")
CONSTANTS = {"nan": np.nan, "inf": np.inf, "pi": np.pi, "e": np.e}
COMPARE = {
    ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal, ast.Eq: np.equal, ast.NotEq: np.not_equal,
}
ARITHMETIC = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply}
DIVISION = {ast.Div: np.divide, ast.FloorDiv: np.floor_divide, ast.Mod: np.remainder}
BITS = {ast.BitAnd: np.bitwise_and, ast.BitOr: np.bitwise_or, ast.BitXor: np.bitwise_xor}
LOGICAL = {ast.BitAnd: np.logical_and, ast.BitOr: np.logical_or, ast.BitXor: np.logical_xor}
SHIFTS = (ast.LShift, ast.RShift)


class Value:
    """Numbers, where they are valid, and whether they are true or false rather than numbers."""

    def __init__(self, numbers, valid, logical=False):
        self.numbers = np.asarray(numbers, np.float64)
        self.valid = valid & ~np.isnan(self.numbers)
        self.logical = logical


def whole(value):
    """As int64, and where they are whole and fit."""
    numbers = np.where(value.valid, value.numbers, 0.5)
    fits = (np.abs(numbers) < 2.0**63) | (numbers == -(2.0**63))
    fits &= np.isfinite(numbers) & (numbers == np.floor(numbers))
    return np.where(fits, numbers, 0).astype(np.int64), fits


class Evaluator:
    def __init__(self, bands):
        self.bands = bands
        self.exact = True
        self.shape = next(iter(bands.values())).numbers.shape

    def constant(self, number, logical=False):
        return Value(np.full(self.shape, float(number)), np.ones(self.shape, bool), logical)

    def of(self, node):
        return getattr(self, type(node).__name__)(node)

    def Expression(self, node):
        return self.of(node.body)

    def Constant(self, node):
        return self.constant(node.value, isinstance(node.value, bool))

    def Name(self, node):
        return self.bands[node.id] if node.id in self.bands else self.constant(CONSTANTS[node.id])

    def UnaryOp(self, node):
        a = self.of(node.operand)
        if isinstance(node.op, ast.USub):
            return Value(-a.numbers, a.valid)
        if isinstance(node.op, ast.UAdd):
            return Value(a.numbers, a.valid)
        if isinstance(node.op, ast.Not) or a.logical:
            return Value(a.numbers == 0, a.valid, True)
        bits, fits = whole(a)
        return Value(~bits, a.valid & fits)

    def BinOp(self, node):
        a, b, kind = self.of(node.left), self.of(node.right), type(node.op)
        valid = a.valid & b.valid
        if kind in ARITHMETIC:
            return Value(ARITHMETIC[kind](a.numbers, b.numbers), valid)
        if kind in DIVISION:
            return Value(DIVISION[kind](a.numbers, b.numbers), valid & (b.numbers != 0))
        if kind is ast.Pow:
            return self.power(a, b)
        if kind in LOGICAL and a.logical and b.logical:
            return Value(LOGICAL[kind](a.numbers != 0, b.numbers != 0), valid, True)
        (left, a_fits), (right, b_fits) = whole(a), whole(b)
        valid = valid & a_fits & b_fits
        if kind in BITS:
            return Value(BITS[kind](left, right), valid)
        valid = valid & (right >= 0) & (right < 64)
        by = np.clip(right, 0, 63)
        if kind is ast.RShift:
            return Value(left >> by, valid)
        shifted = left << by
        return Value(shifted, valid & (shifted >> by == left))

    def power(self, a, b):
        self.exact = False
        zero = (a.numbers == 0) & (b.numbers < 0)
        return Value(np.power(a.numbers, b.numbers), a.valid & b.valid & ~zero)

    def BoolOp(self, node):
        first, *rest = [self.of(value) for value in node.values]
        result = Value(first.numbers != 0, first.valid, True)
        for value in rest:
            settled = (result.numbers == 0) if isinstance(node.op, ast.And) else (result.numbers != 0)
            numbers = np.where(settled, result.numbers, value.numbers != 0)
            result = Value(numbers, result.valid & (settled | value.valid), True)
        return result

    def Compare(self, node):
        left, result = self.of(node.left), None
        for operator, right in zip(node.ops, node.comparators):
            right = self.of(right)
            one = Value(COMPARE[type(operator)](left.numbers, right.numbers), left.valid & right.valid, True)
            if result is None:
                result = one
            else:
                settled = result.numbers == 0
                result = Value(np.where(settled, 0, one.numbers), result.valid & (settled | one.valid), True)
            left = right
        return result

    def choose(self, condition, yes, no):
        taken = condition.numbers != 0
        numbers = np.where(taken, yes.numbers, no.numbers)
        return Value(numbers, condition.valid & np.where(taken, yes.valid, no.valid), yes.logical and no.logical)

    def IfExp(self, node):
        return self.choose(self.of(node.test), self.of(node.body), self.of(node.orelse))

    def Call(self, node):
        name, arguments = node.func.id, [self.of(argument) for argument in node.args]
        if name == "where":
            return self.choose(*arguments)
        if name == "power":
            return self.power(*arguments)
        first, everywhere = arguments[0], np.ones(self.shape, bool)
        if name == "isnan":
            return Value(~first.valid, everywhere, True)
        if name == "isfinite":
            return Value(first.valid & np.isfinite(first.numbers), everywhere, True)
        if name == "isinf":
            return Value(first.valid & np.isinf(first.numbers), everywhere, True)
        if name == "signbit":
            return Value(np.signbit(first.numbers), first.valid, True)
        if name in INEXACT:
            self.exact = False
        valid = np.logical_and.reduce([argument.valid for argument in arguments])
        return Value(FUNCTIONS[name](*[argument.numbers for argument in arguments]), valid)


def read(band):
    numbers = np.array([float(v) for v in band["values"]])
    return Value(numbers, np.array(band["mask"]) > 0)


def main():
    with open(sys.argv[1]) as file:
        asked = json.load(file)
    bands = {f"b{i + 1}": read(band) for i, band in enumerate(asked["bands"])}
    wrong, valid, inexact, loose, off = [], [], 0, 0, 0
    for expression in asked["expressions"]:
        evaluator = Evaluator(bands)
        value = evaluator.of(ast.parse(expression["text"], mode="eval"))
        numbers = value.numbers.astype(np.float32)
        expected = np.where(value.valid & np.isfinite(numbers), numbers, np.float32(np.nan))
        found = np.array([np.nan if v is None else v for v in expression["values"]], np.float32)
        same = (expected == found) | (np.isnan(expected) & np.isnan(found))
        if not evaluator.exact and any(word in expression["text"] for word in LOOSE):
            # Of a number whose last digit is another, what is left of a division, a period, or bits may be any.
            loose += 1
        elif not evaluator.exact:
            # A step behind a function (floor, a comparison) may fall to the other side: of few pixels.
            inexact += 1
            near = np.abs(expected - found) <= 1e-5 * np.maximum(np.abs(expected), np.abs(found)) + 1e-37
            off += int((~same).sum())
            if (~(same | near)).mean() > 0.002:
                at = int(np.flatnonzero(~(same | near))[0])
                wrong.append([expression["text"], at, str(expected[at]), str(found[at])])
        elif not same.all():
            at = int(np.flatnonzero(~same)[0])
            wrong.append([expression["text"], at, str(expected[at]), str(found[at])])
        valid.append(float(np.isfinite(expected).mean()))
    summary = f"{inexact} with functions that C libraries round in different ways, {off} of their samples not the same to the bit; {loose} not compared, with remainders, periods or bits of such"
    print(json.dumps({"compared": len(valid), "wrong": wrong[:5], "valid": float(np.mean(valid)), "summary": summary}, default=str))


main()
