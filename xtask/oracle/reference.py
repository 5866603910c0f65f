"""Where output pixels lie in a source, to 30 digits: crates/cog-warp/tests/data/reference.json.

Needs mpmath, and no library of projections: the formulas are those of IOGP's guidance note 7-2, but for the transverse Mercator, which
is the meridian's length continued to complex latitudes (exact, unlike series).
"""

import json
import sys
from pathlib import Path

from mpmath import asin, asinh, atan, atanh, cos, degrees, ellipe, exp, findroot, im, log, mp, mpc, mpf, pi, radians, re, sin, sinh, sqrt, tan

mp.dps = 30
A = mpf(6378137)


class Ellipsoid:
    def __init__(self, inverse_flattening):
        flattening = 1 / mpf(inverse_flattening)
        self.e2 = flattening * (2 - flattening)
        self.e = sqrt(self.e2)

    def isometric(self, latitude):
        return asinh(tan(latitude)) - self.e * atanh(self.e * sin(latitude))

    def latitude(self, isometric, guess):
        return findroot(lambda latitude: self.isometric(latitude) - isometric, guess, tol=mpf(10) ** -50)

    def meridian(self, latitude):
        s, c = sin(latitude), cos(latitude)
        return A * (ellipe(latitude, self.e2) - self.e2 * s * c / sqrt(1 - self.e2 * s * s))

    def authalic(self, latitude):
        s = sin(latitude)
        return (1 - self.e2) * (s / (1 - self.e2 * s * s) - log((1 - self.e * s) / (1 + self.e * s)) / (2 * self.e))


WGS84, GRS80 = Ellipsoid("298.257223563"), Ellipsoid("298.257222101")


def web_to_degrees(x, y):
    return degrees(x / A), degrees(atan(sinh(y / A)))


def degrees_to_utm33(longitude, latitude):
    phi, lam = radians(latitude), radians(longitude - 15)
    complex_latitude = WGS84.latitude(mpc(WGS84.isometric(phi), lam), mpc(phi, lam * cos(phi)))
    length = mpf("0.9996") * WGS84.meridian(complex_latitude)
    return 500000 + im(length), re(length)


def utm33_to_degrees(x, y):
    length = mpc(y, x - 500000) / mpf("0.9996")
    guess = length / A
    complex_latitude = findroot(lambda latitude: WGS84.meridian(latitude) - length, guess, tol=mpf(10) ** -40)
    isometric = WGS84.isometric(complex_latitude)
    return 15 + degrees(im(isometric)), degrees(WGS84.latitude(re(isometric), re(complex_latitude)))


def degrees_to_laea(longitude, latitude):
    phi, lam, phi0 = radians(latitude), radians(longitude - 10), radians(mpf(52))
    at_pole = GRS80.authalic(pi / 2)
    beta, beta0 = asin(GRS80.authalic(phi) / at_pole), asin(GRS80.authalic(phi0) / at_pole)
    radius = A * sqrt(at_pole / 2)
    d = A * cos(phi0) / sqrt(1 - GRS80.e2 * sin(phi0) ** 2) / (radius * cos(beta0))
    b = radius * sqrt(2 / (1 + sin(beta0) * sin(beta) + cos(beta0) * cos(beta) * cos(lam)))
    return 4321000 + b * d * cos(beta) * sin(lam), 3210000 + b / d * (cos(beta0) * sin(beta) - sin(beta0) * cos(beta) * cos(lam))


def degrees_to_polar(longitude, latitude):
    def t(phi):
        return exp(-WGS84.isometric(phi))

    standard = radians(mpf(70))
    m = cos(standard) / sqrt(1 - WGS84.e2 * sin(standard) ** 2)
    radius = A * m * t(radians(latitude)) / t(standard)
    angle = radians(longitude + 45)
    return radius * sin(angle), -radius * cos(angle)


def after(first, second):
    return lambda x, y: second(*first(x, y))


# Source CRS, output CRS, way from the output to the source, place in the output, pixel of the source.
PAIRS = [
    ("EPSG:32633", "EPSG:3857", after(web_to_degrees, degrees_to_utm33), ("1991000.5", "6520000.25"), "3000"),
    ("EPSG:3035", "EPSG:4326", degrees_to_laea, ("19.25", "57.125"), "5000"),
    ("EPSG:4326", "EPSG:3857", web_to_degrees, ("-7000000", "8000000"), "0.0625"),
    ("EPSG:4326", "EPSG:32633", utm33_to_degrees, ("612000", "7300000"), "0.03125"),
    ("EPSG:3413", "EPSG:4326", degrees_to_polar, ("31.5", "78.25"), "4000"),
]
SOURCE = (40, 30)
OUTPUT = (17, 13)


def cases():
    for source, target, way, place, pixel in PAIRS:
        x, y = (mpf(v) for v in place)
        pixel = mpf(pixel)
        u, v = way(x, y)
        step = mpf("1e-6")
        across, down = way(x + step, y), way(x, y + step)
        lengths = [sqrt((p[0] - u) ** 2 + (p[1] - v) ** 2) / step for p in (across, down)]
        origin = (float(u - SOURCE[0] * pixel / 2), float(v + SOURCE[1] * pixel / 2))
        for scale in ("0.83", "2.7"):
            # A little beyond the source on one side.
            size = [float(mpf(scale) * pixel / length) for length in lengths]
            corner = [float(x - size[0] * mpf(OUTPUT[0]) * mpf("0.53")), float(y + size[1] * mpf(OUTPUT[1]) * mpf("0.47"))]

            def at(column, row):
                u, v = way(mpf(corner[0]) + column * mpf(size[0]), mpf(corner[1]) - row * mpf(size[1]))
                return [float((u - mpf(origin[0])) / pixel), float((mpf(origin[1]) - v) / pixel)]

            half = mpf(1) / 2
            width, height = OUTPUT
            yield {
                "crs": source,
                "transform": [float(pixel), 0, origin[0], 0, -float(pixel), origin[1]],
                "source": SOURCE,
                "target": target,
                "grid": [size[0], 0, corner[0], 0, -size[1], corner[1]],
                "size": OUTPUT,
                "middles": [at(c + half, r + half) for r in range(height) for c in range(width)],
                "corners": [at(mpf(c), mpf(r)) for r in range(height + 1) for c in range(width + 1)],
            }


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "crates/cog-warp/tests/data/reference.json")
    path.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases()) + "\n]\n")
