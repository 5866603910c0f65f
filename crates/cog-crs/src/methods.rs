//! Map projections by every name they go by: EPSG's (which WKT2 and PROJJSON use), WKT1's in GDAL's and ESRI's flavour,
//! and PROJ's.

use crate::model::{
    Conversion, CoordinateSystem, Direction, Identifier, Method, Parameter, ParameterValue, Unit, UnitKind, same_name,
};

/// A parameter of a method.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ParameterInfo {
    pub(crate) name: &'static str,
    /// 0 if EPSG has none.
    pub(crate) epsg: u32,
    pub(crate) wkt1: &'static str,
    pub(crate) proj: &'static str,
    pub(crate) kind: UnitKind,
}

/// A map projection.
#[derive(Debug)]
pub(crate) struct MethodInfo {
    pub(crate) name: &'static str,
    /// 0 if EPSG has none.
    pub(crate) epsg: u32,
    /// Empty if GDAL's WKT1 has none.
    pub(crate) wkt1: &'static str,
    /// Further names in WKT1, ESRI's mostly.
    pub(crate) others: &'static [&'static str],
    /// The projection's name in a PROJ string; empty if there is none.
    pub(crate) proj: &'static str,
    pub(crate) parameters: &'static [ParameterInfo],
}

type P = ParameterInfo;

const fn angle(name: &'static str, epsg: u32, wkt1: &'static str, proj: &'static str) -> P {
    P { name, epsg, wkt1, proj, kind: UnitKind::Angle }
}

const fn length(name: &'static str, epsg: u32, wkt1: &'static str, proj: &'static str) -> P {
    P { name, epsg, wkt1, proj, kind: UnitKind::Length }
}

const fn scale(name: &'static str, epsg: u32, wkt1: &'static str, proj: &'static str) -> P {
    P { name, epsg, wkt1, proj, kind: UnitKind::Scale }
}

const fn called(p: P, wkt1: &'static str) -> P {
    P { wkt1, ..p }
}

const LAT0: P = angle("Latitude of natural origin", 8801, "latitude_of_origin", "lat_0");
const LON0: P = angle("Longitude of natural origin", 8802, "central_meridian", "lon_0");
const K0: P = scale("Scale factor at natural origin", 8805, "scale_factor", "k_0");
const FE: P = length("False easting", 8806, "false_easting", "x_0");
const FN: P = length("False northing", 8807, "false_northing", "y_0");
const LAT_C: P = angle("Latitude of projection centre", 8811, "latitude_of_center", "lat_0");
const LON_C: P = angle("Longitude of projection centre", 8812, "longitude_of_center", "lonc");
const AZIMUTH: P = angle("Azimuth at projection centre", 8813, "azimuth", "alpha");
const RECTIFIED: P = angle("Angle from Rectified to Skew Grid", 8814, "rectified_grid_angle", "gamma");
const K_C: P = scale("Scale factor at projection centre", 8815, "scale_factor", "k");
const FE_C: P = length("Easting at projection centre", 8816, "false_easting", "x_0");
const FN_C: P = length("Northing at projection centre", 8817, "false_northing", "y_0");
const PSEUDO: P = angle("Latitude of pseudo standard parallel", 8818, "pseudo_standard_parallel_1", "");
const K_PSEUDO: P = scale("Scale factor on pseudo standard parallel", 8819, "scale_factor", "k");
const LAT_F: P = angle("Latitude of false origin", 8821, "latitude_of_origin", "lat_0");
const LON_F: P = angle("Longitude of false origin", 8822, "central_meridian", "lon_0");
const SP1: P = angle("Latitude of 1st standard parallel", 8823, "standard_parallel_1", "lat_1");
const SP2: P = angle("Latitude of 2nd standard parallel", 8824, "standard_parallel_2", "lat_2");
const FE_F: P = length("Easting at false origin", 8826, "false_easting", "x_0");
const FN_F: P = length("Northing at false origin", 8827, "false_northing", "y_0");
const LAT_SP: P = angle("Latitude of standard parallel", 8832, "latitude_of_origin", "lat_ts");
const LON_ORIGIN: P = angle("Longitude of origin", 8833, "central_meridian", "lon_0");
const CO_LATITUDE: P = angle("Co-latitude of cone axis", 1036, "azimuth", "");
const ELLIPSOID_SCALE: P = scale("Ellipsoid scaling factor", 1038, "scale_factor", "k_0");

