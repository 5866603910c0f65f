#!/usr/bin/env python3
"""Write ycbcr.tiffs: small TIFFs of YCbCr that is not JPEG, with the RGB that libtiff reads from them.

    python testdata/ycbcr.py

The judge is libtiff's own TIFFReadRGBAImageOriented, in the library that rasterio brings along: GDAL refuses most of these files.
It has no code for 1 x 4 and 2 x 4, and of 4 x 4 in a tile that the right edge cuts it skips too few bytes: of these it reads a copy
whose data units NumPy took apart (of all others such a copy gives the same, or the script fails). Nor has it any for subsampled
planes: those must be refused.

ycbcr.tiffs is a run of records: a line of JSON (name, size of the TIFF, width, height, sha256 of the RGB as bands of rows; none
where libtiff refuses), then the TIFF. The samples are random, so a reader that loses or moves one cannot agree by chance.
"""

import ctypes
import hashlib
import json
import os
import random
import sys
import tempfile
import zlib
from pathlib import Path

import imagecodecs
import numpy
import rasterio
import raw_tiff
from raw_tiff import LONG, RATIONAL, SHORT

HERE = Path(__file__).resolve().parent
COMPRESSIONS = {
    "none": (1, bytes),
    "lzw": (5, imagecodecs.lzw_encode),
    "deflate": (8, zlib.compress),
    "packbits": (32773, imagecodecs.packbits_encode),
    "zstd": (50000, imagecodecs.zstd_encode),
}
SUBSAMPLINGS = [(across, down) for across in (1, 2, 4) for down in (1, 2, 4)]
WIDTH, HEIGHT = 21, 19  # no multiple of anything: edge tiles, a short last strip, data units cut by both edges
# Columns and rows of a block; without columns strips. Rows that no factor divides are there too.
LAYOUTS = {"tiles": (16, 16), "wide_tiles": (32, 16), "strips": (None, 8), "strips_of_5": (None, 5), "one_strip": (None, HEIGHT)}
STUDIO = [15, 235, 128, 240, 128, 240]  # reference black and white
REC709 = [0.2126, 0.7152, 0.0722]


