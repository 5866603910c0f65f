#!/usr/bin/env python3
"""Write what rasterio (GDAL) and tifffile read from every file of testdata/files.

    python testdata/expect.py

One JSON per file below testdata/expected, under the file's path. Nothing here knows how a file was made. Side-car files are
switched off, so the values speak of the one file. README.md says what the fields are.
"""

import hashlib
import json
import logging
import os
import sys
import warnings
from pathlib import Path

os.environ.update(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED="NO", GDAL_NUM_THREADS="1")

import numpy as np
import rasterio
import tifffile
from rasterio.errors import RasterioError

HERE = Path(__file__).resolve().parent
LOSSY = {7: "JPEG", 50001: "WebP"}
BANDS = 64  # lists with one entry a band hold the first of them
LARGEST = 64 << 20  # bytes of a read: a hostile header is not asked for more


def number(value):
    """JSON has no NaN, no infinity and no complex numbers."""
    if isinstance(value, (complex, np.complexfloating)):
        return [number(value.real), number(value.imag)]
    if isinstance(value, (bool, int, np.integer, np.bool_)):
        return int(value)
    value = float(value)
    if np.isnan(value):
        return "nan"
    return value if np.isfinite(value) else ("inf" if value > 0 else "-inf")


def digest(array):
    """sha256 of the samples in C order, little endian."""
    array = np.ascontiguousarray(array)
    return hashlib.sha256(array.astype(array.dtype.newbyteorder("<")).tobytes()).hexdigest()