/// Of the methods that have it only at times.
pub(crate) const LATITUDE_OF_ORIGIN: P = LAT0;
const HEIGHT: P = length("Satellite Height", 0, "satellite_height", "h");

const CENTER_LAT: P = called(LAT0, "latitude_of_center");
const CENTER_LON: P = called(LON0, "longitude_of_center");

const NATURAL: &[P] = &[LAT0, LON0, K0, FE, FN];
const UNSCALED: &[P] = &[LAT0, LON0, FE, FN];
const CENTERED: &[P] = &[CENTER_LAT, CENTER_LON, FE, FN];
const MERIDIAN: &[P] = &[LON0, FE, FN];
const CENTER_MERIDIAN: &[P] = &[CENTER_LON, FE, FN];
const CONIC: &[P] = &[LAT_F, LON_F, SP1, SP2, FE_F, FN_F];
const CONIC_CENTER: &[P] =
    &[called(LAT_F, "latitude_of_center"), called(LON_F, "longitude_of_center"), SP1, SP2, FE_F, FN_F];
const HOTINE: &[P] = &[LAT_C, LON_C, AZIMUTH, RECTIFIED, K_C, FE, FN];
const HOTINE_CENTER: &[P] = &[LAT_C, LON_C, AZIMUTH, RECTIFIED, K_C, FE_C, FN_C];
const KROVAK: &[P] = &[LAT_C, P { wkt1: "longitude_of_center", ..LON_ORIGIN }, CO_LATITUDE, PSEUDO, K_PSEUDO, FE, FN];
const STANDARD_PARALLEL: &[P] = &[SP1, LON0, FE, FN];

macro_rules! methods {
    ($($name:literal $epsg:literal $wkt1:literal [$($other:literal),*] $proj:literal $parameters:expr;)*) => {
        &[$(MethodInfo { name: $name, epsg: $epsg, wkt1: $wkt1, others: &[$($other),*], proj: $proj, parameters: $parameters },)*]
    };
}