def units(generator, width, height, across, down):
    """The data units of a block (TIFF 6.0 section 21)."""
    return generator.randbytes(-(-width // across) * -(-height // down) * (across * down + 2))


def taken_apart(data, width, height, across, down):
    """One Y, Cb, Cr for each pixel."""
    unit = numpy.frombuffer(data, "u1").reshape(-(-height // down), -(-width // across), across * down + 2)
    luma = unit[..., :-2].reshape(*unit.shape[:2], down, across).swapaxes(1, 2)
    chroma = numpy.broadcast_to(unit[:, None, :, None, -2:], (*luma.shape, 2))
    pixels = numpy.concatenate([luma[..., None], chroma], -1)
    return pixels.reshape(unit.shape[0] * down, -1, 3)[:height, :width].tobytes()


def blocks_of(generator, subsampling, layout, planar=False, **_):
    columns, rows = LAYOUTS[layout]
    for _ in range(3 if planar else 1):
        for y in range(0, HEIGHT, rows):
            for _ in range(0, WIDTH, columns or WIDTH):
                size = (columns, rows) if columns else (WIDTH, min(rows, HEIGHT - y))
                yield size, generator.randbytes(size[0] * size[1]) if planar else units(generator, *size, *subsampling)


def tiff(blocks, compression, subsampling, layout, planar=False, black_white=None, coefficients=None):
    number, encode = COMPRESSIONS[compression]
    columns, rows = LAYOUTS[layout]
    blocks = [encode(data) for _, data in blocks]
    fields = [(256, LONG, WIDTH), (257, LONG, HEIGHT), (258, SHORT, [8, 8, 8]), (259, SHORT, number), (262, SHORT, 6), (277, SHORT, 3),
              (284, SHORT, 2 if planar else 1), (530, SHORT, list(subsampling))]
    if columns:
        fields += [(322, LONG, columns), (323, LONG, rows)]
    else:
        fields.append((278, LONG, rows))
    for tag, values in ((529, coefficients), (532, black_white)):
        if values:
            fields.append((tag, RATIONAL, (len(values), b"".join(ratio(v) for v in values))))
    offsets, counts = (324, 325) if columns else (273, 279)
    counted = (counts, LONG, [len(b) for b in blocks])
    place = lambda first: [first + sum(map(len, blocks[:i])) for i in range(len(blocks))]
    head = raw_tiff.ifd("<", [*fields, counted, (offsets, LONG, place(0))], 8)
    return raw_tiff.header("<", 8) + raw_tiff.ifd("<", [*fields, counted, (offsets, LONG, place(8 + len(head)))], 8) + b"".join(blocks)


def ratio(value):
    return round(value * 10000).to_bytes(4, "little") + (10000).to_bytes(4, "little")


class Libtiff:
    """The library that rasterio's wheel brings, else the system's."""

    def __init__(self):
        beside = sorted(Path(rasterio.__file__).parent.with_name("rasterio.libs").glob("libtiff*"))
        self.lib = ctypes.CDLL(str(beside[0]) if beside else "libtiff.so.6")
        self.lib.TIFFOpen.restype = ctypes.c_void_p
        self.lib.TIFFGetVersion.restype = ctypes.c_char_p
        self.lib.TIFFReadRGBAImageOriented.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        self.lib.TIFFRGBAImageOK.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self.lib.TIFFClose.argtypes = [ctypes.c_void_p]
        self.lib.TIFFSetErrorHandler(None)
        self.lib.TIFFSetWarningHandler(None)

    def rgb(self, tiff):
        """(band, row, column), or None."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.tif").encode()
            with open(path, "wb") as file:
                file.write(tiff)
            handle = self.lib.TIFFOpen(path, b"r")
            if not handle:
                return None
            why = ctypes.create_string_buffer(1024)
            pixels = numpy.zeros((HEIGHT, WIDTH), "<u4")
            ok = self.lib.TIFFRGBAImageOK(handle, why)
            # 1: top left; 1: stop at the first error.
            ok = ok and self.lib.TIFFReadRGBAImageOriented(handle, WIDTH, HEIGHT, pixels.ctypes.data, 1, 1)
            self.lib.TIFFClose(handle)
        if not ok:
            return None
        return numpy.stack([(pixels >> shift & 255).astype("u1") for shift in (0, 8, 16)])


def cases():
    for compression in COMPRESSIONS:
        for subsampling in SUBSAMPLINGS:
            for layout in LAYOUTS if compression in ("none", "deflate") else ("tiles", "strips"):
                yield dict(compression=compression, subsampling=subsampling, layout=layout)
    for subsampling in SUBSAMPLINGS:
        for layout in ("tiles", "strips"):
            yield dict(compression="lzw", subsampling=subsampling, layout=layout, black_white=STUDIO)
            yield dict(compression="none", subsampling=subsampling, layout=layout, coefficients=REC709)
            yield dict(compression="deflate", subsampling=subsampling, layout=layout, planar=True)


def main():
    generator = random.Random(20_261_125)
    libtiff = Libtiff()
    print(libtiff.lib.TIFFGetVersion().decode().splitlines()[0])
    records, refused = [], 0
    for case in cases():
        blocks = list(blocks_of(generator, **case))
        file = tiff(blocks, **case)
        rgb = libtiff.rgb(file)
        across, down = case["subsampling"]
        if not case.get("planar"):
            apart = [(size, taken_apart(data, *size, across, down)) for size, data in blocks]
            whole = libtiff.rgb(tiff(apart, **{**case, "subsampling": (1, 1)}))
            unreadable = rgb is None or ((across, down) == (4, 4) and LAYOUTS[case["layout"]][0])
            assert unreadable or numpy.array_equal(rgb, whole), case
            rgb = whole
        more = [name for name in ("planar", "black_white", "coefficients") if name in case]
        about = dict(name="_".join([case["compression"], f"{across}x{down}", case["layout"], *more]), size=len(file), width=WIDTH, height=HEIGHT)
        if rgb is not None:
            about["sha256"] = hashlib.sha256(rgb.tobytes()).hexdigest()
        refused += rgb is None
        records.append(json.dumps(about).encode() + b"\n" + file)
    (HERE / "ycbcr.tiffs").write_bytes(b"".join(records))
    print(f"{len(records)} files, {refused} refused by libtiff")


if __name__ == "__main__":
    sys.exit(main())
