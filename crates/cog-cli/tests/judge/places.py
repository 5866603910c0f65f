"""Where rio-tiler says that files lie.

Reads a JSON list of {"path"}, prints one JSON object a line: {"state", "bounds", "zoom"}. States: "none" (no CRS), "unread" (GDAL opens no
such file), "points" (tied by ground control points), "untied" (a CRS and no transform), "nowhere" (rio-tiler has no place for it, and
answers with the whole world), "ok".
"""

import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ["GDAL_DISABLE_READDIR_ON_OPEN"] = "EMPTY_DIR"
os.environ["GDAL_PAM_ENABLED"] = "NO"
os.environ["PROJ_NETWORK"] = "OFF"

import logging

import rasterio
from rasterio.crs import CRS
from rio_tiler.io import Reader

logging.disable(logging.CRITICAL)
WGS84 = CRS.from_epsg(4326)


def judge(path):
    try:
        with rasterio.open(path) as data:
            crs, points, transform = data.crs, data.gcps[0], data.transform
    except Exception as error:
        return {"state": "unread", "error": str(error)}
    if points:
        return {"state": "points"}
    if not crs:
        return {"state": "none"}
    if transform.is_identity:
        return {"state": "untied"}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with Reader(path) as reader:
            bounds = reader.get_geographic_bounds(WGS84)
            zoom = {"min": reader.minzoom, "max": reader.maxzoom}
    nowhere = any("geographic CRS" in str(warning.message) for warning in said)
    return {"state": "nowhere" if nowhere else "ok", "bounds": list(bounds), "zoom": zoom}


for item in json.load(open(sys.argv[1])):
    print(json.dumps(judge(item["path"])))
