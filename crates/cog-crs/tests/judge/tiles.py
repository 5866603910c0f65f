"""Judges tile matrix sets by morecantile.

Reads a JSON list of sets: {"json": the set as we write it, "registered": True if morecantile knows it by name, "custom": or how morecantile
makes it, "tiles": [[x, y, zoom, [left, bottom, right, top], parents, children]], "points": [[longitude, latitude, zoom, [x, y] or null]],
"zooms": [[resolution, strategy, zoom]], "quadkeys": [[x, y, zoom, key]],
"globe": [[x, y, zoom, [west, south, east, north]]], "boxes": [[[west, south, east, north], zoom, tiles]]}. Prints {"compared", "wrong"} for each.
"""

import json
import sys
import warnings

import morecantile
import pyproj

warnings.simplefilter("ignore")


def near(a, b, scale=0.0):
    # The register carries 13 to 15 digits of what we compute: micrometres at the end of its grids.
    return abs(a - b) <= 1e-13 * max(abs(a), abs(b), scale)


def definition(ours, theirs):
    for field in ("id", "title", "uri", "orderedAxes", "wellKnownScaleSet"):
        # The register's WGS1984Quad bears the address of WorldCRS84Quad.
        if str(getattr(ours, field)) != str(getattr(theirs, field)):
            yield f"{field}: {getattr(ours, field)}, not {getattr(theirs, field)}"
    if ours.crs._pyproj_crs != theirs.crs._pyproj_crs:
        yield f"crs: {ours.crs.srs}"
    yield from matrices(ours, theirs)


def matrices(ours, theirs):
    if len(ours.tileMatrices) != len(theirs.tileMatrices):
        yield f"{len(ours.tileMatrices)} matrices, not {len(theirs.tileMatrices)}"
    for a, b in zip(ours, theirs):
        exact = ("id", "cornerOfOrigin", "tileWidth", "tileHeight", "matrixWidth", "matrixHeight", "variableMatrixWidths")
        for field in exact:
            if getattr(a, field) != getattr(b, field):
                yield f"{a.id} {field}: {getattr(a, field)}, not {getattr(b, field)}"
        pairs = [(a.cellSize, b.cellSize), (a.scaleDenominator, b.scaleDenominator), *zip(a.pointOfOrigin, b.pointOfOrigin)]
        for mine, other in pairs:
            if not near(mine, other):
                yield f"{a.id}: {mine!r}, not {other!r}"


def relatives(tms, tile, step):
    """The tiles of the next zoom over a tile. Not by morecantile where its own go astray: it passes over coalesced tiles that begin
    before the bounds, finds none upward from the lower left, and takes neighbours in where the register rounds cell sizes."""
    if not tms.minzoom <= tile.z + step <= tms.maxzoom:
        return []
    here, there = tms.matrix(tile.z), tms.matrix(tile.z + step)
    factors = {there.matrixWidth / here.matrixWidth, there.matrixHeight / here.matrixHeight}
    if factors not in ({2.0}, {1.0}, {0.5}) or tms.id == "LINZAntarticaMapTilegrid":
        found = tms.parent(tile) if step < 0 else tms.children(tile)
        return [[t.x, t.y, t.z] for t in found]
    factor = factors.pop()
    wide = here.get_coalesce_factor(tile.y) if here.variableMatrixWidths else 1
    first, end = tile.x // wide * wide * factor, (tile.x // wide + 1) * wide * factor
    found = []
    for y in range(int(tile.y * factor), max(int((tile.y + 1) * factor), int(tile.y * factor) + 1)):
        wide = there.get_coalesce_factor(y) if there.variableMatrixWidths else 1
        x = int(first) // wide * wide
        while x < end:
            found.append([x, y, tile.z + step])
            x += wide
    return found


def judge(item):
    ours = morecantile.TileMatrixSet.model_validate_json(item["json"])
    if item.get("registered"):
        tms = morecantile.tms.get(ours.id)
        yield from definition(ours, tms)
    else:
        how = dict(item["custom"])
        tms = morecantile.TileMatrixSet.custom(crs=pyproj.CRS.from_user_input(how.pop("crs")), **how)
        yield from matrices(ours, tms)
    # Not xy_bbox, which is upside down where rows count upward.
    first = tms.matrix(tms.minzoom)
    corners = tms.xy_bounds(0, 0, tms.minzoom), tms.xy_bounds(first.matrixWidth - 1, first.matrixHeight - 1, tms.minzoom)
    left, bottom, right, top = (f(a, b) for f, a, b in zip((min, min, max, max), *corners))
    size = max(abs(left), abs(bottom), abs(right), abs(top))
    for x, y, zoom, bounds, parents, children in item["tiles"]:
        tile = morecantile.Tile(x, y, zoom)
        if not all(near(a, b, size) for a, b in zip(bounds, tms.xy_bounds(tile))):
            yield f"{tile}: {bounds}, not {tms.xy_bounds(tile)}"
        theirs = relatives(tms, tile, -1)
        if parents != theirs:
            yield f"{tile}: parents {parents}, not {theirs}"
        theirs = relatives(tms, tile, 1)
        if children != theirs:
            yield f"{tile}: children {children}, not {theirs}"
    for longitude, latitude, zoom, tile in item["points"]:
        theirs = tms.tile(longitude, latitude, zoom)
        x, y = tms.xy(longitude, latitude)
        inside = left <= x <= right and bottom <= y <= top
        if tile != ([theirs.x, theirs.y] if inside else None):
            yield f"{longitude}, {latitude}: {tile}, not {theirs}"
    for resolution, strategy, zoom in item["zooms"]:
        theirs = tms.zoom_for_res(resolution, zoom_level_strategy=strategy)
        if zoom != theirs:
            yield f"{resolution} {strategy}: zoom {zoom}, not {theirs}"
    to_globe = pyproj.Transformer.from_crs(tms.crs._pyproj_crs, tms.geographic_crs, always_xy=True)
    for x, y, zoom, bounds in item["globe"]:
        theirs = to_globe.transform_bounds(*tms.xy_bounds(x, y, zoom), densify_pts=21)
        # Before 9.7 PROJ's equal-area azimuths were 1e-8 degrees off. A pole on a tile's edge may be in or out.
        if max(theirs[3], bounds[3]) < 89 and any(abs(a - b) > 5e-8 for a, b in zip(bounds, theirs)):
            yield f"{zoom}/{x}/{y}: {bounds}, not {theirs}"
    for box, zoom, tiles in item["boxes"]:
        theirs = [[t.x, t.y, t.z] for t in tms.tiles(*box, zoom)]
        if tiles != theirs:
            yield f"{box} at {zoom}: {tiles}, not {theirs}"
    for x, y, zoom, key in item["quadkeys"]:
        if key != tms.quadkey(x, y, zoom) or tms.quadkey_to_tile(key) != (x, y, zoom):
            yield f"{zoom}/{x}/{y}: quadkey {key}, not {tms.quadkey(x, y, zoom)}"


for item in json.load(open(sys.argv[1])):
    compared = sum(len(item[key]) for key in ("tiles", "points", "zooms", "quadkeys", "globe", "boxes"))
    print(json.dumps({"compared": compared, "wrong": list(judge(item))[:20]}))
