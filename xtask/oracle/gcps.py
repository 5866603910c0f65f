"""What GDAL makes of ground control points: crates/cog-crs/tests/data/gcps.json and crates/cog-warp/tests/data/gcp_warps.json.

Needs rasterio (GDAL 3.10) and, for orders that it does not choose itself, the command gdaltransform.
"""

import json
import subprocess
from pathlib import Path

import numpy as np
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.transform import GCPTransformer
from rasterio.warp import Resampling, calculate_default_transform, reproject

rng = np.random.default_rng(7)


def points(kind, count):
    column, row = rng.uniform(0, 400, count).round(2), rng.uniform(0, 300, count).round(2)
    u, v = column / 400, row / 300
    if kind == "degrees":
        x = 14.2 + 0.8 * u + 0.15 * v + 0.05 * u * v + 0.03 * u * u
        y = 50.1 + 0.1 * u - 0.6 * v + 0.02 * v * v - 0.01 * u * u * u
        noise = 1e-4
    else:
        x = 480000 + 60000 * u - 9000 * v + 3000 * u * v - 1200 * v * v * v
        y = 5560000 - 8000 * u - 48000 * v + 1500 * u * u
        noise = 20
    x, y = x + rng.normal(0, noise, count), y + rng.normal(0, noise, count)
    digits = 7 if kind == "degrees" else 3
    return [[float(c), float(r), float(a), float(b)] for c, r, a, b in zip(column, row, x.round(digits), y.round(digits))]


def gdaltransform(gcps, order, inverse, places):
    command = ["gdaltransform", "-order", str(order)] + (["-i"] if inverse else [])
    for gcp in gcps:
        command += ["-gcp"] + [repr(v) for v in gcp]
    text = "\n".join(f"{x!r} {y!r}" for x, y in places)
    out = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return [[float(v) for v in line.split()[:2]] for line in out.splitlines()]


def transforms():
    cases = []
    for kind in ("degrees", "metres"):
        for count in (3, 4, 5, 6, 7, 10, 11, 40):
            gcps = points(kind, count)
            controls = [GroundControlPoint(row=r, col=c, x=x, y=y, z=0.0) for c, r, x, y in gcps]
            pixels = rng.uniform([0, 0], [400, 300], (8, 2)).round(3)
            with GCPTransformer(controls) as transformer:
                xs, ys = transformer.xy(pixels[:, 1], pixels[:, 0], offset="ul")
                rows, columns = transformer.rowcol(xs, ys, op=lambda v: v)
            forward = [[float(x), float(y)] for x, y in zip(xs, ys)]
            backward = [[float(c), float(r)] for c, r in zip(columns, rows)]
            cases.append({"gcps": gcps, "order": None, "pixels": pixels.tolist(), "forward": forward, "backward": backward})
            for order, needed in ((1, 3), (2, 6), (3, 10)):
                if count >= max(needed, 6):
                    forward = gdaltransform(gcps, order, False, pixels.tolist())
                    backward = gdaltransform(gcps, order, True, forward)
                    cases.append({"gcps": gcps, "order": order, "pixels": pixels.tolist(), "forward": forward, "backward": backward})
    return cases


def warps():
    """An image of 400 x 300 pixels on grids of other CRSs; five columns at a time, where GDAL does not interpolate coordinates, and as
    GDAL does it by default, with larger pixels."""
    row, column = np.mgrid[0:300, 0:400]
    source = ((row * 37 + column * 91 + row * column * 3) % 251).astype("uint8")
    cases = []
    for kind, crs, target, count in (
        ("degrees", "EPSG:4326", "EPSG:3857", 5),
        ("degrees", "EPSG:4326", "EPSG:32633", 12),
        ("metres", "EPSG:32633", "EPSG:4326", 8),
        ("metres", "EPSG:32633", "EPSG:32633", 8),
    ):
        gcps = points(kind, count)
        controls = [GroundControlPoint(row=r, col=c, x=x, y=y, z=0.0) for c, r, x, y in gcps]
        suggested, width, height = calculate_default_transform(crs, target, 400, 300, gcps=controls)
        grid = suggested * Affine.translation(width * 0.4, height * 0.4)
        size = 40
        methods, defaults = {}, {}
        for method in (Resampling.nearest, Resampling.bilinear, Resampling.cubic):
            out = np.zeros((size, size), "uint8")
            for first in range(0, size, 5):
                part = np.zeros((size, 5), "uint8")
                reproject(source, part, gcps=controls, src_crs=crs, dst_crs=target, dst_transform=grid * Affine.translation(first, 0), resampling=method, XSCALE=1, YSCALE=1)
                out[:, first : first + 5] = part
            methods[method.name] = out.ravel().tolist()
            out = np.zeros((size, size), "uint8")
            reproject(source, out, gcps=controls, src_crs=crs, dst_crs=target, dst_transform=grid * Affine.scale(1.6), resampling=method)
            defaults[method.name] = out.ravel().tolist()
        cases.append({"crs": crs, "target": target, "gcps": gcps, "suggested": list(suggested)[:6] + [width, height], "grid": list(grid)[:6], "size": size, "methods": methods, "defaults": defaults})
    return cases


if __name__ == "__main__":
    Path("crates/cog-crs/tests/data").mkdir(exist_ok=True)
    for path, cases in (("crates/cog-crs/tests/data/gcps.json", transforms()), ("crates/cog-warp/tests/data/gcp_warps.json", warps())):
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        Path(path).write_text(f"[\n{lines}\n]\n")
