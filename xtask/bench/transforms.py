"""Times transforms of cog-crs beside pyproj's on the same points, in turns, and prints a table.

    python transforms.py TRANSFORM_SPEED FOLDER POINTS ROUNDS
"""

import pathlib
import subprocess
import sys
import time

import numpy as np
import pyproj

# From, to, and the box of the points in the first CRS.
PAIRS = [
    ("EPSG:4326", "EPSG:32633", (12.0, 40.0, 18.0, 60.0)),
    ("EPSG:32633", "EPSG:4326", (250000.0, 4500000.0, 750000.0, 6600000.0)),
    ("EPSG:4326", "EPSG:3857", (-170.0, -80.0, 170.0, 80.0)),
    ("EPSG:3857", "EPSG:4326", (-1.9e7, -1.5e7, 1.9e7, 1.5e7)),
    ("EPSG:32633", "EPSG:3857", (250000.0, 4500000.0, 750000.0, 6600000.0)),
    ("EPSG:3035", "EPSG:4326", (2700000.0, 1600000.0, 6000000.0, 4600000.0)),
]


def main(program, folder, points, rounds):
    rng = np.random.default_rng(1)
    print("| from | to | cog-crs, million points a second | pyproj | ÷ pyproj | apart at most |")
    print("|---|---|--:|--:|--:|--:|")
    for source, target, (minx, miny, maxx, maxy) in PAIRS:
        x, y = rng.uniform(minx, maxx, points), rng.uniform(miny, maxy, points)
        peer = pyproj.Transformer.from_crs(source, target, always_xy=True)
        peer.transform(x[:10], y[:10])
        ours, theirs = [], []
        path = folder / "points.bin"
        for _ in range(rounds):
            start = time.perf_counter()
            px, py = peer.transform(x, y)
            theirs.append(time.perf_counter() - start)
            path.write_bytes(np.concatenate([x, y]).astype("<f8").tobytes())
            ours.append(float(subprocess.run([program, source, target, path, "1"], check=True, capture_output=True, text=True).stdout))
        ox, oy = np.fromfile(path, "<f8").reshape(2, -1)
        apart = max(np.abs(ox - px).max(), np.abs(oy - py).max())
        unit = "°" if target == "EPSG:4326" else " m"
        a, b = points / min(ours) / 1e6, points / min(theirs) / 1e6
        print(f"| {source} | {target} | {a:.2f} | {b:.2f} | {a / b:.2f} | {apart:.0e}{unit} |")
    print(f"\nVersions: pyproj {pyproj.__version__}, PROJ {pyproj.proj_version_str}, NumPy {np.__version__}.")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