/// EPSG's name, its code, GDAL's name, further names of WKT1, PROJ's name, parameters in EPSG's order.
#[rustfmt::skip]
const METHODS: &[MethodInfo] = methods![
    "Transverse Mercator" 9807 "Transverse_Mercator" ["Gauss_Kruger", "Transverse_Mercator_Complex"] "tmerc" NATURAL;
    "Transverse Mercator (South Orientated)" 9808 "Transverse_Mercator_South_Orientated" [] "tmerc" NATURAL;
    "Mercator (variant A)" 9804 "Mercator_1SP" ["Mercator (1SP)"] "merc" NATURAL;
    "Mercator (variant B)" 9805 "Mercator_2SP" ["Mercator (2SP)", "Mercator"] "merc" STANDARD_PARALLEL;
    "Popular Visualisation Pseudo Mercator" 1024 "" ["Popular Visualisation Pseudo-Mercator", "Mercator_Auxiliary_Sphere"] "webmerc" UNSCALED;
    "Mercator (Spherical)" 1026 "" [] "" UNSCALED;
    "Lambert Conic Conformal (2SP)" 9802 "Lambert_Conformal_Conic_2SP" ["Lambert_Conformal_Conic"] "lcc" CONIC;
    "Lambert Conic Conformal (1SP)" 9801 "Lambert_Conformal_Conic_1SP" ["Lambert_Conformal_Conic"] "lcc" NATURAL;
    "Lambert Conic Conformal (2SP Belgium)" 9803 "Lambert_Conformal_Conic_2SP_Belgium" [] "lcc" CONIC;
    "Lambert Conic Conformal (2SP Michigan)" 1051 "" [] "lcc" &[LAT_F, LON_F, SP1, SP2, FE_F, FN_F, ELLIPSOID_SCALE];
    "Lambert Conic Conformal (1SP variant B)" 1102 "" [] "lcc" &[LAT0, K0, LAT_F, LON_F, FE_F, FN_F];
    "Lambert Conic Conformal (West Orientated)" 9826 "" [] "" NATURAL;
    "Albers Equal Area" 9822 "Albers_Conic_Equal_Area" ["Albers", "Albers Conic Equal Area"] "aea" CONIC_CENTER;
    "Lambert Azimuthal Equal Area" 9820 "Lambert_Azimuthal_Equal_Area" [] "laea" CENTERED;
    "Lambert Azimuthal Equal Area (Spherical)" 1027 "Lambert_Azimuthal_Equal_Area" [] "laea" CENTERED;
    "Oblique Stereographic" 9809 "Oblique_Stereographic" ["Double_Stereographic"] "sterea" NATURAL;
    "Polar Stereographic (variant A)" 9810 "Polar_Stereographic" [] "stere" NATURAL;
    "Polar Stereographic (variant B)" 9829 "Polar_Stereographic" ["Stereographic_North_Pole", "Stereographic_South_Pole"] "stere" &[LAT_SP, LON_ORIGIN, FE, FN];
    "Polar Stereographic (variant C)" 9830 "" [] "" &[LAT_SP, LON_ORIGIN, FE_F, FN_F];
    "Stereographic" 0 "Stereographic" [] "stere" NATURAL;
    "Hotine Oblique Mercator (variant A)" 9812 "Hotine_Oblique_Mercator" ["Hotine_Oblique_Mercator_Azimuth_Natural_Origin", "Rectified_Skew_Orthomorphic_Natural_Origin"] "omerc" HOTINE;
    "Hotine Oblique Mercator (variant B)" 9815 "Hotine_Oblique_Mercator_Azimuth_Center" ["Rectified_Skew_Orthomorphic_Center", "Oblique_Mercator"] "omerc" HOTINE_CENTER;
    "Hotine Oblique Mercator Two Point Natural Origin" 0 "Hotine_Oblique_Mercator_Two_Point_Natural_Origin" [] "omerc" &[
        LAT_C,
        angle("Latitude of 1st point", 0, "latitude_of_point_1", "lat_1"), angle("Longitude of 1st point", 0, "longitude_of_point_1", "lon_1"),
        angle("Latitude of 2nd point", 0, "latitude_of_point_2", "lat_2"), angle("Longitude of 2nd point", 0, "longitude_of_point_2", "lon_2"),
        K_C, FE_C, FN_C];
    "Laborde Oblique Mercator" 9813 "Laborde_Oblique_Mercator" [] "labrd" &[LAT_C, LON_C, AZIMUTH, K_C, FE, FN];
    "Swiss Oblique Mercator" 9814 "Swiss_Oblique_Cylindrical" ["Swiss Oblique Cylindrical"] "somerc" UNSCALED;
    "Cassini-Soldner" 9806 "Cassini_Soldner" ["Cassini"] "cass" UNSCALED;
    "Colombia Urban" 1052 "" ["IGAC_Plano_Cartesiano"] "" &[LAT0, LON0, FE, FN, length("Projection plane origin height", 1039, "Height", "")];
    "Hyperbolic Cassini-Soldner" 9833 "" [] "" UNSCALED;
    "American Polyconic" 9818 "Polyconic" [] "poly" UNSCALED;
    "Azimuthal Equidistant" 1125 "Azimuthal_Equidistant" [] "aeqd" CENTERED;
    "Modified Azimuthal Equidistant" 9832 "Azimuthal_Equidistant" [] "aeqd" CENTERED;
    "Guam Projection" 9831 "" [] "" UNSCALED;
    "Miller Cylindrical" 0 "Miller_Cylindrical" [] "mill" CENTER_MERIDIAN;
    "Equidistant Cylindrical" 1028 "Equirectangular" ["Equidistant_Cylindrical", "Plate_Carree"] "eqc" STANDARD_PARALLEL;
    "Equidistant Cylindrical (Spherical)" 1029 "Equirectangular" ["Equidistant_Cylindrical", "Plate_Carree"] "eqc" STANDARD_PARALLEL;
    "Lambert Cylindrical Equal Area" 9835 "Cylindrical_Equal_Area" ["Behrmann"] "cea" STANDARD_PARALLEL;
    "Lambert Cylindrical Equal Area (Spherical)" 9834 "Cylindrical_Equal_Area" [] "cea" STANDARD_PARALLEL;
    "Gnomonic" 0 "Gnomonic" [] "gnom" UNSCALED;
    "Orthographic" 9840 "Orthographic" [] "ortho" UNSCALED;
    "Robinson" 0 "Robinson" [] "robin" CENTER_MERIDIAN;
    "Sinusoidal" 0 "Sinusoidal" [] "sinu" CENTER_MERIDIAN;
    "Van Der Grinten" 0 "VanDerGrinten" ["Van_der_Grinten_I"] "vandg" MERIDIAN;
    "Mollweide" 0 "Mollweide" [] "moll" MERIDIAN;
    "New Zealand Map Grid" 9811 "New_Zealand_Map_Grid" [] "nzmg" UNSCALED;
    "Equidistant Conic" 1119 "Equidistant_Conic" [] "eqdc" CONIC_CENTER;
    "Krovak" 9819 "Krovak" [] "krovak" KROVAK;
    "Krovak (North Orientated)" 1041 "Krovak" [] "krovak" KROVAK;
    "Equal Earth" 1078 "Equal_Earth" [] "eqearth" MERIDIAN;
    "Geostationary Satellite (Sweep Y)" 0 "Geostationary_Satellite" [] "geos" &[LON0, HEIGHT, FE, FN];
    "Geostationary Satellite (Sweep X)" 0 "" [] "geos" &[LON0, HEIGHT, FE, FN];
    "Bonne" 9827 "Bonne" [] "bonne" &[called(LAT0, "standard_parallel_1"), LON0, FE, FN];
    "Eckert I" 0 "Eckert_I" [] "eck1" MERIDIAN;
    "Eckert II" 0 "Eckert_II" [] "eck2" MERIDIAN;
    "Eckert III" 0 "Eckert_III" [] "eck3" MERIDIAN;
    "Eckert IV" 0 "Eckert_IV" [] "eck4" MERIDIAN;
    "Eckert V" 0 "Eckert_V" [] "eck5" MERIDIAN;
    "Eckert VI" 0 "Eckert_VI" [] "eck6" MERIDIAN;
    "Wagner I" 0 "Wagner_I" [] "wag1" MERIDIAN;
    "Wagner II" 0 "Wagner_II" [] "wag2" MERIDIAN;
    "Wagner IV" 0 "Wagner_IV" [] "wag4" MERIDIAN;
    "Wagner V" 0 "Wagner_V" [] "wag5" MERIDIAN;
    "Wagner VI" 0 "Wagner_VI" [] "wag6" MERIDIAN;
    "Wagner VII" 0 "Wagner_VII" [] "wag7" MERIDIAN;
    "Gall Stereographic" 0 "Gall_Stereographic" [] "gall" MERIDIAN;
    "Goode Homolosine" 0 "Goode_Homolosine" [] "goode" MERIDIAN;
    "Interrupted Goode Homolosine" 0 "Interrupted_Goode_Homolosine" [] "igh" MERIDIAN;
    "Natural Earth" 0 "Natural_Earth" [] "natearth" MERIDIAN;
    "Patterson" 0 "Patterson" [] "patterson" MERIDIAN;
    "Times" 0 "Times" [] "times" MERIDIAN;
    "Quartic Authalic" 0 "Quartic_Authalic" [] "qua_aut" MERIDIAN;
    "Flat Polar Quartic" 0 "Flat_Polar_Quartic" [] "mbtfpq" MERIDIAN;
    "Loximuthal" 0 "Loximuthal" [] "loxim" &[P { name: "Latitude of natural origin", wkt1: "central_parallel", proj: "lat_1", ..LAT0 }, LON0, FE, FN];
    "Compact Miller" 0 "Compact_Miller" [] "comill" MERIDIAN;
    "Hammer" 0 "Hammer_Aitoff" ["Hammer"] "hammer" MERIDIAN;
    "Aitoff" 0 "Aitoff" [] "aitoff" MERIDIAN;
    "Winkel I" 0 "Winkel_I" [] "wink1" STANDARD_PARALLEL;
    "Winkel II" 0 "Winkel_II" [] "wink2" STANDARD_PARALLEL;
    "Winkel Tripel" 0 "Winkel_Tripel" [] "wintri" STANDARD_PARALLEL;
    "Vertical Perspective" 9838 "" [] "nsper" &[
        angle("Latitude of topocentric origin", 8834, "", "lat_0"), angle("Longitude of topocentric origin", 8835, "", "lon_0"),
        length("Ellipsoidal height of topocentric origin", 8836, "", ""), length("Viewpoint height", 8840, "", "h"), FE, FN];
];

