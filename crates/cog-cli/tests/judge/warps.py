"""Judges what `cog read --crs` writes, by GDAL's warper.

Reads JSON: {"cog": the command, "items": [{"path", "crs", "method", "scale", "warp"}]}. `scale` is how many times larger the pixels are than
GDAL suggests; `warp` is "exact" or "gdal", the formulas that the command takes. Prints an object a line: "state" is "compared", "none" (GDAL knows no place for the file), "unread", "far" (GDAL finds no
place for it in the CRS, or more pixels than anybody wants), "refused" (by GDAL) or "failed" (by the command, which "why" repeats). Compared
are "valid", the share of pixels whose validity is the same, and "same", the share of pixels, of those with all their taps valid, that are
close enough: equal for nearest, within 1 or 1e-4 for kernels, within 1 or 1 % of the range for averages. "stretch" is how many source
pixels a pixel in the middle is long at most, and "turn" the angle between its rows and those of the source, in degrees.

Of an alpha band (the last one, integers of 8 and 16 bits) gdalwarp leaves what the pixel in which a place lies has, or by averages what is opaque:
rasterio's reproject takes it for a band like others, so that it is asked for the nearest pixels of it.

GDAL interpolates coordinates along rows of more than 5 pixels, even where it is told not to: beside exact formulas it is asked for 5 columns
at a time, and for kernels of their own size. Beside its own formulas it has its defaults, and makes the whole at once; kernels and averages are
compared within 1 or 1e-4 then.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import rasterio
from rasterio.enums import ColorInterp
from rasterio.transform import Affine
from rasterio.warp import Resampling, calculate_default_transform, reproject, transform_bounds
from rasterio.warp import transform as transform_points

warnings.simplefilter("ignore")

COLUMNS = 5

# The alpha of what hides all behind it.
OPAQUE = {"uint8": 255, "uint16": 65535, "int16": 32767}

# Larger outputs are compared in their middle.
SIDE = 240

# Side-cars are not read by the command either.
os.environ.update(GDAL_DISABLE_READDIR_ON_OPEN="TRUE", GDAL_PAM_ENABLED="NO")


def warp(source, item, place, method, **options):
    bands, (height, width) = source.shape[0], place["shape"]
    out = np.zeros((bands, height, width), source.dtype)
    columns = COLUMNS if item["warp"] == "exact" else width
    for column in range(0, width, columns):
        part = np.zeros((bands, height, min(columns, width - column)), source.dtype)
        reproject(
            source,
            part,
            src_transform=place["from"],
            src_crs=place["from_crs"],
            dst_transform=place["to"] * Affine.translation(column, 0),
            dst_crs=item["crs"],
            resampling=method,
            **options,
        )
        out[:, :, column : column + part.shape[2]] = part
    return out


def opened(path):
    with rasterio.open(path) as file:
        if file.crs is None or file.transform == Affine.identity() or file.gcps[0]:
            return None
        # A codec that this GDAL lacks is an error from here.
        samples, valid = file.read(), file.dataset_mask() > 0
        opaque = OPAQUE.get(samples.dtype.name) if file.colorinterp[-1] == ColorInterp.alpha else None
        if opaque is not None:
            valid &= samples[-1] > 0
        return samples, valid, opaque, file.transform, file.crs, (file.width, file.height), file.bounds


def shape(place, crs):
    """Stretch and turn of the pixel in the middle."""
    row, column = place["shape"][0] / 2, place["shape"][1] / 2
    at = [place["to"] * (column + x, row + y) for x, y in ((0, 0), (1, 0), (0, 1))]
    xs, ys = transform_points(crs, place["from_crs"], [x for x, _ in at], [y for _, y in at])
    (x0, y0), (x1, y1), (x2, y2) = [~place["from"] * point for point in zip(xs, ys)]
    turn = max(abs(np.degrees(np.arctan2(y1 - y0, x1 - x0))), abs(np.degrees(np.arctan2(x0 - x2, y2 - y0))))
    return float(max(np.hypot(x1 - x0, x2 - x0), np.hypot(y1 - y0, y2 - y0))), float(turn)


def is_far(item, crs, bounds):
    """True for polar maps of files that lie elsewhere."""
    if item["crs"] != "EPSG:3413":
        return False
    return transform_bounds(crs, "EPSG:4326", *bounds)[3] < 60


def judge(cog, item):
    try:
        found = opened(item["path"])
    except rasterio.errors.RasterioError:
        return {"state": "unread"}
    if found is None:
        return {"state": "none"}
    samples, valid, opaque, transform, crs, (width, height), bounds = found
    if is_far(item, crs, bounds):
        return {"state": "far"}
    try:
        suggested, columns, rows = calculate_default_transform(crs, item["crs"], width, height, *bounds)
    except rasterio.errors.RasterioError:
        return {"state": "far"}
    columns, rows = columns // item["scale"], rows // item["scale"]
    if not 0 < columns * rows < 25_000_000:
        return {"state": "far"}
    size = (min(rows, SIDE), min(columns, SIDE))
    window = ((columns - size[1]) // 2, (rows - size[0]) // 2, size[1], size[0])
    more = ["--window", ",".join(map(str, window))]
    if item["scale"] > 1:
        more += ["--width", str(columns), "--height", str(rows)]
    with tempfile.TemporaryDirectory() as folder:
        out, mask, grid = (os.path.join(folder, name) for name in ("out.npy", "mask.npy", "grid.json"))
        command = [cog, "read", item["path"], "--crs", item["crs"], "--resampling", item["method"], "--level", "0", "-q", "--warp", item["warp"]]
        end = subprocess.run([*command, "-o", out, "--mask", mask, "--grid", grid, *more], capture_output=True, text=True)
        if end.returncode:
            return {"state": "failed", "why": end.stderr.strip()}
        ours, mask, grid = np.load(out), np.load(mask) > 0, json.load(open(grid))
    to = Affine(*grid["transform"])
    # rasterio's function takes bounds, which lack a file's rotation.
    is_upright = transform.b == transform.d == 0
    if item["scale"] == 1 and is_upright and not np.allclose(to[:6], (suggested * Affine.translation(*window[:2]))[:6], rtol=1e-9, atol=0):
        return {"state": "failed", "why": f"the grid {to[:6]} is not part of {suggested[:6]}"}
    if ours.shape != (samples.shape[0], *size) or mask.shape != size:
        return {"state": "failed", "why": f"shape {ours.shape}"}
    place = {"from": transform, "from_crs": crs, "to": to, "shape": size}
    method = Resampling[item["method"].replace("-", "_")]
    is_gdal = item["warp"] == "gdal"
    kernel = {} if item["method"] == "average" or is_gdal else {"XSCALE": 1, "YSCALE": 1}
    wide = {"int8": "int16", "int64": "float64", "uint64": "float64"}.get(samples.dtype.name)
    theirs = warp(samples.astype(wide) if wide else samples, item, place, method, **kernel)
    if opaque is not None and item["method"] == "average":
        theirs[-1] = opaque
    elif opaque is not None:
        theirs[-1] = warp(samples[-1:], item, place, Resampling.nearest)[0]
    ones = valid.astype("float32")[None]
    reached = warp(ones, item, place, method, src_nodata=0, dst_nodata=0, **kernel)[0] > 0
    # A tap that is not valid shows in the sum of the weights; a negative weight makes it larger than 1.
    whole = np.abs(warp(ones, item, place, method, **kernel)[0] - 1) < 1e-4
    both = reached & whole & mask
    stretch, turn = shape(place, item["crs"])
    verdict = {"state": "compared", "stretch": stretch, "turn": turn, "valid": float((reached == mask).mean()), "pixels": int(both.sum()), "same": 1.0}
    if both.any():
        number = "complex128" if samples.dtype.kind == "c" else "float64"
        a, b = ours[:, both].astype(number), theirs[:, both].astype(number)
        apart = np.abs(a - b)
        apart[(a == b) | (np.isnan(a) & np.isnan(b))] = 0
        is_whole = samples.dtype.kind in "iub"
        if item["method"] == "nearest":
            enough = 0
        elif item["method"] == "average" and not is_gdal:
            spread = max(np.nanmax(part) - np.nanmin(part) for part in (b.real, b.imag))
            enough = max(1.0 if is_whole else 0.0, 0.01 * float(spread))
        else:
            # Beyond 2^53 numbers are as coarse as that.
            enough = np.maximum(1, 1e-9 * np.abs(b)) if is_whole else 1e-4 * np.abs(b)
            # Where both are NaN, they are 0 apart.
            enough = np.where(np.isnan(b), 0, enough)
        verdict["same"] = float((apart <= enough).mean())
    return verdict


asked = json.load(open(sys.argv[1]))
for item in asked["items"]:
    try:
        print(json.dumps(judge(asked["cog"], item)))
    except Exception as error:  # CRSs without a way between them, samples that GDAL does not warp
        print(json.dumps({"state": "refused", "why": str(error)[:200]}))
