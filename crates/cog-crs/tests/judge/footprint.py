"""Judges outlines on the globe by PROJ: a place is inside the outline if it is inside the raster.

Reads a JSON list of {"crs", "transform": [a, b, c, d, e, f], "width", "height", "polygons", "bounds"}. Prints {"asked", "inside", "wrong"} a line:
places, how many of them are inside, and what is wrong. Places within 1 % of the raster's edge are not asked for, because an outline has
corners where a bent edge has none.
"""

import json
import math
import os
import random
import sys

os.environ["PROJ_NETWORK"] = "OFF"

from affine import Affine
from pyproj import CRS, Transformer

TRIES = 3000


def holds(ring, x, y):
    odd = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
        if (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
            odd = not odd
    return odd


def area(ring):
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:])) / 2


def shape(item):
    for ring in item["polygons"]:
        if ring[0] != ring[-1] or len(ring) < 4:
            yield f"ring of {len(ring)} is not closed"
        if area(ring) <= 0:
            yield f"ring runs clockwise: {area(ring)}"
        for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
            if abs(x1) > 180 or abs(y1) > 90:
                yield f"{x1}, {y1} is no longitude and latitude"
            # Longer only along a parallel: the pole, or the edge of a map of the world.
            if abs(x1 - x2) > 180 and abs(y1 - y2) > 1e-6:
                yield f"an edge from {x1}, {y1} to {x2}, {y2}"
    west, south, east, north = item["bounds"]
    for ring in item["polygons"]:
        for x, y in ring:
            across = west - 1e-9 <= x <= east + 1e-9 if west <= east else x >= west - 1e-9 or x <= east + 1e-9
            if not across or not south - 1e-9 <= y <= north + 1e-9:
                yield f"{x}, {y} is outside the bounds {item['bounds']}"


def places(item):
    """Some of the whole globe, most of the bounds and a little around them."""
    west, south, east, north = item["bounds"]
    width = east - west if west <= east else east + 360 - west
    height = north - south
    rng = random.Random(7)
    for i in range(TRIES):
        if i % 5 == 0:
            x, y = rng.uniform(-180, 180), math.degrees(math.asin(rng.uniform(-1, 1)))
        else:
            x = west - 0.2 * width + rng.random() * 1.4 * width
            y = south - 0.2 * height + rng.random() * 1.4 * height
        yield (x + 180) % 360 - 180, max(-89.9, min(89.9, y))


def judge(item):
    wrong = list(shape(item))
    asked = inside = 0
    pixels = ~Affine(*item["transform"])
    points = list(places(item))
    crs = CRS.from_user_input(item["crs"])
    # Infinite where a map has no place.
    back = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform([p[0] for p in points], [p[1] for p in points])
    for (lon, lat), x, y in zip(points, *back):
        if not math.isfinite(x) or not math.isfinite(y):
            continue
        # Longitudes of a raster may count beyond 180.
        turns = (-360, 0, 360) if crs.is_geographic else (0,)
        depths = []
        for turn in turns:
            column, row = pixels * (x + turn, y)
            u, v = column / item["width"], row / item["height"]
            depths.append(min(u, 1 - u, v, 1 - v))
        if abs(max(depths)) < 0.01:
            continue
        asked += 1
        expected = max(depths) > 0
        inside += expected
        if any(holds(ring, lon, lat) for ring in item["polygons"]) != expected:
            wrong.append(f"{lon}, {lat} is {'inside' if expected else 'outside'} the raster")
    return {"asked": asked, "inside": inside, "wrong": wrong[:10]}


for item in json.load(open(sys.argv[1])):
    print(json.dumps(judge(item)))