pub(crate) fn all() -> impl Iterator<Item = &'static MethodInfo> {
    METHODS.iter()
}

pub(crate) fn by_code(epsg: u32) -> Option<&'static MethodInfo> {
    METHODS.iter().find(|m| m.epsg == epsg && epsg != 0)
}

/// By EPSG's name.
pub(crate) fn by_name(name: &str) -> Option<&'static MethodInfo> {
    METHODS.iter().find(|m| same_name(m.name, name))
}

/// The catalogue's entry for a conversion, by code and else by name.
pub(crate) fn of(conversion: &Conversion) -> Option<&'static MethodInfo> {
    conversion.method_code().and_then(by_code).or_else(|| by_name(&conversion.method.name))
}

/// Methods that EPSG has twice, for a sphere and an ellipsoid; WKT1, GeoTIFF and PROJ strings have one name for both.
const ON_SPHERES: [(u32, u32); 3] = [(1028, 1029), (9820, 1027), (9835, 9834)];

/// Gives a conversion that was read by such a name the method that fits its ellipsoid, as PROJ does.
pub(crate) fn on_shape(conversion: &mut Conversion, is_sphere: bool) {
    let pair = ON_SPHERES.iter().find(|(a, b)| conversion.method_code().is_some_and(|code| code == *a || code == *b));
    let code = pair.map(|(ellipsoidal, spherical)| if is_sphere { *spherical } else { *ellipsoidal });
    if let Some(info) = code.and_then(by_code) {
        conversion.method = info.method();
    }
}

