"""Writes what GDAL makes of warps of small images, for the tests of cog-warp.

    python xtask/oracle/warp.py crates/cog-warp/tests/data

`warps.json` lists them: CRSs, transforms, sizes, method, type, and where the samples begin in `warps.bin` (little-endian, band after band,
then one byte a pixel of validity). The source is made by `source` below; the tests make it in the same way.

GDAL interpolates coordinates along rows of more than five pixels, so that it is asked for five columns at a time. It scales its kernels by
the mean of a chunk unless XSCALE and YSCALE are given: 1 is the size at the source's own resolution.
"""

import json
import pathlib
import sys

import numpy as np
import rasterio
from affine import Affine
from rasterio.warp import Resampling, calculate_default_transform, reproject

SIZE = (60, 50)

PLACES = {
    "utm to web": ("EPSG:32633", Affine(10, 0, 399960, 0, -10, 5500020), "EPSG:3857", 0.9),
    "utm to laea": ("EPSG:32633", Affine(10, 0, 399960, 0, -10, 5500020), "EPSG:3035", 0.8),
    "degrees to web": ("EPSG:4326", Affine(0.01, 0, 5, 0, -0.01, 52), "EPSG:3857", 0.7),
    "degrees to polar": ("EPSG:4326", Affine(0.5, 0, -20, 0, -0.25, 75), "EPSG:3413", 0.5),
    "laea to degrees": ("EPSG:3035", Affine(1000, 0, 4000000, 0, -1000, 3500000), "EPSG:4326", 0.6),
    "swiss to utm, rotated": ("EPSG:2056", Affine.translation(2600000, 1200000) * Affine.rotation(20) * Affine.scale(5, -5), "EPSG:32632", 0.65),
}


def source(dtype, bands):
    width, height = SIZE
    row, column = np.mgrid[0:height, 0:width]
    planes = [(row * 37 + column * 91 + row * column * (3 + band)) % 251 for band in range(bands)]
    return np.stack(planes).astype(dtype)


def hole():
    width, height = SIZE
    row, column = np.mgrid[0:height, 0:width]
    return np.where((row * 7 + column * 5) % 31 == 0, 0, 255).astype("u1")


def warp(samples, crs, transform, target, grid, width, height, method, nodata):
    options = dict(src_transform=transform, src_crs=crs, dst_crs=target, resampling=Resampling[method])
    if method not in ("average", "mode", "min", "max", "med", "q1", "q3", "rms", "sum"):
        options.update(XSCALE=1, YSCALE=1)
    out = np.zeros((samples.shape[0], height, width), samples.dtype)
    valid = np.zeros((height, width), "u1")
    marker = np.where(nodata, 0, 1).astype("f4") if nodata is not None else np.ones(samples.shape[1:], "f4")
    for column in range(0, width, 5):
        n = min(5, width - column)
        part = np.zeros((samples.shape[0], height, n), "f8")
        own = dict(options, dst_transform=grid * Affine.translation(column, 0))
        if nodata is None:
            part = part.astype(samples.dtype)
            reproject(samples, part, **own)
        else:
            # Values that no sample has stand for what is missing.
            marked = np.where(nodata, -9999, samples.astype("f8"))
            reproject(marked, part, src_nodata=-9999, dst_nodata=-9999, **own)
            part = np.where(part == -9999, 0, part)
            part = np.floor(part + 0.5) if samples.dtype.kind in "iu" else part
        out[:, :, column : column + n] = part.astype(samples.dtype)
        mask = np.zeros((height, n), "f4")
        reproject(marker, mask, src_nodata=0, dst_nodata=0, **own)
        valid[:, column : column + n] = np.where(mask > 0, 255, 0)
    return out, valid


def main(folder):
    entries, data = [], bytearray()
    for name, (crs, transform, target, scale) in PLACES.items():
        width, height = SIZE
        bounds = rasterio.transform.array_bounds(height, width, transform)
        grid, w, h = calculate_default_transform(crs, target, width, height, *bounds)
        # Not a multiple of the source's grid, with an edge around it; fine enough that no kernel is widened.
        grid = grid * Affine.translation(-1.3, -1.7) * Affine.scale(scale)
        w, h = min(int(w / scale * 0.6) + 4, 48), min(int(h / scale * 0.6) + 4, 40)
        for method in ("nearest", "bilinear", "cubic", "cubic_spline", "lanczos", "average", "min", "med", "sum"):
            covers = method in ("average", "min", "med", "sum")
            if covers and name in ("degrees to polar", "swiss to utm, rotated"):
                continue  # GDAL takes the upright rectangle around two corners of a pixel.
            for dtype, bands, masked in (("uint8", 2, False), ("float32", 1, True)):
                samples = source(dtype, bands)
                own = grid * Affine.scale(3) if covers else grid
                ow, oh = (w // 3 + 1, h // 3 + 1) if covers else (w, h)
                nodata = hole() == 0 if masked else None
                out, valid = warp(samples, crs, transform, target, own, ow, oh, method, nodata)
                entries.append(
                    dict(name=name, crs=crs, transform=list(transform)[:6], target=target, grid=list(own)[:6], width=ow, height=oh,
                         method=method, dtype=dtype, bands=bands, masked=masked, offset=len(data))
                )
                data += out.astype(np.dtype(dtype).newbyteorder("<")).tobytes() + valid.tobytes()
    (folder / "warps.json").write_text(json.dumps({"gdal": rasterio.__gdal_version__, "warps": entries}, indent=0) + "\n")
    (folder / "warps.bin").write_bytes(data)
    print(f"{len(entries)} warps, {len(data)} bytes, GDAL {rasterio.__gdal_version__}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
