"""Eight numbers at a time: a type for numba whose operators compute in all lanes at once.

numba turns a loop into vector instructions when it is lucky. Here luck has no say: a value of this type is a vector of
8 float32, which LLVM maps onto what the processor has: one register of AVX, two of SSE or NEON. Wider ones would not be
faster: AVX2 has 16 registers, and what does not fit into them goes to memory and back.

    x = load(array, 32)            # array[32:40]
    y = exp2(x * 0.5 - lanes(1))   # operators take vectors and plain numbers, in either order
    store(array, 32, y)

Traps:   nothing is checked: an index beyond the end reads, or writes, whatever lies there.
"""

import operator

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

WIDTH = 8
FAST = ("fast",)  # reorder, contract into fused multiply-adds; NaN and infinity are kept away by the callers
FLOAT, INT = ir.FloatType(), ir.IntType(32)
VECTOR, INTS = ir.VectorType(FLOAT, WIDTH), ir.VectorType(INT, WIDTH)
# 2^f for |f| <= 1/2 within 8e-8 of its size: the polynomial of degree 5 whose largest relative error is smallest.
EXP2 = (1.0000000717, 0.6931469670, 0.2402211971, 0.0555071329, 0.0096755421, 0.0013276468)
# log2 m for 1 <= m < 2, by powers of m - 3/2, within 4e-6.
LOG2 = (0.58496304, 0.96182124, -0.32065228, 0.14171804, -0.07037684, 0.04392902, -0.02569080)
ROUND = 1.5 * 2**23  # added to a float32, it leaves the nearest integer in the lowest bits


class Lanes(types.Type):
    """8 float32."""

    def __init__(self):
        super().__init__(name="lanes")


vector = Lanes()


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, VECTOR)


def constant(value: float) -> ir.Constant:
    return ir.Constant(VECTOR, [ir.Constant(FLOAT, float(value))] * WIDTH)


def whole(number: int) -> ir.Constant:
    return ir.Constant(INTS, [INT(number)] * WIDTH)


def picked(*lanes: int) -> ir.Constant:
    """Which lanes a shuffle takes."""
    return ir.Constant(ir.VectorType(INT, len(lanes)), list(lanes))


def widened(context, builder, value, kind):
    """A number in all lanes; a vector as it is."""
    if isinstance(kind, Lanes):
        return value
    number = context.cast(builder, value, kind, types.float32)
    nothing = ir.Constant(VECTOR, ir.Undefined)
    return builder.shuffle_vector(builder.insert_element(nothing, number, INT(0)), nothing, picked(*[0] * WIDTH))


def _operator(symbol, instruction: str) -> None:
    """Teach numba one operator: vector with vector, or with a number on either side."""

    @infer_global(symbol)
    class Rule(AbstractTemplate):
        def generic(self, args, kwargs):
            if len(args) == 2 and vector in args and all(one == vector or one in types.number_domain for one in args):
                return signature(vector, *args)
            return None

    def lower(context, builder, kind, args):
        left, right = (widened(context, builder, *pair) for pair in zip(args, kind.args, strict=True))
        return getattr(builder, instruction)(left, right, flags=FAST)

    for pair in ((Lanes, Lanes), (Lanes, types.Number), (types.Number, Lanes)):
        lower_builtin(symbol, *pair)(lower)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
_operator(operator.truediv, "fdiv")


@intrinsic
def lanes(typing, value):
    """A number in all lanes."""

    def code(context, builder, kind, args):
        return widened(context, builder, args[0], kind.args[0])

    return vector(value), code


@intrinsic
def lane_numbers(typing):
    """0 to 7."""

    def code(context, builder, kind, args):
        return ir.Constant(VECTOR, [ir.Constant(FLOAT, float(lane)) for lane in range(WIDTH)])

    return vector(), code


def address(context, builder, array, value, index, kind, count: int = WIDTH):
    """Where `count` numbers of an array begin, as a pointer to a vector."""
    data = context.make_array(array)(context, builder, value).data
    place = builder.gep(data, [context.cast(builder, index, kind, types.intp)])
    return builder.bitcast(place, ir.VectorType(FLOAT, count).as_pointer())


@intrinsic
def load(typing, array, index):
    """8 numbers of a flat float32 array from `index` on."""

    def code(context, builder, kind, args):
        found = builder.load(address(context, builder, kind.args[0], args[0], args[1], kind.args[1]))
        found.align = 4
        return found

    return vector(array, index), code


@intrinsic
def store(typing, array, index, value):
    """Put 8 numbers into a flat float32 array from `index` on."""

    def code(context, builder, kind, args):
        where = address(context, builder, kind.args[0], args[0], args[1], kind.args[1])
        builder.store(widened(context, builder, args[2], kind.args[2]), where).align = 4
        return context.get_dummy_value()

    return types.none(array, index, value), code


@intrinsic
def load_bytes(typing, array, index):
    """8 numbers of a flat uint8 array from `index` on, 0 to 255."""

    def code(context, builder, kind, args):
        data = context.make_array(kind.args[0])(context, builder, args[0]).data
        place = builder.gep(data, [context.cast(builder, args[1], kind.args[1], types.intp)])
        found = builder.load(builder.bitcast(place, ir.VectorType(ir.IntType(8), WIDTH).as_pointer()))
        found.align = 1
        return builder.uitofp(found, VECTOR)

    return vector(array, index), code


def two_rows(context, builder, kind, args):
    """Where the upper and the lower four pixels of a block begin: at an index of an array, and a stride further on."""
    start, step = (context.cast(builder, args[k], kind.args[k], types.intp) for k in (1, 2))
    places = start, builder.add(start, step)
    return [address(context, builder, kind.args[0], args[0], place, types.intp, 4) for place in places]


