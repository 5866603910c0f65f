//! Every rule, with an id that stays.

use std::fmt;

/// Whose rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authority {
    /// `rio cogeo validate`, version 7.
    RioCogeo,
    /// GDAL's `validate_cloud_optimized_geotiff.py`.
    Gdal,
    /// OGC 21-026, Cloud Optimized GeoTIFF Standard 1.0.
    Ogc,
    /// Nobody's: what makes a file better to read, or looks like a mistake. Never part of a verdict.
    Advice,
}

/// What it means to break a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// The file is not valid.
    Error,
    /// The file is valid, unless the check is strict.
    Warning,
    /// The file is valid.
    Advice,
}

macro_rules! rules {
    ($($id:ident $authority:ident $severity:ident $title:literal $(in $section:literal)? $(=> $remedy:literal)?;)*) => {
        /// A rule of a validator. Ids stay as they are: `R01` and on are rio-cogeo's, `G01` and on GDAL's, `O01` and on those of OGC 21-026,
        /// `A01` and on advice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $title] $id,)*
        }

        impl Rule {
            /// Every rule, in the order of its id.
            pub const ALL: &[Rule] = &[$(Rule::$id,)*];

            /// The id.
            pub fn id(self) -> &'static str {
                match self {
                    $(Rule::$id => stringify!($id),)*
                }
            }

            /// Whose rule it is.
            pub fn authority(self) -> Authority {
                match self {
                    $(Rule::$id => Authority::$authority,)*
                }
            }

            /// What it means to break it.
            pub fn severity(self) -> Severity {
                match self {
                    $(Rule::$id => Severity::$severity,)*
                }
            }

            /// What it asks for.
            pub fn title(self) -> &'static str {
                match self {
                    $(Rule::$id => $title,)*
                }
            }

            /// The requirement or recommendation of OGC 21-026, below `http://www.opengis.net/spec/COG/1.0`.
            pub fn requirement(self) -> Option<&'static str> {
                match self {
                    $($(Rule::$id => Some($section),)?)*
                    _ => None,
                }
            }

            /// What can be done about it, where that is not to lay the file out anew.
            pub fn remedy(self) -> Option<&'static str> {
                match self {
                    $($(Rule::$id => Some($remedy),)?)*
                    _ => None,
                }
            }
        }
    };
}

