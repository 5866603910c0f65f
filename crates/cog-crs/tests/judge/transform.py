"""Judges transforms by rasterio.warp.transform (PROJ).

Reads a JSON list of {"from", "to", "x", "y", "out_x", "out_y", "back_x", "back_y"}: points, what they became, and those of PROJ's own
results that were converted back are computed here. First run (no "out_x"): prints {"x", "y"} a line, what PROJ makes of the points.
Second run: prints {"forward", "inverse", "failed"} a line: the greatest differences in metres, and on how many points only one
of the two has an answer.
"""

import json
import math
import os
import sys

os.environ["PROJ_NETWORK"] = "OFF"

from rasterio.crs import CRS
from rasterio.warp import transform

DEGREE = 111_319.49


def proj(source, target, x, y):
    """What PROJ makes of the points; NaN where it makes nothing."""
    xs, ys = transform(CRS.from_user_input(source), CRS.from_user_input(target), x, y)
    return [(a, b) if math.isfinite(a) and math.isfinite(b) else None for a, b in zip(xs, ys)]


def difference(crs, ours, expected):
    crs = CRS.from_user_input(crs)
    metres = DEGREE if crs.is_geographic else crs.linear_units_factor[1]
    worst, failed = 0.0, 0
    for a, b in zip(ours, expected):
        if None in a or b is None:
            failed += (None in a) != (b is None)
            continue
        dx, dy = abs(a[0] - b[0]), abs(a[1] - b[1])
        if crs.is_geographic:
            dx = min(dx, abs(dx - 360)) * math.cos(math.radians(min(90, abs(b[1]))))
        worst = max(worst, dx * metres, dy * metres)
    return worst, failed


for item in json.load(open(sys.argv[1])):
    forward = proj(item["from"], item["to"], item["x"], item["y"])
    kept = [p or (0.0, 0.0) for p in forward]
    if "out_x" not in item:
        print(json.dumps({"x": [p[0] for p in kept], "y": [p[1] for p in kept]}))
        continue
    back = proj(item["to"], item["from"], [p[0] for p in kept], [p[1] for p in kept])
    f, failed_forward = difference(item["to"], list(zip(item["out_x"], item["out_y"])), forward)
    i, failed_inverse = difference(item["from"], list(zip(item["back_x"], item["back_y"])), back)
    print(json.dumps({"forward": f, "inverse": i, "failed": failed_forward + failed_inverse}))
