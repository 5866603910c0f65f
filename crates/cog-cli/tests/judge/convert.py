"""Converts files with `cog convert` and judges the results.

    convert.py INPUT

INPUT is JSON: "cog" is the binary, "files" and "codecs" say what is converted (the codec "read" stands for `cog read -o`), "gdal_script" whether Debian's python3-gdal judges as well.
Prints a JSON line for each file and codec: "state" is "ok", "source" (GDAL does not read the source), "refused" (`cog convert` says why), or
"wrong", with what is wrong in "problems". rasterio compares pixels, masks and metadata with the source's, rio-cogeo validates, tifffile reads
the file, and converting the result once more must give the same bytes.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy
import rasterio
import rasterio.shutil
import tifffile
from rio_cogeo.cogeo import cog_validate

warnings.simplefilter("ignore")
os.environ["GDAL_DISABLE_READDIR_ON_OPEN"] = "EMPTY_DIR"
os.environ["GDAL_PAM_ENABLED"] = "NO"
GDAL_SCRIPT = "from osgeo_utils.samples.validate_cloud_optimized_geotiff import validate; import sys, json; " \
    "from osgeo import gdal; gdal.UseExceptions(); print(json.dumps(validate(sys.argv[1], full_check=True)[:2]))"
LOSSY = {"jpeg", "webp"}
# Samples that are not compared as floating point.
MANY = 1 << 25
# Decoders of JPEG differ by more than rounding where chroma is enlarged.
JPEG = {"jpeg", "JPEG", "YCbCr JPEG"}


def same(a, b):
    if a.dtype != b.dtype or a.shape != b.shape:
        return f"{a.dtype} {a.shape} became {b.dtype} {b.shape}"
    left, right = a.tobytes(), b.tobytes()
    if left == right:
        return None
    both_nan = (a != a) & (b != b)
    bad = (a != b) & ~both_nan
    return f"{int(bad.sum())} of {a.size} samples differ" if bad.any() else None


def metadata(dataset):
    def tags(band=0):
        found = {}
        for domain in [None] + [d for d in dataset.tag_namespaces(band) if d not in ("IMAGE_STRUCTURE", "DERIVED_SUBDATASETS", "SUBDATASETS", "COLOR_PROFILE")]:
            try:
                found[domain or ""] = dict(dataset.tags(band, ns=domain))
            except Exception as error:
                found[domain or ""] = str(error)
        return found
    georeference = [round(v, 9) for v in dataset.transform]
    gcps, gcp_crs = dataset.gcps
    colors = None
    try:
        colors = dataset.colormap(1)
    except ValueError:
        pass
    return {
        "crs": dataset.crs.to_wkt() if dataset.crs else None,
        "transform": georeference,
        "gcps": [(g.row, g.col, g.x, g.y, g.z) for g in gcps],
        "gcp_crs": gcp_crs.to_wkt() if gcp_crs else None,
        "rpcs": dataset.rpcs.to_gdal() if dataset.rpcs else None,
        "nodata": repr(dataset.nodata),
        "descriptions": dataset.descriptions,
        "scales": dataset.scales,
        "offsets": dataset.offsets,
        "units": dataset.units,
        "colors": [c.name for c in dataset.colorinterp],
        "palette": colors,
        "flags": [[f.name for f in flags] for flags in dataset.mask_flag_enums],
        "tags": tags(),
        "band_tags": [tags(band) for band in dataset.indexes],
    }


def by_gdal(source, codec):
    """What GDAL's COG driver makes of a source, as samples; None if it refuses."""
    result = tempfile.mktemp(".tif")
    try:
        rasterio.shutil.copy(source, result, driver="COG", COMPRESS=codec.upper(), BLOCKSIZE=256)
        with rasterio.open(result) as dataset:
            return dataset.read()
    except Exception:
        return None
    finally:
        if os.path.exists(result):
            os.unlink(result)


def as_close_as_gdal(source, codec, pixels, valid, samples):
    """Lossy codecs: samples that hold data are as far from the source's as GDAL's are."""
    theirs = by_gdal(source, codec) if samples.size < MANY else None
    count = len(samples)
    if theirs is None or len(theirs) < count or not valid.any():
        return []

    def error(other):
        off = other[:count].astype(float) - pixels[:count].astype(float)
        return float(numpy.sqrt(numpy.mean(off[:, valid] ** 2)))
    # The judge's libjpeg has another first step of chroma.
    ours, bound = error(samples), error(theirs) * 1.1 + 1
    return [f"pixels: {ours:.2f} off, GDAL's {error(theirs):.2f}"] if ours > bound else []