def spots(height, width):
    """Corners, middle, and a few places that fall into other tiles."""
    wanted = [(0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1), (height // 2, width // 2),
              (height // 3, width * 3 // 4), (height * 4 // 5, width // 5), (min(1, height - 1), min(17, width - 1))]
    return list(dict.fromkeys(wanted))


def pixels(array):
    """The fields of one level's array (band, row, column)."""
    at = spots(*array.shape[1:])
    out = {"shape": list(array.shape), "dtype": array.dtype.name, "sha256": digest(array)}
    if array.dtype.kind == "f" and np.isnan(array).any():
        out["sha256_plain_nan"] = digest(np.where(np.isnan(array), np.array(np.nan, array.dtype), array))
    out["at"] = [list(p) for p in at]
    out["values"] = [[number(band[p]) for p in at] for band in array[:16]]
    return out


def mask_of(ds):
    mask = ds.dataset_mask()
    return {"sha256": digest(mask), "zeros": int((mask == 0).sum()), "distinct": [int(v) for v in np.unique(mask)[:8]]}


def meta_of(ds):
    name = lambda value: None if value is None else value.value
    namespaces = [n for n in ds.tag_namespaces() if n not in ("", "DERIVED_SUBDATASETS", "IMAGE_STRUCTURE")]
    tags = {"": ds.tags(), **{n: ds.tags(ns=n) for n in namespaces}, "IMAGE_STRUCTURE": ds.tags(ns="IMAGE_STRUCTURE")}
    # The names hold the file's whole path: not the same in another clone.
    for key in [k for k in tags.get("SUBDATASETS", {}) if k.endswith("_NAME")]:
        tags["SUBDATASETS"][key] = ":".join(tags["SUBDATASETS"][key].split(":")[:2]) + ":" + Path(ds.name).name
    spaces = lambda b: [n for n in ds.tag_namespaces(b) if n not in ("", "IMAGE_STRUCTURE")]
    of_band = lambda b: {"": ds.tags(b), "IMAGE_STRUCTURE": ds.tags(b, ns="IMAGE_STRUCTURE"), **{n: ds.tags(b, ns=n) for n in spaces(b)}}
    return {
        "driver": ds.driver, "width": ds.width, "height": ds.height, "count": ds.count, "dtypes": list(ds.dtypes)[:BANDS],
        "crs_epsg": ds.crs.to_epsg() if ds.crs else None,
        "transform": [number(v) for v in tuple(ds.transform)[:6]], "bounds": [number(v) for v in ds.bounds],
        "block_shapes": [list(b) for b in ds.block_shapes[:BANDS]], "is_tiled": bool(ds.profile.get("tiled", False)),
        "compression": name(ds.compression), "interleave": name(ds.interleaving), "photometric": name(ds.photometric),
        "colorinterp": [c.name for c in ds.colorinterp[:BANDS]], "nodata": None if ds.nodata is None else number(ds.nodata),
        "mask_flag_enums": [[flag.name for flag in band] for band in ds.mask_flag_enums[:BANDS]],
        "overviews": [ds.overviews(b) for b in ds.indexes[:BANDS]], "tags": tags,
        "scales": [number(v) for v in ds.scales[:BANDS]], "offsets": [number(v) for v in ds.offsets[:BANDS]],
        "units": list(ds.units)[:BANDS], "descriptions": list(ds.descriptions)[:BANDS],
        "nodatavals": [None if v is None else number(v) for v in ds.nodatavals[:BANDS]],
        "band_tags": [{n: t for n, t in of_band(b).items() if t} for b in ds.indexes[:BANDS]],
        "gcps": [{"col": p.col, "row": p.row, "x": p.x, "y": p.y, "z": p.z} for p in ds.gcps[0]],
        **colors_of(ds),
    }


def colors_of(ds):
    """The colours of the first band; of a large table the first 64 and how many there are."""
    try:
        table = {str(k): list(v) for k, v in ds.colormap(1).items()}
    except ValueError:
        return {"colormap": None}
    return {"colormap": table} if len(table) <= 300 else {"colormap": dict(list(table.items())[:64]), "colormap_entries": len(table)}


def by_rasterio(path, out):
    with rasterio.open(path) as ds:
        out["meta"] = meta_of(ds)
        largest = ds.width * ds.height * ds.count * 16
        # A read allocates whole blocks too, whatever the image's size.
        if largest > LARGEST or ds.block_shapes[0][0] * ds.block_shapes[0][1] * 16 > LARGEST:
            out["full_read"] = "left out: more than 64 MiB"
            return
        out["levels"] = [{"level": 0, **pixels(ds.read())}]
        out["dataset_mask"] = mask_of(ds)
        overviews = len(ds.overviews(1))
    for i in range(overviews):
        with rasterio.open(path, overview_level=i) as ds:
            out["levels"].append({"level": i + 1, "block_shape": list(ds.block_shapes[0]), **pixels(ds.read()), "dataset_mask": mask_of(ds)})
    out["full_read"] = "ok"


def tag_value(tag):
    value = tag.value
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 64 else {"length": len(value), "sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list)):
        values = [number(v) for v in value]
        return values if len(values) <= 48 else {"length": len(values), "first": values[:6], "last": values[-3:]}
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape), "sha256": digest(value)}
    if isinstance(value, dict):
        return str(value)
    return number(value) if isinstance(value, float) else int(value)


def band_major(page, array):
    if array.ndim == 2:
        return array[None]
    return array if page.planarconfig == 2 else np.moveaxis(array, -1, 0)


def by_tifffile(path, out):
    """Directories and tags; and the pixels once more, by a reader that shares no code with GDAL."""
    with tifffile.TiffFile(path) as tif:
        ifds = [{"offset": p.offset, "tags": [[t.code, int(t.dtype), t.count, tag_value(t)] for t in p.tags]} for p in pages_of(tif)]
        first = tif.pages[0]
        about = {"byteorder": "little" if tif.byteorder == "<" else "big", "bigtiff": tif.is_bigtiff, "ifd_count": len(ifds), "ifds": ifds,
                 "compression": int(first.compression), "predictor": int(first.predictor), "photometric": int(first.photometric)}
        out["tifffile"] = about
        if out["status"] != "ok":
            out["reader"] = "tifffile"
            about["page0"] = pixels(band_major(first, first.asarray()))
        for level in out.get("levels", []):
            page = page_of(tif, level["shape"])
            if page is None:
                continue
            array = band_major(page, page.asarray())
            same = array.dtype.name == level["dtype"] and digest(array) == level["sha256"]
            level["compression_code"] = int(page.compression)
            level["tifffile"] = {"same_as_gdal": bool(same)}
            if not same:
                level["tifffile"].update(dtype=array.dtype.name, sha256=digest(array))


def confirmed(path, level):
    """Whether tifffile reads the same pixels of a damaged file."""
    try:
        with tifffile.TiffFile(path) as tif:
            page = tif.pages[0]
            return digest(band_major(page, page.asarray())) == level["sha256"]
    except Exception:  # tifffile raises whatever its parsing meets
        return False


def pages_of(tif, most=16):
    """The first pages, full page objects: a chain that loops has no end."""
    pages = []
    for index in range(most):
        try:
            page = tif.pages[index]
        except IndexError:
            break
        pages.append(page)
    return pages


def page_of(tif, shape):
    """The image or overview of this size: not a mask, not a page of its own."""
    for i, page in enumerate([*pages_of(tif), *(tif.pages[0].pages or [])]):
        page = page.aspage() if hasattr(page, "aspage") else page
        reduced = page.subfiletype & 1
        if (i == 0 or reduced) and not page.subfiletype & 4 and [page.imagelength, page.imagewidth] == shape[1:]:
            return page
    return None


def expect(path, relative):
    data = path.read_bytes()
    out = {"file": relative, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "reader": "rasterio", "status": "ok"}
    try:
        by_rasterio(path, out)
    except (RasterioError, rasterio._err.CPLE_BaseError, MemoryError) as error:
        out["status"] = "read error" if "meta" in out else "open error"
        out["error"] = f"{type(error).__name__}: {error}".replace(str(path), path.name)
    if not relative.startswith("malformed/"):
        by_tifffile(path, out)
    elif "levels" in out and not confirmed(path, out["levels"][0]):
        # GDAL may return what happened to be in memory where a damaged block failed.
        del out["levels"], out["dataset_mask"]
        out["full_read"] = "left out: tifffile does not read the same"
    lossless = out.get("meta", {}).get("tags", {}).get("IMAGE_STRUCTURE", {}).get("COMPRESSION_REVERSIBILITY") == "LOSSLESS"
    codec = LOSSY.get(out.get("tifffile", {}).get("compression"))
    out["lossy"] = bool(codec) and not lossless
    return out


def written(value):
    """JSON, one line a level and a metadata field, so that a changed value shows in a diff."""
    text = lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    lines = []
    for key, v in value.items():
        if key in ("meta", "tifffile"):
            lines.append(f" {text(key)}: {{\n" + ",\n".join(f"  {text(a)}: {text(b)}" for a, b in v.items()) + "\n }")
        elif key == "levels":
            lines.append(f" {text(key)}: [\n" + ",\n".join("  " + text(level) for level in v) + "\n ]")
        else:
            lines.append(f" {text(key)}: {text(v)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    root, told = HERE / "files", HERE / "expected"
    fresh = set()
    for path in sorted(root.rglob("*.tif")):
        relative = path.relative_to(root).as_posix()
        target = told / relative.replace(".tif", ".json")
        target.parent.mkdir(parents=True, exist_ok=True)
        out = expect(path, relative)
        target.write_text(written(out), encoding="utf-8")
        fresh.add(target)
        differs = [level["level"] for level in out.get("levels", []) if not level.get("tifffile", {}).get("same_as_gdal")]
        if out["status"] != "ok" or differs:
            print(f"{relative}: {out['status']} {out.get('error', '')[:90]}" + (f" levels {differs} differ in tifffile" if differs else ""))
    for stale in set(told.rglob("*.json")) - fresh:
        stale.unlink()
    print(f"{len(fresh)} files")


if __name__ == "__main__":
    sys.exit(main())
