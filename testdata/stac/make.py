#!/usr/bin/env python3
"""A small scene of five COGs with items of STAC 0.9, 1.0 and 1.1 that describe it, and what rasterio and rio-tiler read of it.

    python -m venv v && v/bin/pip install rasterio==1.4.4 rio-tiler==9.4.12 pystac==1.15.2
    v/bin/python testdata/stac/make.py
"""
import hashlib
import json
import pathlib

import numpy
import pystac
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT
from rio_tiler.io import STACReader

HERE = pathlib.Path(__file__).parent
WEST, NORTH = 399_960, 5_300_040
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
ROWS, COLUMNS = 140, 150


def write(name, array, resolution, nodata, resampling="nearest"):
    bands, rows, columns = array.shape
    profile = dict(driver="COG", dtype=array.dtype, count=bands, height=rows, width=columns, crs="EPSG:32633", nodata=nodata)
    profile |= dict(transform=from_origin(WEST, NORTH, resolution, resolution), compress="deflate", predictor=2, blocksize=128)
    with rasterio.open(HERE / name, "w", overview_resampling=resampling, **profile) as out:
        out.write(array)


def scene():
    row, column = numpy.mgrid[:ROWS, :COLUMNS]
    wave = numpy.sin(row / 17) * numpy.cos(column / 23)
    red = (1500 + 900 * wave).astype("uint16")
    nir = (2500 + 12 * column - 700 * wave).astype("uint16")
    # No data in a corner of both; in one place of one of them alone.
    red[:20, :30] = nir[:20, :30] = 0
    red[70:74, 60:70] = 0
    coarse = (slice(None, None, 2), slice(None, None, 2))
    swir = (1800 + 500 * wave[coarse]).astype("uint16")
    classes = ((row[coarse] // 10 + column[coarse] // 15) % 5 + 1).astype("uint8")
    visual = numpy.stack([red // 16, nir // 32, (red + nir) // 64]).astype("uint8")
    write("red.tif", red[None], 10, 0)
    write("nir.tif", nir[None], 10, 0)
    write("swir.tif", swir[None], 20, 0)
    write("classes.tif", classes[None], 20, None)
    write("visual.tif", visual, 10, None)


def asset(version, href, title, role, bands, rows, columns, resolution):
    made = {"href": href, "type": COG, "title": title, "roles": [role]}
    if version == "0.9.0":
        return made | {"eo:bands": [place for place, *_ in bands]} if bands[0][0] is not None else made
    made |= {"proj:shape": [rows, columns], "proj:transform": [resolution, 0, WEST, 0, -resolution, NORTH]}
    if version == "1.0.0":
        named = [{"name": name, "common_name": common} for _, name, common, *_ in bands if common]
        raster = [{"data_type": kind} | ({} if nodata is None else {"nodata": nodata}) for *_, kind, nodata in bands]
        return made | ({"eo:bands": named} if named else {}) | {"raster:bands": raster}
    made |= {"data_type": bands[0][3]} | ({} if bands[0][4] is None else {"nodata": bands[0][4]})
    return made | {"bands": [{"name": name} | ({"eo:common_name": common} if common else {}) for _, name, common, *_ in bands]}


def item(version):
    extensions = {
        "0.9.0": ["eo", "projection"],
        "1.0.0": [f"https://stac-extensions.github.io/{e}/schema.json" for e in ("eo/v1.1.0", "projection/v1.1.0", "raster/v1.1.0")],
        "1.1.0": [f"https://stac-extensions.github.io/{e}/schema.json" for e in ("eo/v2.0.0", "projection/v2.0.0", "raster/v2.0.0")],
    }[version]
    of = lambda *arguments: asset(version, *arguments)
    fine, coarse = (ROWS, COLUMNS, 10), (ROWS // 2, COLUMNS // 2, 20)
    visual = [(0, "B04", "red", "uint8", None), (1, "B08", "nir", "uint8", None), (2, "mix", None, "uint8", None)]
    with rasterio.open(HERE / "red.tif") as file:
        west, south, east, north = rasterio.warp.transform_bounds(file.crs, "EPSG:4326", *file.bounds)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    code = {"proj:code": "EPSG:32633"} if version == "1.1.0" else {"proj:epsg": 32633}
    eo = [{"name": "B04", "common_name": "red"}, {"name": "B08", "common_name": "nir"}, {"name": "mix"}, {"name": "B11", "common_name": "swir16"}]
    return {
        "type": "Feature",
        "stac_version": version,
        "stac_extensions": extensions,
        "id": "SCENE_20260601",
        "collection": "scenes",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [west, south, east, north],
        "properties": {"datetime": "2026-06-01T10:00:00Z"} | code | ({"eo:bands": eo} if version == "0.9.0" else {}),
        "links": [{"rel": "self", "href": "https://example.com/scenes/SCENE_20260601.json"}, {"rel": "collection", "href": "https://example.com/scenes/collection.json"}],
        "assets": {
            "red": of("./red.tif", "Red", "data", [(0, "B04", "red", "uint16", 0)], *fine),
            "nir": of("nir.tif", "Near infrared", "data", [(1, "B08", "nir", "uint16", 0)], *fine),
            "swir": of("./swir.tif", "Short wave", "data", [(3, "B11", "swir16", "uint16", 0)], *coarse),
            "classes": of("./classes.tif", "Scene classes", "classification", [(None, "classes", None, "uint8", None)], *coarse),
            "visual": of("./visual.tif", "For people", "visual", visual, *fine),
            "footprints": {"href": "./scene.gpkg", "type": "application/geopackage+sqlite3", "roles": ["data"]},
            "metadata": {"href": "./scene.xml", "type": "application/xml", "roles": ["metadata"]},
            "thumbnail": {"href": "./scene.png", "type": "image/png", "roles": ["thumbnail"]},
        },
    }


def sha256(array):
    return hashlib.sha256(numpy.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()).hexdigest()


def in_grid_of_red(name, resampling):
    """What GDAL warps into the grid of the first asset, with its mask."""
    with rasterio.open(HERE / "red.tif") as red, rasterio.open(HERE / name) as file:
        grid = dict(crs=red.crs, transform=red.transform, width=red.width, height=red.height)
        with WarpedVRT(file, resampling=resampling, **grid) as warped:
            return warped.read(), warped.read_masks()


def expected():
    names = ["red", "nir", "swir", "classes"]
    arrays = [in_grid_of_red(f"{name}.tif", Resampling.nearest) for name in names]
    stack = numpy.concatenate([array.astype("uint16") for array, _ in arrays])
    masks = numpy.concatenate([mask for _, mask in arrays])
    red, nir = stack[0].astype("float64"), stack[1].astype("float64")
    valid = (masks[0] > 0) & (masks[1] > 0)
    ndvi = numpy.where(valid, (nir - red) / numpy.where(valid, nir + red, 1), numpy.nan)
    bounds = [400_160, 5_299_240, 400_800, 5_299_840]
    with STACReader(str(HERE / "item-1.0.json")) as reader:
        part = reader.part(bounds, bounds_crs="EPSG:32633", dst_crs="EPSG:32633", assets=["red", "nir"], width=64, height=60)
        valid_in_part = numpy.where(numpy.ma.getmaskarray(part.array), 0, 255).astype("uint8")
        names_of_rio_tiler = reader.assets
        lon, lat = 13.672, 47.840
        point = reader.point(lon, lat, assets=["red", "nir"])
    found = {
        "versions": {name: version for name, version in (("rasterio", rasterio.__version__), ("gdal", rasterio.__gdal_version__), ("pystac", pystac.__version__))},
        "stack": {"assets": names, "shape": stack.shape, "sha256": sha256(stack), "masks_sha256": sha256(masks)},
        "ndvi": {"valid": int(valid.sum()), "mean": float(numpy.nanmean(ndvi)), "at": [[r, c, float(ndvi[r, c])] for r, c in ((30, 10), (100, 140), (139, 149))]},
        "rio_tiler": {
            "assets": names_of_rio_tiler,
            "part": {"bounds": bounds, "shape": part.data.shape, "sha256": sha256(part.data), "masks_sha256": sha256(valid_in_part)},
            "point": {"lonlat": [lon, lat], "values": [int(v) for v in point.data]},
        },
    }
    (HERE / "expected.json").write_text(json.dumps(found, indent=1) + "\n")


scene()
for version in ("0.9.0", "1.0.0", "1.1.0"):
    path = HERE / f"item-{version[:3]}.json"
    path.write_text(json.dumps(item(version), indent=1) + "\n")
    read = pystac.Item.from_file(str(path))
    assert list(read.assets) == ["red", "nir", "swir", "classes", "visual", "footprints", "metadata", "thumbnail"]
expected()