/// The axes that a projection implies where nothing says otherwise: away from a pole, or south and west.
pub(crate) fn implied_axes(conversion: &Conversion, unit: &Unit) -> CoordinateSystem {
    let mut cs = CoordinateSystem::projected(unit.clone());
    let directions = match conversion.method_code() {
        Some(9808) => [(Direction::West, None), (Direction::South, None)],
        Some(9819) => [(Direction::South, None), (Direction::West, None)],
        Some(9810 | 9829) => {
            let north = conversion.si(8832).or_else(|| conversion.si(8801)).is_some_and(|latitude| latitude > 0.0);
            let direction = if north { Direction::South } else { Direction::North };
            [(direction.clone(), Some(90.0)), (direction, Some(if north { 180.0 } else { 0.0 }))]
        }
        _ => return cs,
    };
    for (axis, (direction, meridian)) in cs.axes.iter_mut().zip(directions) {
        axis.direction = direction;
        axis.meridian = meridian.map(|degrees| (degrees, Unit::DEGREE));
    }
    cs
}

impl MethodInfo {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    pub(crate) fn method(&self) -> Method {
        Method { name: self.name.into(), id: (self.epsg != 0).then(|| Identifier::epsg(self.epsg)) }
    }

    /// A conversion with these values, in the order of the method's parameters.
    pub(crate) fn conversion(&self, values: &[f64], angular: &Unit, linear: &Unit) -> Conversion {
        let parameters = self.parameters.iter().zip(values).map(|(info, value)| {
            let unit = match info.kind {
                UnitKind::Angle => angular.clone(),
                UnitKind::Length => linear.clone(),
                _ => Unit::UNITY,
            };
            info.with_value(*value, unit)
        });
        Conversion { name: "unnamed".into(), method: self.method(), parameters: parameters.collect(), id: None }
    }
}

impl ParameterInfo {
    pub(crate) fn with_value(&self, value: f64, unit: Unit) -> Parameter {
        Parameter {
            name: self.name.into(),
            value: ParameterValue::Number(value, unit),
            id: (self.epsg != 0).then(|| Identifier::epsg(self.epsg)),
        }
    }

    /// True for the parameter of a definition.
    pub(crate) fn is(&self, parameter: &Parameter) -> bool {
        match parameter.epsg() {
            Some(code) => code == self.epsg,
            None => same_name(&parameter.name, self.name),
        }
    }
}