rules! {
    R01 RioCogeo Error "the file is a TIFF";
    R02 RioCogeo Error "overviews lie inside the file";
    R03 RioCogeo Error "an image of more than 512 pixels is tiled";
    R04 RioCogeo Warning "an image of more than 512 pixels has overviews";
    R05 RioCogeo Error "the IFD of the image begins within the first 300 bytes";
    R06 RioCogeo Error "no writer has broken the layout that the file announces";
    R07 RioCogeo Error "overviews are sorted, the largest first";
    R08 RioCogeo Error "overviews are smaller than the image";
    R09 RioCogeo Error "IFDs are in the order image, largest to smallest overview";
    R10 RioCogeo Error "the blocks that come first lie behind the last IFD";
    R11 RioCogeo Error "blocks of smaller overviews come before those of larger ones";
    R12 RioCogeo Error "blocks of the image come behind those of its overviews";
    R13 RioCogeo Error "an overview of more than 512 pixels is tiled";

    G01 Gdal Error "the file is a TIFF";
    G02 Gdal Error "overviews lie inside the file";
    G03 Gdal Error "an image of more than 1024 columns is tiled";
    G04 Gdal Warning "an image of more than 512 pixels has overviews";
    G05 Gdal Error "no writer has broken the layout that the file announces";
    G06 Gdal Error "the IFD of the image stands at the beginning of the file";
    G07 Gdal Error "the first overview is not larger than the image";
    G08 Gdal Error "no overview is larger than the one before it";
    G09 Gdal Error "an overview of more than 1024 columns is tiled";
    G10 Gdal Error "the IFD of the first overview comes behind that of the image";
    G11 Gdal Error "the IFD of each overview comes behind that of the one before it";
    G12 Gdal Error "the blocks that come first lie behind the last IFD";
    G13 Gdal Error "blocks of smaller overviews come before those of larger ones";
    G14 Gdal Error "blocks of the image come behind those of its overviews";
    G20 Gdal Error "blocks lie in the order that the file announces, row by row";
    G21 Gdal Error "the 4 bytes before each block are its size, as the file announces";
    G22 Gdal Error "the 4 bytes behind each block repeat its last 4, as the file announces";
    G23 Gdal Error "blocks of the mask have the size of those of the image, as the file announces";
    G24 Gdal Error "each block of the mask follows that of the image, as the file announces";

    O01 Ogc Error "the file is a TIFF, and a BigTIFF if it has more than 4 GiB" in "/req/geotiff-format/use-geotiff";
    O02 Ogc Error "every IFD is tiled, masks and small overviews too" in "/req/geotiff-format/tiling";
    O03 Ogc Error "the file has GeoTIFF keys" in "/req/geotiff-keys/basic-metadata-format"
        => "only who knows the CRS can tell it to the file: gdal_edit.py -a_srs EPSG:… does";
    O04 Ogc Error "each IFD of full resolution has ModelTiepoint, ModelPixelScale and GeoKeyDirectory" in "/req/geotiff-keys/georeference"
        => "no writer can help for a rotated image (ModelTransformation) and for masks: GDAL writes both as here, and no reader minds";
    O05 Ogc Error "IFDs of overviews have no place on Earth of their own" in "/req/geotiff-keys/point-of-origin";
    O06 Ogc Error "each IFD of full resolution is followed by its overviews, each smaller than the one before" in "/req/geotiff-overviews/overviews";
    O07 Ogc Error "each overview is 2 to 10 times smaller than the one before" in "/req/optimized_geotiff/number";
    O08 Ogc Error "the smallest overview is one tile wide or high" in "/req/optimized_geotiff/number";
    O09 Ogc Error "tiles are square" in "/req/optimized_geotiff/small-sizes";
    O10 Ogc Error "tiles are no larger than a screen: 1024 pixels" in "/req/optimized_geotiff/small-sizes";
    O21 Ogc Warning "a file of less than 4 GiB is no BigTIFF" in "/rec/geotiff-format/use-geotiff";
    O22 Ogc Warning "blocks are compressed" in "/rec/geotiff-format/rec-compression";
    O23 Ogc Warning "IFDs come first, then blocks, those of the smallest overview first" in "/rec/geotiff-overviews/ifd-order";
    O24 Ogc Warning "tiles of all levels have one size, a power of two" in "/rec/optimized_geotiff/size-and-numbers";

    A01 Advice Advice "a header of at most 16 KiB is read in one request";
    A02 Advice Advice "tables of blocks that follow each other are read in one request";
    A03 Advice Advice "blocks with their size in front (GDAL's layout) spare a reader half of the tables";
    A04 Advice Advice "statistics in the metadata spare a viewer reading pixels for its colours"
        => "`cog convert --statistics` writes them";
    A05 Advice Advice "a predictor makes such samples smaller"
        => "`cog convert --predictor auto` chooses one";
    A06 Advice Advice "tiles are powers of two, and of 4 KiB to 1 MiB as compressed"
        => "`cog convert --blocksize PIXELS` changes it";
    A07 Advice Advice "each overview is at most 4 times smaller than the one before"
        => "`cog convert --overviews fresh` makes them anew";
    A09 Advice Advice "bands that are read together lie together";
    A10 Advice Advice "JPEG does not keep the value of nodata exactly: a mask does what is meant";
    A11 Advice Advice "a mask whose blocks follow those of the image comes with the same request";
    A12 Advice Advice "a CRS with a code of a registry is understood everywhere"
        => "only who knows the CRS can tell it to the file: gdal_edit.py -a_srs EPSG:… does";
    A13 Advice Advice "with empty blocks at the beginning a reader cannot go by offsets alone";
    A14 Advice Advice "a file of less than 4 GiB can be read by more programs if it is no BigTIFF"
        => "`cog convert --bigtiff no` writes a classic TIFF";
    A15 Advice Advice "classes and palettes want overviews made by nearest or mode"
        => "`cog convert --overviews fresh --overview-resampling mode` makes them anew";
    A16 Advice Advice "blocks lie inside the file, and none lies in another"
        => "the file is damaged: copy it again from where it came from";
    A17 Advice Advice "the server names a version (ETag, or the time of change) and sends ranges as they are";
}

impl Rule {
    /// The rule with this id, in capital or small letters.
    pub fn from_id(id: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.id().eq_ignore_ascii_case(id))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_begins_with_the_letter_of_whose_it_is() {
        for rule in Rule::ALL {
            let letter = match rule.authority() {
                Authority::RioCogeo => 'R',
                Authority::Gdal => 'G',
                Authority::Ogc => 'O',
                Authority::Advice => 'A',
            };
            assert!(rule.id().starts_with(letter), "{rule}");
            assert_eq!(rule.requirement().is_some(), rule.authority() == Authority::Ogc, "{rule}");
            assert_eq!(rule.severity() == Severity::Advice, rule.authority() == Authority::Advice, "{rule}");
            assert_eq!(Rule::from_id(&rule.id().to_lowercase()), Some(*rule));
        }
        assert_eq!(Rule::from_id("R99"), None);
    }
}
