"""Compares overviews of `cog convert` with those of GDAL's COG driver.

    overviews.py INPUT

INPUT is JSON: "cog" is the binary. Prints a JSON line for each kind of image, method and level: "same" is the share of samples that are equal
(of floating point within 1e-5 of the level's largest sample), "most" the greatest difference, "valid" the share of pixels whose validity is equal.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy
import rasterio
from rasterio.shutil import copy

warnings.simplefilter("ignore")
METHODS = ["nearest", "average", "bilinear", "cubic", "rms", "cubic-spline", "lanczos", "mode"]
RANDOM = numpy.random.default_rng(7)


def picture(bands, rows, columns, dtype, low, high):
    y, x = numpy.mgrid[0:rows, 0:columns]
    made = []
    for band in range(bands):
        waves = numpy.sin(x / 17 + band) * numpy.cos(y / 23) * 0.4 + RANDOM.random((rows, columns)) * 0.2 + 0.4
        made.append((low + (high - low) * numpy.clip(waves, 0, 1)).astype(dtype))
    return numpy.stack(made)


def holes(rows, columns):
    holes = RANDOM.random((rows, columns)) < 0.2
    holes[rows // 4 : rows // 2, columns // 3 : columns // 2] = True
    return holes


def kinds():
    """Name, samples, mask, profile."""
    for rows, columns in [(377, 501), (300, 256), (131, 499)]:
        yield f"uint8 {columns}x{rows}", picture(1, rows, columns, "uint8", 0, 255), None, {}
    yield "uint8 rgb", picture(3, 377, 501, "uint8", 0, 255), None, {"photometric": "rgb"}
    yield "uint16", picture(1, 377, 501, "uint16", 0, 60000), None, {}
    yield "int16", picture(1, 377, 501, "int16", 100, 3000), None, {}
    yield "float32", picture(1, 377, 501, "float32", 1, 2), None, {}
    yield "float64", picture(1, 377, 501, "float64", 1000, 2000), None, {}
    for dtype, nodata in [("uint8", 0), ("float32", -9999.0), ("float32", float("nan")), ("int16", -32768)]:
        samples = picture(2, 300, 401, dtype, 10, 200)
        hole = holes(300, 401)
        samples[0][hole] = nodata
        samples[1][numpy.roll(hole, 5, 0)] = nodata
        yield f"{dtype} nodata {nodata}", samples, None, {"nodata": nodata}
    for bands in (1, 3):
        yield f"mask of {bands}", picture(bands, 300, 401, "uint8", 10, 200), ~holes(300, 401), {}
    samples = picture(4, 300, 401, "uint8", 10, 200)
    samples[3] = numpy.where(holes(300, 401), 0, RANDOM.integers(1, 255, (300, 401)))
    yield "rgba", samples, None, {"photometric": "rgb", "alpha": "yes"}


def write(path, samples, mask, profile):
    bands, rows, columns = samples.shape
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        with rasterio.open(path, "w", driver="GTiff", count=bands, height=rows, width=columns, dtype=samples.dtype, **profile) as out:
            out.write(samples)
            if mask is not None:
                out.write_mask(mask.astype("uint8") * 255)


def level(path, number):
    options = {} if number == 0 else {"overview_level": number - 1}
    with rasterio.open(path, **options) as dataset:
        return dataset.read(), dataset.dataset_mask() > 0


def main():
    with open(sys.argv[1]) as text:
        cog = json.load(text)["cog"]
    with tempfile.TemporaryDirectory() as folder:
        source, gdal, ours = (os.path.join(folder, name) for name in ("source.tif", "gdal.tif", "ours.tif"))
        for kind, samples, mask, profile in kinds():
            write(source, samples, mask, profile)
            for method in METHODS:
                copy(source, gdal, driver="COG", compress="DEFLATE", blocksize=128, overview_resampling=method.replace("-", ""))
                arguments = ["--blocksize", "128", "--overview-resampling", method]
                subprocess.run([cog, "convert", "-q", source, ours, *arguments], check=True)
                with rasterio.open(gdal) as a, rasterio.open(ours) as b:
                    levels = len(a.overviews(1))
                    assert a.overviews(1) == b.overviews(1), (kind, method)
                for number in range(levels + 1):
                    (theirs, valid), (made, also) = level(gdal, number), level(ours, number)
                    wide = "f8" if theirs.dtype.kind == "f" else "i8"
                    difference = numpy.abs(theirs.astype(wide) - made.astype(wide))
                    equal = (theirs == made) | ((theirs != theirs) & (made != made))
                    if theirs.dtype.kind == "f":
                        equal |= difference <= 1e-5 * numpy.nanmax(numpy.abs(theirs))
                    line = {
                        "kind": kind,
                        "method": method,
                        "level": number,
                        "same": float(equal.mean()),
                        "most": float(numpy.nanmax(numpy.where(equal, 0, difference))),
                        "valid": float((valid == also).mean()),
                    }
                    print(json.dumps(line), flush=True)


main()
