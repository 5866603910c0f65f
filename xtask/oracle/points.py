"""Writes what GDAL makes of values between pixels, for the tests of cog-read's points.

    python points.py ../../testdata/points

The folder holds small TIFFs and `points.json`: an object for each file and method with `file`, `method`, `places` ([column, row])
and `values[band][place]`, null where GDAL has none, [real, imaginary] of complex samples. Values come from GDALRasterInterpolateAtPoint (GDAL 3.10), which rasterio
does not offer: it is called in the libgdal that rasterio's wheel brings.
"""

import argparse
import ctypes
import json
import math
import pathlib
import warnings

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning

METHODS = {"nearest": 0, "bilinear": 1, "cubic": 2}


def library():
    """The libgdal of the wheel."""
    folder = pathlib.Path(rasterio.__file__).parent.parent / "rasterio.libs"
    gdal = ctypes.CDLL(str(next(folder.glob("libgdal*"))))
    gdal.GDALOpen.restype = gdal.GDALGetRasterBand.restype = ctypes.c_void_p
    gdal.GDALOpen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    gdal.GDALGetRasterBand.argtypes = [ctypes.c_void_p, ctypes.c_int]
    gdal.GDALClose.argtypes = [ctypes.c_void_p]
    double = ctypes.POINTER(ctypes.c_double)
    gdal.GDALRasterInterpolateAtPoint.argtypes = [
        ctypes.c_void_p, ctypes.c_double, ctypes.c_double, ctypes.c_int, double, double]
    gdal.GDALAllRegister()
    return gdal


def value(gdal, band, place, method, is_complex):
    real, imaginary = ctypes.c_double(), ctypes.c_double()
    failed = gdal.GDALRasterInterpolateAtPoint(
        band, *place, METHODS[method], ctypes.byref(real), ctypes.byref(imaginary))
    assert failed or math.isfinite(real.value)
    return None if failed else [real.value, imaginary.value] if is_complex else real.value


def images(rng):
    """(name, bands, options). Blocks of 16 × 16, so that places lie between blocks."""
    y, x = np.mgrid[:21, :37]
    slope = np.sin(x / 5) + np.cos(y / 3)
    grain = rng.random((3, 21, 37))
    rgb = np.clip(120 + 50 * slope + 30 * grain, 0, 255).astype("uint8")
    yield "uint8_rgb", rgb, {"photometric": "RGB"}
    holes = (grain[:2] < 0.06) | (np.hypot(x - 30, y - 4) < 3)
    heights = (300 * slope + 20 * grain[:2]).astype("float32")
    yield "float32_nodata", np.where(holes, np.float32(-9999), heights), {"nodata": -9999}
    yield "int16_nodata", np.where(holes[:1], 0, 1 + 4000 * (slope + 2)).astype("int16"), {"nodata": 0}
    yield "float64", (slope[None] / 3), {}
    yield "complex64", (slope + 1j * grain[0])[None].astype("complex64"), {}
    # Too small for a method's neighbours.
    yield "uint8_5_by_3", rgb[:1, :3, :5], {}
    yield "uint8_4_by_4", rgb[:1, 5:9, :4], {}
    yield "uint8_2_by_6", rgb[:1, :6, :2], {}
    yield "uint8_6_by_1", rgb[:1, :1, :6], {}


def places(rng, width, height, count):
    """Anywhere, on edges and near them, on centres and between them, outside."""
    some = [(float(rng.uniform(0, width)), float(rng.uniform(0, height))) for _ in range(count)]
    some += [(float(rng.integers(width)) + 0.5, float(rng.integers(height)) + 0.5) for _ in range(count // 4)]
    some += [(float(rng.integers(width)), float(rng.integers(height))) for _ in range(count // 8)]
    rims = [0.0, 0.2, 0.5, 0.75, 1.3]
    rims = [(column, row) for column in rims for row in rims]
    some += rims + [(width - column, height - row) for column, row in rims]
    some += [(column, height - row) for column, row in rims[:: 3]]
    some += [(-0.001, 1.0), (1.0, -0.001), (width + 0.001, 1.0), (1.0, height + 0.001), (-5.0, -5.0)]
    return [[round(column, 3), round(row, 3)] for column, row in some]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    args.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(5)
    gdal, index = library(), []
    for name, image, options in images(rng):
        path = args.folder / f"{name}.tif"
        count, height, width = image.shape
        with rasterio.open(path, "w", driver="GTiff", width=width, height=height, count=count, dtype=image.dtype.name,
                           tiled=width > 16, blockxsize=16, blockysize=16, compress="deflate", **options) as file:
            file.write(image)
        dataset = gdal.GDALOpen(str(path).encode(), 0)
        for method in METHODS:
            at = places(rng, width, height, 60 if width > 16 else 16)
            if method == "nearest" or min(width, height) < 2:
                # On the last edge GDAL's nearest takes a pixel that is not there.
                at = [place for place in at if place[0] != width and place[1] != height]
            values = [[value(gdal, gdal.GDALGetRasterBand(dataset, band), place, method, image.dtype.kind == "c")
                       for place in at]
                      for band in range(1, count + 1)]
            index.append({"file": path.name, "method": method, "places": at, "values": values})
        gdal.GDALClose(dataset)
    lines = ",\n".join(json.dumps(entry) for entry in index)
    (args.folder / "points.json").write_text(f"[\n{lines}\n]\n")
    count = sum(len(entry["places"]) * len(entry["values"]) for entry in index)
    print(f"{count} values, GDAL {rasterio.__gdal_version__}")


if __name__ == "__main__":
    main()
