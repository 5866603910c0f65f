//! Media types, compared by what they mean and not by how they are spelled.

use std::fmt;

/// A media type (RFC 9110, section 8.3.1): type, subtype and parameters, whose order, case and blanks do not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MediaType {
    kind: String,
    subtype: String,
    /// Names and values, sorted.
    parameters: Vec<(String, String)>,
}

/// The media types of COGs: that of the STAC best practices, and that of STAC before 0.9.
pub(crate) const COG: [&str; 2] =
    ["image/tiff; profile=cloud-optimized", "image/vnd.stac.geotiff; cloud-optimized=true"];

impl MediaType {
    /// `None` for a text without a type and a subtype.
    pub(crate) fn parse(text: &str) -> Option<MediaType> {
        let mut parts = text.split(';');
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let (kind, subtype) = (kind.trim().to_ascii_lowercase(), subtype.trim().to_ascii_lowercase());
        if kind.is_empty() || subtype.is_empty() {
            return None;
        }
        let parameter = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().trim_matches('"').to_ascii_lowercase();
            (name.trim().to_ascii_lowercase(), value)
        };
        let mut parameters: Vec<_> = parts.map(parameter).filter(|(name, _)| !name.is_empty()).collect();
        parameters.sort();
        parameters.dedup();
        Some(MediaType { kind, subtype, parameters })
    }

    /// The types of COGs.
    pub(crate) fn cogs() -> Vec<MediaType> {
        COG.iter().filter_map(|text| MediaType::parse(text)).collect()
    }

    /// Whether `other` is of this type or a kind of it: `image/tiff` admits any parameters, `image/*` any subtype.
    pub(crate) fn admits(&self, other: &MediaType) -> bool {
        (self.kind == "*" || self.kind == other.kind)
            && (self.subtype == "*" || self.subtype == other.subtype)
            && self.parameters.iter().all(|parameter| other.parameters.contains(parameter))
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.subtype)?;
        self.parameters.iter().try_for_each(|(name, value)| match value.is_empty() {
            true => write!(f, "; {name}"),
            false => write!(f, "; {name}={value}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_cog(text: &str) -> bool {
        MediaType::parse(text).is_some_and(|found| MediaType::cogs().iter().any(|wanted| wanted.admits(&found)))
    }

    #[test]
    fn order_case_and_blanks_of_parameters_do_not_count() {
        for cog in [
            "image/tiff; application=geotiff; profile=cloud-optimized",
            "image/tiff; profile=cloud-optimized; application=geotiff",
            "IMAGE/TIFF;application=GeoTIFF ;Profile = Cloud-Optimized",
            "image/tiff;profile=\"cloud-optimized\"",
            "image/vnd.stac.geotiff; cloud-optimized=true",
        ] {
            assert!(is_cog(cog), "{cog}");
        }
        for other in
            ["image/tiff; application=geotiff", "image/tiff", "image/jp2", "image/vnd.stac.geotiff", "cog", "/", ""]
        {
            assert!(!is_cog(other), "{other}");
        }
    }

    #[test]
    fn a_type_admits_what_is_a_kind_of_it() {
        let admits = |wanted, found| MediaType::parse(wanted).unwrap().admits(&MediaType::parse(found).unwrap());
        let cog = "image/tiff; application=geotiff; profile=cloud-optimized";
        assert!(admits("image/tiff", cog) && admits("image/tiff; application=geotiff", cog));
        assert!(admits("image/*", cog) && admits("*/*", cog));
        assert!(!admits(cog, "image/tiff") && !admits("image/jp2", cog));
    }
}
