"""What GDAL's rasterizer makes of random polygons: crates/cog-warp/tests/data/cutlines.json.

Needs rasterio (GDAL 3.10), and the command gdalwarp for what is blended. A mask is written as runs: how many pixels of 0, of 1, of 0, ... row after row.
"""

import json
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import rasterio
from rasterio.features import rasterize
from rasterio.transform import Affine
from rasterio.warp import transform as warp_coordinates

random.seed(13)
WIDTH, HEIGHT = 37, 29


def star(cx, cy, radius, points, inner, snap=None, clockwise=False):
    ring = []
    for i in range(points):
        angle = (i + 0.8 * random.random()) / points * 2 * math.pi
        r = radius * random.uniform(inner, 1.0)
        x, y = cx + r * math.cos(angle), cy + r * math.sin(angle)
        if snap:
            x, y = round(x / snap) * snap, round(y / snap) * snap
        ring.append((round(x, 4), round(y, 4)))
    ring.append(ring[0])
    return ring[::-1] if clockwise else ring


def crosses_itself(ring):
    def side(a, b, p):
        return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])

    edges = list(zip(ring, ring[1:]))
    for i, (a, b) in enumerate(edges):
        for c, d in edges[i + 1 :]:
            if side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0:
                return True
    return False


def polygon_in_pixels():
    snap = random.choice([None, None, None, 0.5, 1.0, 0.25])
    kind = random.random()
    cx, cy = random.uniform(-5, WIDTH + 5), random.uniform(-5, HEIGHT + 5)
    if kind < 0.15:  # Smaller than a pixel.
        radius, points = random.uniform(0.05, 0.9), random.randint(3, 6)
    elif kind < 0.3:  # Rectangles, often along pixels.
        w, h = random.uniform(1, 20), random.uniform(1, 20)
        if snap:
            cx, cy, w, h = (round(v / snap) * snap for v in (cx, cy, w, h))
            w, h = max(w, snap), max(h, snap)
        cx, cy, w, h = (round(v, 4) for v in (cx, cy, w, h))
        ring = [(cx, cy), (cx + w, cy), (cx + w, cy + h), (cx, cy + h), (cx, cy)]
        return [ring[::-1] if random.random() < 0.5 else ring]
    elif kind < 0.4:  # More than the whole grid.
        radius, points = random.uniform(30, 200), random.randint(3, 9)
    else:
        radius, points = random.uniform(2, 25), random.randint(3, 24)
    if random.random() < 0.1:
        snap = None
    rings = [star(cx, cy, radius, points, random.choice([0.15, 0.5, 0.9]), snap, random.random() < 0.5)]
    if random.random() < 0.4:
        rings.append(star(cx, cy, radius * 0.4, random.randint(3, 8), 0.3, snap, random.random() < 0.5))
    return rings


def runs(mask):
    flat = np.concatenate([[0], (mask.ravel() > 0).astype(np.int8)])
    changes = np.flatnonzero(np.diff(flat)) + 1
    edges = np.concatenate([[0], changes - 0, [len(flat)]]) if len(changes) else np.array([0, len(flat)])
    lengths = np.diff(edges)
    lengths[0] -= 1
    return [int(v) for v in lengths]


def usable(polygons):
    return all(len(set(ring)) >= 3 and not crosses_itself(ring) for rings in polygons for ring in rings)


def to_geojson(polygons):
    return {"type": "MultiPolygon", "coordinates": [[list(map(list, ring)) for ring in rings] for rings in polygons]}


def on_one_grid():
    """Polygons in the CRS of the grid."""
    grids = [
        Affine(1, 0, 0, 0, 1, 0),
        Affine(10, 0, 500000, 0, -10, 5400000),
        Affine(0.1, 0, 7.3, 0, -0.07, 51.2),
        Affine(8, 3, 400000, 2.5, -9, 5500000),
    ]
    cases = []
    while len(cases) < 480:
        polygons = [polygon_in_pixels() for _ in range(random.choice([1, 1, 1, 2, 3]))]
        if not usable(polygons):
            continue
        number = len(cases) % 8
        grid = grids[0 if number < 5 else number - 4]
        if grid != grids[0]:
            polygons = [[[grid * p for p in ring] for ring in rings] for rings in polygons]
        geometry = to_geojson(polygons)
        masks = [
            rasterize([geometry], out_shape=(HEIGHT, WIDTH), transform=grid, all_touched=touched, dtype="uint8")
            for touched in (False, True)
        ]
        crs = "EPSG:4326" if grid == grids[2] else "EPSG:32633"
        cases.append({"crs": crs, "target": crs, "grid": list(grid)[:6], "geometry": geometry, "centre": runs(masks[0]), "touched": runs(masks[1])})
    return cases


def dense(ring, steps=400):
    out = []
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        out += [(ax + (bx - ax) * i / steps, ay + (by - ay) * i / steps) for i in range(steps)]
    return out + [ring[-1]]


