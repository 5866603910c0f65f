#!/usr/bin/env python3
"""Derives `src/registry/registry.bin` from a `proj.db` of PROJ.

    python tools/make_registry.py path/to/proj.db

The file is a table of tables: everything that names, measures and places a coordinate reference system, and nothing
about transformations between datums. `src/registry/table.rs` reads it and documents each record. Run with the same
`proj.db` it writes the same bytes. What is taken over and what is changed stands in `src/registry/EPSG-TERMS.md`.
"""

import sqlite3
import struct
import sys
from pathlib import Path

AUTHORITIES = ["EPSG", "ESRI", "OGC", "IGNF", "IAU_2015", "PROJ"]
# Names that ESRI's WKT uses for the registered objects. Those of other sources are abbreviations.
ALIAS_SOURCES = {"ESRI", "ESRI_OLD"}
NOT_A_NUMBER = float("nan")
TEXT_CODE = 0x8000_0000
NONE = 0xFFFF_FFFF

DEPRECATED = 1
SEMI_MINOR = 2
SPHERE = 4
TEXT_DEFINITION = 8

KINDS = {
    "geographic 2D": 0,
    "geographic 3D": 1,
    "geocentric": 2,
    "other": 2,
    "projected": 3,
    "vertical": 4,
    "compound": 5,
    "engineering": 6,
}
UNIT_KINDS = {"length": 0, "angle": 1, "scale": 2, "time": 3}
CS_KINDS = {"ellipsoidal": 0, "Cartesian": 1, "vertical": 2, "spherical": 3, "ordinal": 4}
# Units that are a way of writing degrees: PROJ hands their values out in degrees.
SEXAGESIMAL = {9110, 9111, 9121}
DEGREE = ("EPSG", 9102)


def canonical(name):
    """The letters, digits and plus signs of a name in lower case: what two spellings of one name share."""
    return "".join(c for c in name.lower() if c.isalnum() or c == "+")


def fnv(name):
    value = 0x811C9DC5
    for byte in canonical(name).encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def degrees(value, code):
    """From sexagesimal notation (DDD.MMSSsss, DDD.MMm) to degrees, by digits as PROJ does it."""
    sign = -1 if value < 0 else 1
    whole, _, digits = f"{abs(value):.10f}".partition(".")
    if code == 9111:
        return sign * (int(whole) + float(digits[:2] + "." + digits[2:]) / 60)
    return sign * (int(whole) + int(digits[:2]) / 60 + float(digits[2:4] + "." + digits[4:]) / 3600)


class Strings:
    def __init__(self):
        self.bytes = bytearray()
        self.known = {}
        self("")

    def __call__(self, text):
        text = text or ""
        if text not in self.known:
            self.known[text] = len(self.bytes)
            data = text.encode()
            self.bytes += struct.pack("<H", len(data)) + data
        return self.known[text]


