"""Compares what `cog tile` writes with the tile that rio-tiler makes of the same file.

Reads JSON: {"cog": the command, "seed": a number, "files": [paths]}. Of each file, tiles are taken at random places of it: in two tile
matrix sets, at the zoom nearest to its resolution and one and two coarser, by nearest neighbour and bilinear. Prints an object a tile:
"state" is "compared", "left out" ("why": no CRS, numbers near the largest float,
a range of less than 16 whole numbers, or what rio-tiler says) or "failed" ("why": what the command says). Compared are "valid", the
share of pixels whose validity is the same, and of the pixels that are valid in both "same", the share of equal ones, "mean", the mean
absolute difference in percent of the file's range of values there, and "pixels", how many these are.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import warnings

import morecantile
import numpy as np
from rio_tiler.io import Reader

warnings.simplefilter("ignore")

SETS = ["WebMercatorQuad", "WGS1984Quad"]
COARSER = (0, 1, 2)
METHODS = ("nearest", "bilinear")

# Side-cars are not read by the command either.
os.environ.update(GDAL_DISABLE_READDIR_ON_OPEN="TRUE", GDAL_PAM_ENABLED="NO")


def compare(reader, cog, path, tile, tms, method):
    image = reader.tile(tile.x, tile.y, tile.z, tilesize=256, indexes=reader_bands(reader), resampling_method=method, reproject_method=method)
    theirs, their_mask = image.data, image.mask > 0
    if theirs.dtype.kind == "f" and np.nanmax(np.abs(theirs), initial=0) > 1e30:
        return {"state": "left out", "why": "numbers near the largest float: differences have no range"}
    with tempfile.TemporaryDirectory() as folder:
        out, mask = (os.path.join(folder, name) for name in ("out.npy", "mask.npy"))
        bands = ",".join(map(str, reader_bands(reader)))
        place = [str(tile.z), str(tile.x), str(tile.y)]
        command = [cog, "tile", path, *place, "--tms", tms, "--resampling", method, "--bands", bands, "-q", "-o", out, "--mask", mask]
        end = subprocess.run(command, capture_output=True, text=True)
        if end.returncode:
            return {"state": "failed", "why": end.stderr.strip()}
        ours, our_mask = np.load(out), np.load(mask) > 0
    if ours.shape != theirs.shape:
        return {"state": "failed", "why": f"shape {ours.shape} beside {theirs.shape}"}
    verdict = {"state": "compared", "method": method, "valid": float((our_mask == their_mask).mean()), "pixels": 0, "same": 1.0, "mean": 0.0}
    both = our_mask & their_mask
    if both.any():
        a, b = ours[:, both].astype("float64"), theirs[:, both].astype("float64")
        apart = np.abs(a - b)
        apart[(a == b) | (np.isnan(a) & np.isnan(b))] = 0
        spread = float(np.nanmax(b) - np.nanmin(b))
        if method != "nearest" and theirs.dtype.kind in "iu" and 0 < spread < 16:
            return {"state": "left out", "why": "so few values that a rounding is a large part of their range"}
        verdict["pixels"] = int(both.sum())
        verdict["same"] = float((apart == 0).mean())
        verdict["mean"] = float(100 * np.nanmean(apart) / spread) if spread > 0 else float(apart.any())
    return verdict


def reader_bands(reader):
    alpha = [i for i, c in enumerate(reader.dataset.colorinterp, 1) if c.name == "alpha"]
    return [i for i in reader.dataset.indexes if i not in alpha]


def tiles(cog, path, random):
    for tms in SETS:
        try:
            with Reader(path, tms=morecantile.tms.get(tms)) as reader:
                if reader.dataset.crs is None or reader.dataset.transform.is_identity:
                    yield {"state": "left out", "why": "no place"}
                    return
                if np.dtype(reader.dataset.dtypes[0]).kind == "c":
                    yield {"state": "left out", "why": "complex numbers"}
                    return
                left, bottom, right, top = reader.get_geographic_bounds(reader.tms.rasterio_geographic_crs)
                for coarser in COARSER:
                    zoom = max(reader.maxzoom - coarser, 0)
                    x, y = (random.uniform(0.1, 0.9) for _ in range(2))
                    tile = reader.tms.tile(left + x * (right - left), bottom + y * (top - bottom), zoom)
                    for method in METHODS:
                        yield {**compare(reader, cog, path, tile, tms, method), "tile": [tms, zoom, tile.x, tile.y], "coarser": coarser}
        except Exception as error:  # what rio-tiler, morecantile or GDAL cannot do with a file
            yield {"state": "left out", "why": f"{type(error).__name__}: {error}"[:150]}


asked = json.load(open(sys.argv[1]))
for path in asked["files"]:
    # The same tiles of a file whatever the others are.
    for verdict in tiles(asked["cog"], path, random.Random(f"{asked['seed']} {os.path.basename(path)}")):
        print(json.dumps({"file": os.path.basename(path), **verdict}))
