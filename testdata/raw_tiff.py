"""A TIFF writer that writes whatever it is told, for the layouts that GDAL and tifffile do not write.

It knows field types and offsets and nothing else: no checks, so that files can be wrong on purpose.
"""

import struct

BYTE, ASCII, SHORT, LONG, RATIONAL, DOUBLE, LONG8 = 1, 2, 3, 4, 5, 12, 16
_FORMAT = {BYTE: "B", ASCII: "s", SHORT: "H", LONG: "I", RATIONAL: "II", DOUBLE: "d", LONG8: "Q"}


def encode(order, kind, value):
    """(count, bytes) of one field's value: bytes for ASCII and BYTE, else a list of numbers."""
    if isinstance(value, bytes):
        return len(value), value
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    return len(values), b"".join(struct.pack(order + _FORMAT[kind], v) for v in values)


def ifd(order, fields, at, next_ifd=0, count=None):
    """The bytes of a classic IFD at offset `at`, its long values right behind it.

    `fields`: [(tag, type, value)]; a value may be (count, bytes) to state a count that is not true.
    """
    fields = sorted(fields, key=lambda f: f[0])
    entries, values = b"", b""
    behind = at + 2 + 12 * len(fields) + 4
    for tag, kind, value in fields:
        if isinstance(value, tuple) and isinstance(value[1], bytes):
            n, data = value
        else:
            n, data = encode(order, kind, value)
        if len(data) > 4:
            stored = struct.pack(order + "I", behind + len(values))
            values += data + b"\0" * (len(data) % 2)
        else:
            stored = data.ljust(4, b"\0")
        entries += struct.pack(order + "HHI", tag, kind, n) + stored
    n = len(fields) if count is None else count
    return struct.pack(order + "H", n) + entries + struct.pack(order + "I", next_ifd) + values


def header(order, first_ifd):
    return (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, first_ifd)


def gray(width, height, bits=8, **more):
    """The fields every grey image has, those in `more` (by TIFF name) left to the caller."""
    fields = [(256, LONG, width), (257, LONG, height), (258, SHORT, bits), (259, SHORT, more.get("compression", 1)),
              (262, SHORT, more.get("photometric", 1)), (277, SHORT, 1)]
    return fields
