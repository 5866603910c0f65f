"""What rasterio says of rasters in other CRSs.

Reads a JSON list of {"crs" (WKT2), "transform" [a, b, c, d, e, f], "width", "height", "target"}, prints one JSON object a line:
{"grid": [a, b, c, d, e, f, width, height] or null, "bounds": [left, bottom, right, top] or null} from calculate_default_transform and
transform_bounds.
"""

import json
import math
import os
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ["PROJ_NETWORK"] = "OFF"

from rasterio.crs import CRS
from rasterio.warp import calculate_default_transform, transform_bounds

KNOWN = {}


def crs(text):
    if text not in KNOWN:
        KNOWN[text] = CRS.from_user_input(text)
    return KNOWN[text]


def finite(numbers):
    return list(numbers) if all(math.isfinite(n) for n in numbers) else None


def judge(item):
    source, target = crs(item["crs"]), crs(item["target"])
    a, b, c, d, e, f = item["transform"]
    width, height = item["width"], item["height"]
    xs = [c, c + a * width, c + b * height, c + a * width + b * height]
    ys = [f, f + d * width, f + e * height, f + d * width + e * height]
    if b == d == 0:
        left, bottom, right, top = c, f + e * height, c + a * width, f
    else:
        left, bottom, right, top = min(xs), min(ys), max(xs), max(ys)
    out = {"grid": None, "bounds": None}
    try:
        grid, columns, rows = calculate_default_transform(source, target, width, height, left, bottom, right, top)
        out["grid"] = finite([grid.a, grid.b, grid.c, grid.d, grid.e, grid.f, columns, rows])
    except Exception as error:
        out["grid_error"] = str(error)
    try:
        out["bounds"] = finite(transform_bounds(source, target, min(xs), min(ys), max(xs), max(ys)))
    except Exception as error:
        out["bounds_error"] = str(error)
    return out


for item in json.load(open(sys.argv[1])):
    print(json.dumps(judge(item)))
