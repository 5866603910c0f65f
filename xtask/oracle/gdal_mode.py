"""Warps of GDAL with its defaults (coordinates interpolated along rows within 0.125 pixel, kernels scaled by chunk):
crates/cog-warp/tests/data/gdal_mode.json and .bin.

Needs rasterio 1.4 (GDAL 3.10). The source is noise that the test makes too. Values are written as bytes or little-endian floats, then one
bit a pixel of validity.
"""

import json
import sys
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.warp import Resampling, calculate_default_transform, reproject

PLACES = [
    ("EPSG:32633", Affine(10, 0, 399960, 0, -10, 5500020), "EPSG:3857"),
    ("EPSG:32633", Affine(60, 0, 199960, 0, -60, 5500020), "EPSG:4326"),
    ("EPSG:32633", Affine(30, 0, 199960, 0, -30, 6500020), "EPSG:3035"),
    ("EPSG:4326", Affine(0.05, 0, -5, 0, -0.05, 60), "EPSG:3857"),
    ("EPSG:4326", Affine(0.1, 0, -30, 0, -0.1, 80), "EPSG:3035"),
    ("EPSG:4326", Affine(0.5, 0, -180, 0, -0.25, 90), "EPSG:3413"),
    ("EPSG:4326", Affine(1.2, 0, -180, 0, -0.75, 90), "EPSG:3857"),
    ("EPSG:3035", Affine(1000, 0, 4000000, 0, -1000, 3500000), "EPSG:4326"),
    ("EPSG:3857", Affine(500, 120, 1000000, 100, -520, 7000000), "EPSG:32632"),
]
WIDTH, HEIGHT = 300, 240
CORE = ("nearest", "bilinear", "cubic")
OTHERS = ("cubic_spline", "lanczos", "average", "mode", "rms", "min", "max", "med", "q1", "q3", "sum")
# With holes, whose neighbours have other weights.
MASKED = ("nearest", "bilinear", "cubic", "lanczos", "average", "med")
NODATA = -9999


def source(width, height):
    row, column = np.mgrid[0:height, 0:width].astype("u8")
    return ((row * 37 + column * 91 + row * column * 3) % 251).astype("uint8")


def holes(width, height):
    row, column = np.mgrid[0:height, 0:width]
    return (row * 7 + column * 5) % 31 == 0


def warp(entry, method, dtype, masked):
    """Values as little-endian numbers, and a bit of validity a pixel."""
    (width, height), (w, h) = entry["source"], (entry["width"], entry["height"])
    options = dict(src_transform=Affine(*entry["transform"]), src_crs=entry["crs"], dst_crs=entry["target"], dst_transform=Affine(*entry["grid"]), resampling=Resampling[method])
    samples = source(width, height).astype(dtype)
    marker = np.ones((height, width), "f4")
    if masked:
        samples[holes(width, height)] = NODATA
        marker[holes(width, height)] = 0
        options.update(src_nodata=NODATA, dst_nodata=NODATA)
    out, valid = np.zeros((h, w), dtype), np.zeros((h, w), "f4")
    reproject(samples, out, **options)
    reproject(marker, valid, **{**options, "src_nodata": 0, "dst_nodata": 0})
    return out.astype(np.dtype(dtype).newbyteorder("<")).tobytes() + np.packbits(valid.ravel() > 0).tobytes()


def main(folder, large):
    entries, data = [], bytearray()
    scales = (1.0, 3.3) if large else (0.62, 1.0, 1.4, 3.3)
    sizes = (2900, 2400) if large else (WIDTH, HEIGHT)
    for number, (crs, transform, target) in enumerate(PLACES):
        width, height = sizes
        transform = transform * Affine.scale(WIDTH / width, HEIGHT / height)
        bounds = rasterio.transform.array_bounds(height, width, transform)
        grid, full_width, full_height = calculate_default_transform(crs, target, width, height, *bounds)
        for scale in scales:
            own = grid * Affine.translation(full_width * 0.07, full_height * 0.11) * Affine.scale(scale)
            most = (1800, 1500) if large else (190, 14)
            w, h = (max(8, min(int(n * 0.8 / scale), m)) for n, m in zip((full_width, full_height), most))
            entry = dict(crs=crs, transform=list(transform)[:6], target=target, grid=list(own)[:6], width=w, height=h, scale=scale, source=sizes)
            combinations = [(method, "float64" if large else "uint8", False) for method in CORE]
            if not large and number % 3 == 1 and scale != 0.62:
                combinations += [(method, "float32" if method in ("sum", "rms", "mode") and scale > 3 else "uint8", False) for method in OTHERS]
            if not large and number % 4 == 0 and scale in (1.0, 3.3):
                combinations += [(method, "float32", True) for method in MASKED]
            for method, dtype, masked in combinations:
                entries.append(dict(entry, method=method, dtype=dtype, masked=masked, offset=len(data)))
                data += warp(entry, method, dtype, masked)
    (folder / "gdal_mode.json").write_text("[\n" + ",\n".join(json.dumps(e, separators=(",", ":")) for e in entries) + "\n]\n")
    (folder / "gdal_mode.bin").write_bytes(data)
    print(len(entries), len(data), rasterio.__gdal_version__)


if __name__ == "__main__":
    # `FOLDER large` makes cases of more than GDAL's 64 MB for a chunk, which are too large to keep: point COG_GDAL_MODE at the folder.
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "crates/cog-warp/tests/data"), "large" in sys.argv)
