"""Writes the test matrix: small TIFFs of every combination of compression, predictor, data type, planes, byte order and layout,
and what rasterio (GDAL) and tifffile read from them.

    python matrix.py FOLDER

Writes FOLDER/*.tif and prints one JSON line a file: path, shape, dtype and sha256 of the samples (band, row, column) as
little-endian bytes. Where both readers know the format their pixels must be equal, or the script fails. The arrays written are random,
so a reader that loses or moves a sample cannot agree by chance.
"""

import hashlib
import itertools
import json
import sys
import warnings
from pathlib import Path

import numpy
import rasterio
import tifffile

warnings.filterwarnings("ignore")

WIDTH, HEIGHT = 45, 37  # no multiple of any block: edge tiles and a short last strip

GDAL_COMPRESSIONS = ["NONE", "LZW", "DEFLATE", "PACKBITS", "ZSTD", "LZMA", "LERC", "LERC_DEFLATE", "LERC_ZSTD"]
PREDICTED = {"LZW", "DEFLATE", "ZSTD"}
DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "complex64", "complex128"]
LERC_DTYPES = {"uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"}
LAYOUTS = {
    "tiles": {"tiled": True, "blockxsize": 16, "blockysize": 32},
    "strips": {"tiled": False, "blockysize": 5},
}


def array(generator, dtype, bands):
    """Smooth enough for predictors to matter, random enough that no two samples can be swapped unseen."""
    shape = (bands, HEIGHT, WIDTH)
    ramp = numpy.add.outer(numpy.arange(HEIGHT), numpy.arange(WIDTH)) * 3
    noise = generator.integers(0, 50, shape)
    values = ramp[None] + noise + numpy.arange(bands)[:, None, None] * 7
    if dtype.startswith("complex"):
        return (values + 1j * generator.normal(size=shape)).astype(dtype)
    if dtype.startswith("float"):
        return (values + generator.normal(size=shape)).astype(dtype)
    info = numpy.iinfo(dtype)
    if info.bits == 64:
        values = values.astype(dtype) * 12_345_678_901
        values.flat[0], values.flat[-1] = info.min, info.max
        return values.astype(dtype)
    if info.min < 0:
        values = values - 100
    return (values % (int(info.max) + 1)).astype(dtype) if info.bits <= 8 else values.astype(dtype)


def predictors(compression, dtype):
    yield 1
    if compression in PREDICTED:
        if not dtype.startswith(("float", "complex")):
            yield 2
        elif dtype.startswith("float"):
            yield 3
            if dtype != "float16":
                yield 2


def sha256(pixels):
    little = numpy.ascontiguousarray(pixels).astype(pixels.dtype.newbyteorder("<"), copy=False)
    return hashlib.sha256(little.tobytes()).hexdigest()


def line(path, pixels):
    print(json.dumps({"path": str(path), "shape": list(pixels.shape), "dtype": pixels.dtype.name, "sha256": sha256(pixels)}))


def by_gdal(folder, generator):
    cases = itertools.product(GDAL_COMPRESSIONS, DTYPES, ["PIXEL", "BAND"], ["LITTLE", "BIG"], LAYOUTS, [1, 3])
    for compression, dtype, interleave, endian, layout, bands in cases:
        lerc = compression.startswith("LERC")
        if lerc and (dtype not in LERC_DTYPES or endian == "BIG"):
            continue
        if bands == 1 and interleave == "BAND":
            continue
        for predictor in predictors(compression, dtype):
            path = folder / f"gdal_{compression}_p{predictor}_{dtype}_{interleave}_{endian}_{layout}_{bands}.tif".lower()
            pixels = array(generator, dtype, bands)
            options = dict(LAYOUTS[layout])
            if compression != "NONE":
                options["compress"] = compression
            if predictor > 1:
                options["predictor"] = predictor
            profile = dict(driver="GTiff", width=WIDTH, height=HEIGHT, count=bands, dtype=dtype, interleave=interleave)
            try:
                with rasterio.open(path, "w", ENDIANNESS=endian, **profile, **options) as out:
                    out.write(pixels)
            except Exception:
                # This build of GDAL does not write the combination.
                path.unlink(missing_ok=True)
                continue
            with rasterio.open(path) as written:
                read = written.read()
            assert read.dtype == pixels.dtype and numpy.array_equal(read, pixels), path
            line(path, read)


def by_tifffile(folder, generator):
    """What GDAL does not write: half floats, every predictor in the other byte order, odd tiles."""
    cases = itertools.product(
        ["none", "lzw", "zlib", "zstd", "packbits"],
        ["uint8", "uint16", "int32", "uint64", "float16", "float32", "float64"],
        ["contig", "separate"],
        ["<", ">"],
        [None, (16, 48)],
    )
    for compression, dtype, planar, order, tile in cases:
        # tifffile knows no predictor of 64-bit integers; GDAL writes those above.
        predicted = compression in ("lzw", "zlib", "zstd") and dtype != "uint64"
        for predictor in [False, True] if predicted else [False]:
            number = 1 if not predictor else 3 if dtype.startswith("float") else 2
            kind = "le" if order == "<" else "be"
            layout = "strips" if tile is None else "tiles"
            path = folder / f"tifffile_{compression}_p{number}_{dtype}_{planar}_{kind}_{layout}.tif"
            pixels = array(generator, dtype, 3)
            data = pixels if planar == "separate" else numpy.moveaxis(pixels, 0, -1)
            tifffile.imwrite(
                path,
                data,
                byteorder=order,
                photometric="minisblack",
                planarconfig=planar,
                compression=None if compression == "none" else compression,
                predictor=predictor or None,
                tile=tile,
                rowsperstrip=7 if tile is None else None,
            )
            read = tifffile.imread(path)
            read = read if planar == "separate" else numpy.moveaxis(read, -1, 0)
            assert numpy.array_equal(read, pixels), path
            # GDAL shows half floats as float32.
            read = read.astype("float32") if dtype == "float16" else read
            with rasterio.open(path) as by_gdal:
                assert numpy.array_equal(by_gdal.read(), read), path
            line(path, read)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    generator = numpy.random.default_rng(20_261_122)
    with rasterio.Env(GDAL_PAM_ENABLED="NO", GDAL_NUM_THREADS="1"):
        by_gdal(folder, generator)
        by_tifffile(folder, generator)


main()
