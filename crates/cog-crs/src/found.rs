use std::fmt;

/// How a CRS was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// An authority's code.
    Code,
    /// GeoKeys that describe it in full.
    Keys,
    /// A name that is registered, with keys that describe what is registered under it.
    Name,
    /// WKT of ESRI within a citation.
    EsriString,
    /// WKT1.
    Wkt1,
    /// WKT2.
    Wkt2,
    /// PROJJSON.
    ProjJson,
    /// A PROJ string.
    ProjString,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Found::Code => "code",
            Found::Keys => "keys",
            Found::Name => "name",
            Found::EsriString => "esri string",
            Found::Wkt1 => "wkt1",
            Found::Wkt2 => "wkt2",
            Found::ProjJson => "projjson",
            Found::ProjString => "proj string",
        })
    }
}