class Registry:
    def __init__(self, path):
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.strings = Strings()
        self.sections = []

    def rows(self, sql):
        return self.db.execute(sql).fetchall()

    def key(self, authority, code):
        """Authority and code as the records hold them."""
        code = str(code)
        number = int(code) if code.isdigit() else TEXT_CODE | self.strings(code)
        return AUTHORITIES.index(authority), number

    def wanted(self, rows):
        """The rows of our authorities, ordered so that a code can be found by halving."""
        rows = [r for r in rows if r[0] in AUTHORITIES]
        return sorted(rows, key=lambda r: (AUTHORITIES.index(r[0]), not str(r[1]).isdigit(), int(r[1]) if str(r[1]).isdigit() else 0, str(r[1])))

    def add(self, records):
        self.sections.append((b"".join(records), len(records)))

    @staticmethod
    def index(rows):
        return {(r[0], str(r[1])): i for i, r in enumerate(rows)}

    def build(self):
        s = self.strings
        units = self.wanted(self.rows("select auth_name, code, name, type, conv_factor from unit_of_measure"))
        unit = self.index(units)
        # A notation of degrees has no factor: its numbers are handed out as degrees.
        degree = next(r[4] for r in units if (r[0], r[1]) == DEGREE)
        self.add([
            struct.pack("<dIIBBH", degree if r[4] is None else r[4], self.key(r[0], r[1])[1], s(r[2]), UNIT_KINDS[r[3]], AUTHORITIES.index(r[0]), 0)
            for r in units
        ])

        ellipsoids = self.wanted(self.rows(
            "select auth_name, code, name, semi_major_axis, uom_auth_name, uom_code, inv_flattening, semi_minor_axis, deprecated from ellipsoid"))
        ellipsoid = self.index(ellipsoids)
        records = []
        for r in ellipsoids:
            authority, code = self.key(r[0], r[1])
            flags = DEPRECATED if r[8] else 0
            if r[6] is not None:
                shape = r[6]
                flags |= SPHERE if shape == 0 else 0
            elif r[7] is not None:
                shape, flags = r[7], flags | (SPHERE if r[7] == r[3] else SEMI_MINOR)
            else:
                shape, flags = 0.0, flags | SPHERE
            records.append(struct.pack("<ddIIIHBB", r[3], shape, code, s(r[2]), fnv(r[2]), unit[(r[4], str(r[5]))], authority, flags))
        self.add(records)

        meridians = self.wanted(self.rows("select auth_name, code, name, longitude, uom_auth_name, uom_code, deprecated from prime_meridian"))
        meridian = self.index(meridians)
        records = []
        for r in meridians:
            authority, code = self.key(r[0], r[1])
            longitude, by = r[3], (r[4], r[5])
            if by[0] == "EPSG" and by[1] in SEXAGESIMAL:
                longitude, by = degrees(longitude, by[1]), DEGREE
            records.append(struct.pack("<dIIIHBB", longitude, code, s(r[2]), fnv(r[2]), unit[(by[0], str(by[1]))], authority, DEPRECATED if r[6] else 0))
        self.add(records)

        geodetic = self.wanted(self.rows(
            "select auth_name, code, name, deprecated, frame_reference_epoch, ensemble_accuracy, anchor, anchor_epoch, ellipsoid_auth_name, ellipsoid_code,"
            " prime_meridian_auth_name, prime_meridian_code from geodetic_datum"))
        vertical = self.wanted(self.rows(
            "select auth_name, code, name, deprecated, frame_reference_epoch, ensemble_accuracy, anchor, anchor_epoch from vertical_datum"))
        engineering = self.wanted(self.rows(
            "select auth_name, code, name, deprecated, null, null, anchor, anchor_epoch from engineering_datum"))
        members = []
        datums = {}
        for table, rows in [("geodetic_datum", geodetic), ("vertical_datum", vertical), ("engineering_datum", engineering)]:
            datums[table] = self.index(rows)
            records = []
            for r in rows:
                authority, code = self.key(r[0], r[1])
                first = len(members)
                if r[5] is not None:
                    for m in self.rows(
                        f"select member_auth_name, member_code from {table}_ensemble_member where ensemble_auth_name = '{r[0]}' and ensemble_code = '{r[1]}' order by sequence"
                    ):
                        members.append(struct.pack("<I", datums[table][(m[0], str(m[1]))]))
                shape = (ellipsoid[(r[8], str(r[9]))], meridian[(r[10], str(r[11]))]) if table == "geodetic_datum" else (0, 0)
                records.append(struct.pack(
                    "<ddIIIIIIHHBBH",
                    NOT_A_NUMBER if r[4] is None else r[4], NOT_A_NUMBER if r[7] is None else r[7], code, s(r[2]), fnv(r[2]),
                    s(None if r[5] is None else accuracy(r[5])), s(r[6]), first, len(members) - first, shape[0], authority,
                    DEPRECATED if r[3] else 0, shape[1]))
            self.add(records)
        self.add(members)

        systems = self.wanted(self.rows("select auth_name, code, type, dimension from coordinate_system"))
        system = self.index(systems)
        axes, records = [], []
        for r in systems:
            authority, code = self.key(r[0], r[1])
            first = len(axes)
            for a in self.rows(
                f"select name, abbrev, orientation, uom_auth_name, uom_code from axis where coordinate_system_auth_name = '{r[0]}' and coordinate_system_code = '{r[1]}' order by coordinate_system_order"
            ):
                by = NONE if a[3] is None else unit[(a[3], str(a[4]))]
                axes.append(struct.pack("<IIII", s(a[0]), s(a[1]), s(a[2]), by))
            records.append(struct.pack("<IHBB", code, first, len(axes) - first, CS_KINDS[r[2]]))
        self.add(records)
        self.add(axes)

        methods = self.wanted(self.rows("select distinct method_auth_name, method_code, method_name from conversion where method_name is not null"))
        method = self.index(methods)
        self.add([struct.pack("<IIB3x", self.key(r[0], r[1])[1], s(r[2]), AUTHORITIES.index(r[0])) for r in methods])
        parameters = self.wanted(self.rows("select auth_name, code, name from conversion_param"))
        parameter = self.index(parameters)
        self.add([struct.pack("<IIB3x", self.key(r[0], r[1])[1], s(r[2]), AUTHORITIES.index(r[0])) for r in parameters])

        columns = ", ".join(f"param{i}_auth_name, param{i}_code, param{i}_value, param{i}_uom_auth_name, param{i}_uom_code" for i in range(1, 8))
        conversions = self.wanted(self.rows(f"select auth_name, code, name, deprecated, method_auth_name, method_code, {columns} from conversion_table"))
        conversion = self.index(conversions)
        values, records = [], []
        for r in conversions:
            authority, code = self.key(r[0], r[1])
            first = len(values)
            for i in range(7):
                pa, pc, value, ua, uc = r[6 + 5 * i : 11 + 5 * i]
                if pc is None:
                    break
                if ua == "EPSG" and uc in SEXAGESIMAL:
                    value, (ua, uc) = degrees(value, uc), DEGREE
                values.append(struct.pack("<dHH", value, parameter[(pa, str(pc))], unit[(ua, str(uc))]))
            records.append(struct.pack("<IIIHBBB3x", code, s(r[2]), first, method[(r[4], str(r[5]))], len(values) - first, authority, DEPRECATED if r[3] else 0))
        self.add(records)
        self.add(values)

        extents = self.wanted(self.rows("select auth_name, code, description, south_lat, west_lon, north_lat, east_lon from extent"))
        extent = self.index(extents)
        self.add([struct.pack("<4dI4x", *(NOT_A_NUMBER if v is None else v for v in r[3:7]), s(r[2])) for r in extents])
        scopes = self.wanted(self.rows("select auth_name, code, scope from scope"))
        scope = self.index(scopes)
        self.add([struct.pack("<I", s(r[2])) for r in scopes])

        # "Not known.", "Not specified.": says nothing.
        unknown = (extent[("EPSG", "1263")], scope[("EPSG", "1024")])
        usages_of = {}
        for r in self.rows("select object_table_name, object_auth_name, object_code, extent_auth_name, extent_code, scope_auth_name, scope_code from usage order by rowid"):
            if r[3] in AUTHORITIES and r[5] in AUTHORITIES:
                usages_of.setdefault((r[0], r[1], str(r[2])), []).append((extent[(r[3], str(r[4]))], scope[(r[5], str(r[6]))]))

        crs = []
        for r in self.rows("select auth_name, code, name, deprecated, type, coordinate_system_auth_name, coordinate_system_code, datum_auth_name, datum_code from geodetic_crs"):
            crs.append((*r[:4], "geodetic_crs", KINDS[r[4]], r[5:7], r[7:9], None, None))
        for r in self.rows("select auth_name, code, name, deprecated, coordinate_system_auth_name, coordinate_system_code, geodetic_crs_auth_name, geodetic_crs_code, conversion_auth_name, conversion_code, text_definition from projected_crs"):
            crs.append((*r[:4], "projected_crs", 3, r[4:6], r[6:8], r[8:10], r[10]))
        for r in self.rows("select auth_name, code, name, deprecated, coordinate_system_auth_name, coordinate_system_code, datum_auth_name, datum_code from vertical_crs"):
            crs.append((*r[:4], "vertical_crs", 4, r[4:6], r[6:8], None, None))
        for r in self.rows("select auth_name, code, name, deprecated, horiz_crs_auth_name, horiz_crs_code, vertical_crs_auth_name, vertical_crs_code from compound_crs"):
            crs.append((*r[:4], "compound_crs", 5, None, r[4:6], r[6:8], None))
        for r in self.rows("select auth_name, code, name, deprecated, coordinate_system_auth_name, coordinate_system_code, datum_auth_name, datum_code from engineering_crs"):
            crs.append((*r[:4], "engineering_crs", 6, r[4:6], r[6:8], None, None))
        crs = self.wanted(crs)
        row_of = {(r[4], r[0], str(r[1])): i for i, r in enumerate(crs)}
        usages, records = [], []

        def crs_row(key, *tables):
            return next(row_of[(t, key[0], str(key[1]))] for t in tables if (t, key[0], str(key[1])) in row_of)

        for r in crs:
            authority, code = self.key(r[0], r[1])
            flags = DEPRECATED if r[3] else 0
            first = len(usages)
            usages += [struct.pack("<HH", *u) for u in usages_of.get((r[4], r[0], str(r[1])), []) if u != unknown]
            cs = NONE if r[6] is None or r[6][0] is None else system[(r[6][0], str(r[6][1]))]
            a, b = NONE, NONE
            if r[9] is not None:
                a, flags = s(r[9]), flags | TEXT_DEFINITION
            elif r[4] == "geodetic_crs":
                a = datums["geodetic_datum"][(r[7][0], str(r[7][1]))]
            elif r[4] == "projected_crs":
                a, b = crs_row(r[7], "geodetic_crs"), conversion[(r[8][0], str(r[8][1]))]
            elif r[4] == "vertical_crs":
                a = datums["vertical_datum"][(r[7][0], str(r[7][1]))]
            elif r[4] == "compound_crs":
                a = crs_row(r[7], "projected_crs", "geodetic_crs", "engineering_crs")
                b = crs_row(r[8], "vertical_crs")
            else:
                a = datums["engineering_datum"][(r[7][0], str(r[7][1]))]
            records.append(struct.pack("<IIIIIIIBBBB", code, s(r[2]), fnv(r[2]), cs, a, b, first, r[5], authority, flags, len(usages) - first))
        self.add(records)
        self.add(usages)

        aliases = []
        tables = {"unit_of_measure": (0, unit), "ellipsoid": (1, ellipsoid), "prime_meridian": (2, meridian),
                  "geodetic_datum": (3, datums["geodetic_datum"]), "vertical_datum": (4, datums["vertical_datum"])}
        for table, authority, code, name, source in self.rows("select table_name, auth_name, code, alt_name, source from alias_name order by table_name, auth_name, code, alt_name"):
            if source not in ALIAS_SOURCES or authority not in AUTHORITIES:
                continue
            if table.endswith("_crs"):
                kind, row = 5, row_of.get((table, authority, str(code)))
            elif table in tables:
                kind, row = tables[table][0], tables[table][1].get((authority, str(code)))
            else:
                continue
            if row is not None:
                aliases.append((kind, fnv(name), row, s(name)))
        self.add([struct.pack("<IIIB3x", h, row, name, kind) for kind, h, row, name in sorted(aliases)])

        version = dict(self.rows("select key, value from metadata"))
        note = "; ".join(f"{k} {version[k]}" for k in ("PROJ.VERSION", "EPSG.VERSION", "EPSG.DATE", "ESRI.VERSION", "IGNF.VERSION"))
        self.add([struct.pack("<I", s(note))])

        # Last, for everything above adds to it.
        self.sections.append((bytes(s.bytes), len(s.bytes)))
        head = 8 + 8 * len(self.sections)
        out = bytearray(b"COGCRS01")
        for data, count in self.sections:
            out += struct.pack("<II", head, count)
            head += len(data)
        for data, _ in self.sections:
            out += data
        return bytes(out)


def accuracy(value):
    return str(float(value))


if __name__ == "__main__":
    target = Path(__file__).parent.parent / "src/registry/registry.bin"
    target.write_bytes(Registry(sys.argv[1]).build())
    print(f"{target}: {target.stat().st_size} bytes")
