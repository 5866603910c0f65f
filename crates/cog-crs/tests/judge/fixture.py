"""Writes tests/data/proj.tsv: what PROJ (by rasterio) writes for these codes. Columns: code, WKT2:2019, PROJJSON, WKT1."""

import json
import sys

from rasterio.crs import CRS
from rasterio.enums import WktVersion

# Not EPSG:4326 and OGC:CRS84, for which GDAL has texts of its own with another area of use.
CODES = """EPSG:4979 EPSG:4978 EPSG:4258 EPSG:4269 EPSG:4289 EPSG:4807 EPSG:7844 EPSG:32633 EPSG:32719 EPSG:3857 EPSG:3395 EPSG:3035 EPSG:5070
EPSG:3031 EPSG:3413 EPSG:6931 EPSG:6933 EPSG:2056 EPSG:2154 EPSG:2193 EPSG:2263 EPSG:27700 EPSG:28992 EPSG:31370 EPSG:5514 EPSG:27563 EPSG:3978 EPSG:29873
EPSG:2065 EPSG:5773 EPSG:3855 EPSG:7415 EPSG:9518 EPSG:5817 EPSG:6360 ESRI:54009 ESRI:102008 ESRI:104905 IGNF:ETRS89LAEA""".split()

with open(sys.argv[1], "w") as out:
    for code in CODES:
        crs = CRS.from_user_input(code)
        try:
            wkt1 = crs.to_wkt(version=WktVersion.WKT1_GDAL)
        except Exception:
            wkt1 = ""
        projjson = json.dumps(crs.to_dict(projjson=True), ensure_ascii=False)
        out.write("\t".join([code, crs.to_wkt(version=WktVersion.WKT2_2019), projjson, wkt1]) + "\n")
