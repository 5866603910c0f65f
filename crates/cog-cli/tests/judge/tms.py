"""Judges what `cog tms` prints.

Reads a JSON list of {"json": a tile matrix set of version 2.0, "name": a known one, or "file": the file whose grid it is}. Prints a
problem a line.
"""

import json
import sys
import warnings

import morecantile
import rasterio

warnings.simplefilter("ignore")


def known(ours, name):
    theirs = morecantile.tms.get(name)
    if (ours.id, ours.minzoom, ours.maxzoom) != (name, theirs.minzoom, theirs.maxzoom):
        yield f"{ours.id} {ours.minzoom} to {ours.maxzoom}"


def own(ours, file):
    with rasterio.open(file) as ds:
        levels = len(ds.overviews(1)) + 1
        if (ours.minzoom, ours.maxzoom) != (0, levels - 1):
            yield f"zooms {ours.minzoom} to {ours.maxzoom} of {levels} levels"
        # Of a compound CRS a set has all.
        code = ds.crs and ds.crs.to_epsg()
        if code and ours.crs.to_epsg() != code:
            yield f"{ours.crs.srs}, not {ds.crs}"
        for zoom in range(levels):
            overview = {} if zoom == levels - 1 else {"OVERVIEW_LEVEL": levels - 2 - zoom}
            with rasterio.open(file, **overview) as level:
                matrix = ours.matrix(zoom)
                height, width = level.block_shapes[0]
                across, down = -(-level.width // width), -(-level.height // height)
                blocks = matrix.tileWidth, matrix.tileHeight, matrix.matrixWidth, matrix.matrixHeight
                # GDAL cuts a file of one large strip into many.
                if blocks != (width, height, across, down) and blocks != (level.width, level.height, 1, 1):
                    yield f"zoom {zoom}: {matrix}"
                cell = abs(level.transform.a)
                if abs(matrix.cellSize - cell) > 1e-12 * cell:
                    yield f"zoom {zoom}: cells of {matrix.cellSize}, not {cell}"
                left, _, _, top = ours.xy_bounds(0, 0, zoom)
                # Of a raster whose first row lies in the south, the first tile too.
                corner = (left, top) if level.transform.e < 0 else (left, ours.xy_bounds(0, 0, zoom).bottom)
                if corner != (level.transform.c, level.transform.f):
                    yield f"zoom {zoom}: begins at {corner}, not {level.transform.c, level.transform.f}"


for item in json.load(open(sys.argv[1])):
    try:
        ours = morecantile.TileMatrixSet.model_validate_json(item["json"])
        problems = known(ours, item["name"]) if "name" in item else own(ours, item["file"])
        for problem in problems:
            print(f"{item.get('name') or item.get('file')}: {problem}")
    except rasterio.errors.RasterioIOError:
        # A codec that rasterio's wheels lack.
        pass
    except Exception as error:
        print(f"{item.get('name') or item.get('file')}: {error!r}")
