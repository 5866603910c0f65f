"""Judges CRSs of files by rasterio (what GDAL finds) and pyproj (whether two definitions are one).

Reads a JSON list of {"name", "path", "wkt2", "projjson", "epsg"} (wkt2 null: no CRS), prints one JSON object a file: {"name", "verdict", ...}.
Verdicts: "equal"; "coordinates" (pyproj says different, coordinates are the same within 1 mm); "different"; "none" (neither
has a CRS); "extra"; "missing"; "unread" (GDAL opens no such file).
"""

import json
import os
import random
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ["GDAL_DISABLE_READDIR_ON_OPEN"] = "EMPTY_DIR"
os.environ["GDAL_PAM_ENABLED"] = "NO"

import pyproj
import rasterio
from rasterio.enums import WktVersion

KNOWN = {}


def crs(text):
    if text not in KNOWN:
        KNOWN[text] = pyproj.CRS.from_user_input(text)
    return KNOWN[text]


def same_coordinates(a, b):
    """Both CRSs put the same points of the geographic CRS at the same place, within 1 mm."""
    base = b.geodetic_crs
    if base is None or a.geodetic_crs is None or a.to_wkt() == "":
        return False
    lon0 = b.area_of_use.west if b.area_of_use else -10
    forward = [pyproj.Transformer.from_crs(c.geodetic_crs, c, always_xy=True) for c in (a, b)]
    center = 0.0
    for p in b.coordinate_operation.params if b.coordinate_operation else []:
        if p.name in ("Longitude of natural origin", "Longitude of false origin", "Longitude of origin"):
            center = p.value * p.unit_conversion_factor * 57.29577951308232
    points = [(center + random.uniform(-3, 3), random.uniform(30, 60)) for _ in range(100)]
    for x, y in points:
        (ax, ay), (bx, by) = (t.transform(x, y) for t in forward)
        if not (abs(ax - bx) < 1e-3 and abs(ay - by) < 1e-3):
            return False
    return True


def judge(item):
    try:
        with rasterio.open(item["path"]) as data:
            # With ground control points the CRS is theirs.
            found = data.crs or (data.gcps[1] if data.gcps[0] else None)
    except Exception:
        return {"verdict": "unread"}
    if not found:
        return {"verdict": "none" if item["wkt2"] is None else "extra"}
    said = {"epsg_expected": found.to_epsg()}
    if item["wkt2"] is None:
        return {"verdict": "missing", **said}
    expected = crs(found.to_wkt(version=WktVersion.WKT2_2019))
    verdicts = []
    for text in (item["wkt2"], item["projjson"]):
        ours = crs(text)
        if ours.equals(expected, ignore_axis_order=True):
            verdicts.append("equal")
        else:
            verdicts.append("coordinates" if same_coordinates(ours, expected) else "different")
    return {"verdict": max(verdicts, key=["equal", "coordinates", "different"].index), "expected": expected.to_wkt(), **said}


for item in json.load(open(sys.argv[1])):
    print(json.dumps({"name": item["name"], **judge(item)}))
