"""How far JPEG pixels are from libjpeg-turbo's, and whether the mask is the one that libjpeg-turbo's pixels tell.

    python jpeg.py ITEMS

ITEMS: one JSON object a line: tif, level, npy, and where pixel values decide which pixels are valid also mask (a .npy file) and
either alpha (which band, from 0) or nodata. Prints one a line, in that order: the largest and the mean absolute difference
between the .npy file and what tifffile decodes with imagecodecs' libjpeg-turbo, and how many pixels of the mask differ; or an error.
"""

import json
import sys

import imagecodecs
import numpy as np
import tifffile


def page_of(tif, level, shape):
    """The image, or the overview of that size; never a mask, never a page of its own."""
    first = tif.pages[0]
    if level == 0:
        return first
    candidates = [tif.pages[i] for i in range(1, len(tif.pages))] + list(first.pages or [])
    for page in candidates:
        page = page.aspage() if hasattr(page, "aspage") else page
        if page.subfiletype & 1 and not page.subfiletype & 4 and (page.imagelength, page.imagewidth) == shape[1:]:
            return page
    raise ValueError(f"no overview of {shape}")


def planes_of(tif, page):
    """Planes stored apart are gray streams whatever their photometric interpretation says, which tifffile does not believe."""
    planes = np.zeros((page.samplesperpixel, page.imagelength, page.imagewidth), "uint8")
    rows, columns = (page.tilelength, page.tilewidth) if page.is_tiled else (page.rowsperstrip, page.imagewidth)
    rows = min(rows, page.imagelength) if not page.is_tiled else rows
    down, across = -(-page.imagelength // rows), -(-page.imagewidth // columns)
    for index, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts)):
        tif.filehandle.seek(offset)
        stream = tif.filehandle.read(count)
        block = imagecodecs.jpeg8_decode(stream, tables=page.jpegtables)
        plane, rest = divmod(index, down * across)
        y, x = (n * size for n, size in zip(divmod(rest, across), (rows, columns)))
        part = planes[plane, y : y + rows, x : x + columns]
        part[...] = block[: part.shape[0], : part.shape[1]]
    return planes


def pixels_of(tif, page):
    try:
        return page.asarray()
    except tifffile.TiffFileError:
        # tifffile wants streams as wide as their tile; libtiff takes one that ends at the edge of the image.
        if page.samplesperpixel != 1 or page.dtype != "uint8":
            raise
        return planes_of(tif, page)[0]


def judge(item):
    ours = np.load(item["npy"])
    with tifffile.TiffFile(item["tif"]) as tif:
        page = page_of(tif, item["level"], ours.shape)
        theirs = planes_of(tif, page) if page.planarconfig == 2 else pixels_of(tif, page)
        if theirs.ndim == 2:
            theirs = theirs[None]
        elif page.planarconfig != 2:
            theirs = np.moveaxis(theirs, -1, 0)
    if theirs.shape != ours.shape or theirs.dtype != ours.dtype:
        return {"error": f"{ours.shape} {ours.dtype}, tifffile has {theirs.shape} {theirs.dtype}"}
    difference = np.abs(ours.astype("int32") - theirs.astype("int32"))
    verdict = {"max": int(difference.max()), "mean": float(difference.mean())}
    if "mask" in item:
        wanted = mask_of(theirs, item.get("alpha"), item.get("nodata"))
        verdict |= {"zeros": int((wanted == 0).sum()), "mask": int((np.load(item["mask"]) != wanted).sum())}
    return verdict


def mask_of(pixels, alpha, nodata):
    """255 where alpha is above 0; without alpha where any band is not nodata."""
    valid = pixels[alpha] != 0 if alpha is not None else (pixels != nodata).any(axis=0)
    return np.where(valid, 255, 0).astype("uint8")


def main(path):
    if "turbo" not in imagecodecs.jpeg8_version():
        raise SystemExit(f"imagecodecs decodes JPEG with {imagecodecs.jpeg8_version()}, not with libjpeg-turbo")
    with open(path, encoding="utf-8") as items:
        for line in items:
            try:
                verdict = judge(json.loads(line))
            except Exception as error:  # one bad level must not hide the others
                verdict = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(verdict))


if __name__ == "__main__":
    main(sys.argv[1])