def on_another_grid():
    """Polygons in another CRS, their edges followed in 400 steps, with the pixels whose middles are very near to an edge."""
    pairs = [
        ("OGC:CRS84", "EPSG:3857", (9.0, 48.0, 4.0)),
        ("OGC:CRS84", "EPSG:32633", (15.0, 50.0, 3.0)),
        ("OGC:CRS84", "EPSG:3035", (12.0, 52.0, 6.0)),
        ("EPSG:32633", "EPSG:4326", (500000.0, 5400000.0, 200000.0)),
        ("EPSG:3035", "EPSG:3857", (4321000.0, 3210000.0, 700000.0)),
        ("OGC:CRS84", "EPSG:3413", (-50.0, 72.0, 20.0)),
    ]
    cases = []
    while len(cases) < 60:
        source, target, (cx, cy, size) = pairs[len(cases) % len(pairs)]
        digits = 6 if size < 100 else 1
        squeeze = 0.4 if source == "OGC:CRS84" else 1.0
        def ring(scale, points):
            own = star(0, 0, scale, points, 0.4)
            return [(round(cx + size * x, digits), round(cy + squeeze * size * y, digits)) for x, y in own]
        rings = [ring(1.0, random.randint(3, 9))] + ([ring(0.35, 4)] if random.random() < 0.5 else [])
        if not usable([rings]):
            continue
        images = []
        for one in rings:
            xs, ys = zip(*dense(one))
            images.append(list(zip(*warp_coordinates("EPSG:4326" if source == "OGC:CRS84" else source, target, xs, ys))))
        xs, ys = np.array(images[0]).T
        pixel = max((xs.max() - xs.min()) / (WIDTH - 4), (ys.max() - ys.min()) / (HEIGHT - 4))
        grid = Affine(pixel, 0, xs.min() - 1.7 * pixel, 0, -pixel, ys.max() + 1.3 * pixel)
        geometry = to_geojson([images])
        masks = [
            rasterize([geometry], out_shape=(HEIGHT, WIDTH), transform=grid, all_touched=touched, dtype="uint8")
            for touched in (False, True)
        ]
        near = np.zeros((HEIGHT, WIDTH), "uint8")
        columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
        for image in images:
            points = [~grid * p for p in image]
            for (ax, ay), (bx, by) in zip(points, points[1:]):
                wx, wy = bx - ax, by - ay
                length = wx * wx + wy * wy
                if length == 0:
                    continue
                t = np.clip(((columns - ax) * wx + (rows - ay) * wy) / length, 0, 1)
                near |= (np.hypot(columns - ax - t * wx, rows - ay - t * wy) < 0.012).astype("uint8")
        cases.append({"crs": source, "target": target, "grid": list(grid)[:6], "geometry": to_geojson([rings]), "centre": runs(masks[0]), "touched": runs(masks[1]), "near": runs(near)})
    return cases


def blended():
    """The alpha of `gdalwarp -cblend`, where the source has the grid of the output."""
    cases = []
    grid = Affine(10, 0, 500000, 0, -10, 5400000)
    for distance in (6, 2.5, 11):
        rings = [star(18.3, 14.2, 13, 9, 0.4), star(18.3, 14.2, 4, 5, 0.6)][: 2 if distance < 10 else 1]
        if not usable([rings]):
            raise SystemExit("choose another seed")
        rings = [[grid * p for p in ring] for ring in rings]
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
        geometry = to_geojson([rings])
        with tempfile.TemporaryDirectory() as folder:
            source, line, out = (f"{folder}/{name}" for name in ("source.tif", "line.geojson", "out.tif"))
            feature = {"type": "Feature", "properties": {}, "geometry": geometry}
            Path(line).write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
            with rasterio.open(source, "w", driver="GTiff", width=WIDTH, height=HEIGHT, count=1, dtype="uint8", crs="EPSG:32633", transform=grid) as file:
                file.write(np.full((1, HEIGHT, WIDTH), 200, "uint8"))
            subprocess.run(["gdalwarp", "-q", "-cutline", line, "-cblend", str(distance), "-dstalpha", source, out], check=True)
            with rasterio.open(out) as file:
                alpha = file.read(2)
        cases.append({"crs": "EPSG:32633", "target": "EPSG:32633", "grid": list(grid)[:6], "geometry": geometry, "distance": distance, "alpha": alpha.ravel().tolist()})
    return cases


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "crates/cog-warp/tests/data/cutlines.json")
    content = {"width": WIDTH, "height": HEIGHT, "same": on_one_grid(), "other": on_another_grid(), "blended": blended()}
    lists = ",\n".join(json.dumps(case, separators=(",", ":")) for case in content["same"])
    others = ",\n".join(json.dumps(case, separators=(",", ":")) for case in content["other"])
    blends = ",\n".join(json.dumps(case, separators=(",", ":")) for case in content["blended"])
    path.write_text(f'{{"width":{WIDTH},"height":{HEIGHT},"same":[\n{lists}\n],"other":[\n{others}\n],"blended":[\n{blends}\n]}}\n')