@intrinsic
def load_block(typing, array, index, stride):
    """4×2 pixels: four numbers from `index` on, and four from `index + stride` on."""

    def code(context, builder, kind, args):
        rows = [builder.load(place) for place in two_rows(context, builder, kind, args)]
        for row in rows:
            row.align = 4
        return builder.shuffle_vector(*rows, picked(*range(WIDTH)))

    return vector(array, index, stride), code


@intrinsic
def store_block(typing, array, index, stride, value):
    """Put 4×2 pixels back where `load_block` takes them from."""

    def code(context, builder, kind, args):
        for half, place in enumerate(two_rows(context, builder, kind, args)):
            row = builder.shuffle_vector(args[3], args[3], picked(*range(4 * half, 4 * half + 4)))
            builder.store(row, place).align = 4
        return context.get_dummy_value()

    return types.none(array, index, stride, value), code


def _chosen(name: str, symbol: str):
    @intrinsic
    def choose(typing, one, other):
        def code(context, builder, kind, args):
            a, b = (widened(context, builder, *pair) for pair in zip(args, kind.args, strict=True))
            return builder.select(builder.fcmp_ordered(symbol, a, b, flags=FAST), a, b)

        return vector(one, other), code

    choose.__name__ = name
    return choose


smaller = _chosen("smaller", "<")
larger = _chosen("larger", ">")


@intrinsic
def where_less(typing, left, right, then, otherwise):
    """Lane by lane `then` where left < right, else `otherwise`."""

    def code(context, builder, kind, args):
        a, b, x, y = (widened(context, builder, *pair) for pair in zip(args, kind.args, strict=True))
        return builder.select(builder.fcmp_ordered("<", a, b), x, y)

    return vector(left, right, then, otherwise), code


@intrinsic
def which_less(typing, left, right):
    """The lanes in which left < right, as the bits of an integer."""

    def code(context, builder, kind, args):
        a, b = (widened(context, builder, *pair) for pair in zip(args, kind.args, strict=True))
        bits = builder.bitcast(builder.fcmp_ordered("<", a, b), ir.IntType(WIDTH))
        return builder.zext(bits, ir.IntType(64))

    return types.int64(left, right), code


@intrinsic
def lowest_bit(typing, bits):
    """The number of the lowest bit that is set; there has to be one."""

    def code(context, builder, kind, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), code


@intrinsic
def bits_of(typing, number):
    """The bits of a float32 as an integer; of positive numbers, they have the same order."""

    def code(context, builder, kind, args):
        return builder.bitcast(args[0], INT)

    return types.int32(types.float32), code


@intrinsic
def square_root(typing, value):
    def code(context, builder, kind, args):
        name = f"llvm.sqrt.v{WIDTH}f32"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(VECTOR, [VECTOR]), name)
        return builder.call(function, args, fastmath=FAST)

    return vector(vector), code


@intrinsic
def exp2(typing, value):
    """2 to the power of each lane, which must be between -126 and 127."""

    def code(context, builder, kind, args):
        x = args[0]
        shifted = builder.fadd(x, constant(ROUND))  # not FAST, or the next line would undo it
        fraction = builder.fsub(x, builder.fsub(shifted, constant(ROUND)), flags=FAST)
        power = constant(EXP2[-1])
        for coefficient in EXP2[-2::-1]:
            power = builder.fadd(builder.fmul(power, fraction, flags=FAST), constant(coefficient), flags=FAST)
        exponent = builder.shl(builder.bitcast(shifted, INTS), whole(23))
        return builder.bitcast(builder.add(builder.bitcast(power, INTS), exponent), VECTOR)

    return vector(vector), code


@intrinsic
def log2(typing, value):
    """The logarithm of positive numbers to base 2, within 1e-5: enough to say where something may be left out."""

    def code(context, builder, kind, args):
        bits = builder.bitcast(args[0], INTS)
        exponent = builder.sub(builder.lshr(bits, whole(23)), whole(127))
        mantissa = builder.or_(builder.and_(bits, whole(0x7FFFFF)), whole(0x3F800000))
        x = builder.fsub(builder.bitcast(mantissa, VECTOR), constant(1.5), flags=FAST)
        found = constant(LOG2[-1])
        for coefficient in LOG2[-2::-1]:
            found = builder.fadd(builder.fmul(found, x, flags=FAST), constant(coefficient), flags=FAST)
        return builder.fadd(found, builder.sitofp(exponent, VECTOR), flags=FAST)

    return vector(vector), code


@intrinsic
def total(typing, value):
    """The sum of all lanes."""

    def code(context, builder, kind, args):
        return _sums(builder, [args[0]])

    def first(context, builder, kind, args):
        return builder.extract_element(code(context, builder, kind, args), INT(0))

    return types.float32(vector), first


@intrinsic
def totals(typing, *values):
    """The sums of up to eight vectors, in the lanes of one."""

    def code(context, builder, kind, args):
        return _sums(builder, cgutils.unpack_tuple(builder, args[0]))

    return vector(types.StarArgTuple(values)), code


def _sums(builder, values: list):
    """Add up to eight vectors at once: each round halves their number, and the lanes that are still apart."""
    size = WIDTH
    while size > 1:
        half, groups = size // 2, WIDTH // size
        nothing = constant(0)
        pairs = [(values[k], values[k + 1] if k + 1 < len(values) else nothing) for k in range(0, len(values), 2)]
        low = [side * WIDTH + g * size + n for side in (0, 1) for g in range(groups) for n in range(half)]
        high = [lane + half for lane in low]
        values = [
            builder.fadd(
                builder.shuffle_vector(a, b, picked(*low)), builder.shuffle_vector(a, b, picked(*high)), flags=FAST
            )
            for a, b in pairs
        ]
        size = half
    return values[0]