def judge(source, result, codec, gdal_script):
    problems = []
    with rasterio.open(source) as a, rasterio.open(result) as b:
        try:
            pixels = a.read()
            mask = a.dataset_mask()
        except Exception as error:
            return "source", [str(error)]
        jpeg = str(a.profile.get("compress", "")).lower() == "jpeg"
        if codec not in LOSSY and not jpeg:
            problem = same(pixels, b.read())
            if problem:
                problems.append("pixels: " + problem)
            problem = same((mask > 0), (b.dataset_mask() > 0))
            if problem:
                problems.append("mask: " + problem)
        else:
            samples = b.read()
            # GDAL copies JPEG as it is.
            if codec in LOSSY and not jpeg:
                problems += as_close_as_gdal(source, codec, pixels, mask > 0, samples)
        old, new = metadata(a), metadata(b)
        if codec == "jpeg" and b.count < a.count:
            # Alpha became a mask.
            old.pop("flags")
            of_bands = ("descriptions", "scales", "offsets", "units", "colors", "band_tags")
            old.update({key: old[key][: b.count] for key in of_bands})
        if codec == "jpeg" and b.count == 3 and not {"red", "green", "blue"} & set(old["colors"]):
            # Bands without names are shown as colours.
            old.pop("colors")
        # Blocks of another size are no tiles of that set any more.
        if codec != "read" and a.block_shapes[0] != b.block_shapes[0]:
            old["tags"].pop("TILING_SCHEME", None)
        for key, value in old.items():
            if repr(value) != repr(new[key]):
                problems.append(f"{key}: {str(value)[:200]} became {str(new[key])[:200]}")
        levels = len(b.overviews(1))
    for level in range(levels):
        with rasterio.open(result, overview_level=level) as b:
            b.read()
    valid, errors, warned = cog_validate(result, strict=True, quiet=True)
    if not valid:
        problems.append(f"rio-cogeo: {errors} {warned}")
    try:
        with tifffile.TiffFile(result) as tiff:
            for page in tiff.pages:
                page.asarray()
    except Exception as error:
        problems.append(f"tifffile: {error}"[:200])
    if not gdal_script:
        return ("wrong" if problems else "ok"), problems
    run = subprocess.run(["/usr/bin/python3", "-c", GDAL_SCRIPT, result], capture_output=True, text=True)
    if run.returncode:
        problems.append("GDAL's script: " + run.stderr.strip().splitlines()[-1][:200])
    else:
        warned, errors = json.loads(run.stdout)
        if warned or errors:
            problems.append(f"GDAL's script: {warned} {errors}")
    return ("wrong" if problems else "ok"), problems


def again(cog, result, folder):
    """Blocks of a COG are copied, so that converting it changes no byte."""
    second = tempfile.mktemp(".tif", dir=folder)
    try:
        run = subprocess.run([cog, "convert", "-q", result, second], capture_output=True, text=True)
        if run.returncode:
            return ["once more: " + run.stderr.strip()[:200]]
        with open(result, "rb") as a, open(second, "rb") as b:
            return [] if a.read() == b.read() else ["once more: other bytes"]
    finally:
        if os.path.exists(second):
            os.unlink(second)


def main():
    with open(sys.argv[1]) as text:
        asked = json.load(text)
    cog = asked["cog"]
    with tempfile.TemporaryDirectory() as folder:
        for path in asked["files"]:
            for codec in asked["codecs"]:
                result = tempfile.mktemp(".tif", dir=folder)
                line = {"file": os.path.basename(path), "codec": codec}
                command = [cog, "convert", "-q", path, result, "--compress", codec, "--blocksize", "256", "--copy-blocks", "never"]
                if codec == "read":
                    command = [cog, "read", "-q", path, "-o", result]
                run = subprocess.run(command, capture_output=True, text=True)
                if run.returncode:
                    try:
                        with rasterio.open(path) as dataset:
                            dataset.read()
                            # GDAL takes the bytes of int8 for those of uint8.
                            signed = dataset.dtypes[0] == "int8"
                        line["gdal"] = "reads"
                        if codec in LOSSY and (signed or by_gdal(path, codec) is None):
                            line["gdal"] = "refuses"
                    except Exception:
                        line["gdal"] = "fails"
                    line.update(state="refused", code=run.returncode, problems=[run.stderr.strip()[:300]])
                else:
                    try:
                        line["state"], line["problems"] = judge(path, result, codec, asked["gdal_script"])
                    except Exception as error:
                        line.update(state="source" if "Cannot open" in str(error) else "wrong", problems=[f"judge: {error}"[:300]])
                    if line["state"] == "ok":
                        line["problems"] = again(cog, result, folder)
                        line["state"] = "wrong" if line["problems"] else "ok"
                    os.unlink(result)
                print(json.dumps(line), flush=True)


main()
