"""Warps by GDAL of images with an alpha band: crates/cog-warp/tests/data/alpha.json and .bin, and the images.

Needs rasterio 1.4 (GDAL 3.10). GDAL's COG driver warps as gdalwarp does: with an alpha band that is the last one, to an alpha band.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.enums import ColorInterp
from rasterio.warp import transform_bounds

METHODS = ("nearest", "bilinear", "cubic", "cubicspline", "lanczos", "average", "mode", "rms", "min", "max", "med", "q1", "q3", "sum")
PLACE = Affine(10, 0, 500000, 0, -10, 5000000)
RGB = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]


def colors(count, height, width, dtype):
    band, row, column = np.mgrid[0:count, 0:height, 0:width]
    values = (row * 37 + column * 91 + row * column * (3 + band)) % 120 + 1
    return values.astype(dtype)


def alpha(height, width):
    """Holes, pixels that show through, and opaque ones."""
    row, column = np.mgrid[0:height, 0:width]
    noise = (row * 37 + column * 91 + row * column * 3) % 251
    values = np.where(noise < 80, noise + 1, 255)
    return np.where((row // 7 + column // 9) % 3 == 0, 0, values)


def images(height, width):
    """Names, samples and what GTiff is told."""
    shown = alpha(height, width)
    yield "rgba", np.concatenate([colors(3, height, width, "u1"), shown[None]]).astype("uint8"), RGB, dict(tiled=True, blockxsize=32, blockysize=32, compress="deflate")
    yield "gray16", np.concatenate([colors(1, height, width, "u2") * 300, shown[None] * 257]).astype("uint16"), [ColorInterp.gray], dict(blockysize=7, compress="deflate")
    yield "five", np.concatenate([colors(4, height, width, "u1"), shown[None]]).astype("uint8"), RGB + [ColorInterp.undefined], dict(tiled=True, blockxsize=32, blockysize=32, compress="deflate", interleave="band")
    sparse = colors(3, height, width, "u1")
    sparse[:, (np.arange(height)[:, None] * 7 + np.arange(width) * 5) % 31 == 0] = 9
    yield "nodata", np.concatenate([sparse, shown[None]]).astype("uint8"), RGB, dict(tiled=True, blockxsize=32, blockysize=32, compress="deflate", nodata=9)


def grids(height, width):
    """CRS, the upper left corner, pixel size, columns and rows."""
    left, top = PLACE.c, PLACE.f
    columns, rows = (28, 24) if width < 100 else (width - 5, height - 4)
    yield "EPSG:32633", left + 33, top - 14, 10.0, columns, rows
    yield "EPSG:32633", left - 27.3, top + 33.7, 24.0, columns // 2, rows // 2
    west, south, east, north = transform_bounds("EPSG:32633", "EPSG:3857", left, top - 10 * height, left + 10 * width, top)
    yield "EPSG:3857", west + 40, north - 60, 13.7, columns - 2, rows - 2


def main(folder, height, width, methods):
    entries, data = [], bytearray()
    with tempfile.TemporaryDirectory() as scratch:
        for name, samples, interpretation, options in images(height, width):
            path = folder / f"alpha_{name}.tif"
            profile = dict(driver="GTiff", width=width, height=height, count=len(samples), dtype=samples.dtype, crs="EPSG:32633", transform=PLACE, **options)
            with rasterio.open(path, "w", **profile) as image:
                image.colorinterp = interpretation + [ColorInterp.alpha]
                image.write(samples)
            for crs, left, top, size, columns, rows in grids(height, width):
                extent = ",".join(map(repr, (left, top - size * rows, left + size * columns, top)))
                for method in methods:
                    if name in ("five", "nodata") and method not in ("nearest", "bilinear", "lanczos", "average"):
                        continue
                    out = f"{scratch}/out.tif"
                    rasterio.shutil.copy(path, out, driver="COG", TARGET_SRS=crs, EXTENT=extent, RES=repr(size), WARP_RESAMPLING=method, OVERVIEWS="NONE", COMPRESS="NONE")
                    with rasterio.open(out) as warped:
                        pixels = warped.read()
                    assert pixels.shape == (len(samples), rows, columns), (name, crs, pixels.shape)
                    entries.append(dict(image=path.name, method=method, crs=crs, left=left, top=top, size=size, columns=columns, rows=rows, offset=len(data)))
                    data += pixels.astype("<u2" if pixels.dtype == "uint16" else "u1").tobytes()
    (folder / "alpha.json").write_text("[\n" + ",\n".join(json.dumps(e, separators=(",", ":")) for e in entries) + "\n]\n")
    (folder / "alpha.bin").write_bytes(data)
    print(len(entries), len(data), rasterio.__gdal_version__)


if __name__ == "__main__":
    # In a folder that is named, images that are too large to keep.
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), 200, 260, METHODS)
    else:
        main(Path("crates/cog-warp/tests/data"), 52, 65, METHODS)
