//! What lies beside an object: the same location with another name.

use std::ffi::OsString;
use std::path::Path;

use super::{Location, LocationKind};

impl Location {
    /// The object beside this one whose name goes on with `suffix`, as side-car files are named: `a.tif` and `a.tif.ovr`. A
    /// URL keeps its query, and headers stay.
    ///
    /// ```
    /// let location: cog_io::Location = "https://host/a.tif?token=1".parse()?;
    /// assert_eq!(location.with_suffix(".ovr").to_string(), "https://host/a.tif.ovr?token=…");
    /// # Ok::<(), cog_io::Error>(())
    /// ```
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        self.renamed(|path| {
            path.push(suffix);
        })
    }

    /// The object beside this one whose name ends with another extension, as world files are named: `a.tif` and `a.tfw`. A
    /// name without an extension gets one.
    ///
    /// ```
    /// let location: cog_io::Location = "s3://bucket/b.c/a.tif".parse()?;
    /// assert_eq!(location.with_extension("tfw").to_string(), "s3://bucket/b.c/a.tfw");
    /// # Ok::<(), cog_io::Error>(())
    /// ```
    #[must_use]
    pub fn with_extension(&self, extension: &str) -> Self {
        self.renamed(|path| {
            let stem = match path.to_str().and_then(|path| path.rsplit_once('.')) {
                Some((stem, last)) if !last.contains(['/', '\\']) => stem.into(),
                _ => Path::new(path).with_extension("").into_os_string(),
            };
            *path = stem;
            path.push(".");
            path.push(extension);
        })
    }

    /// Another object of the same bucket; settings stay.
    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    pub(crate) fn with_key(&self, key: &str) -> Self {
        let mut kind = self.kind.clone();
        if let LocationKind::S3 { key: own, .. }
        | LocationKind::Gs { key: own, .. }
        | LocationKind::Azure { key: own, .. } = &mut kind
        {
            *own = key.to_owned();
        }
        Self { headers: self.headers.clone(), settings: self.settings.clone(), ..Self::new(kind) }
    }

    /// What stands behind the last dot of the name.
    pub fn extension(&self) -> Option<String> {
        let path = match &self.kind {
            LocationKind::Local(path) => path.to_string_lossy().into_owned(),
            LocationKind::Http(url) => url.path().to_string(),
            LocationKind::S3 { key, .. } | LocationKind::Gs { key, .. } | LocationKind::Azure { key, .. } => {
                key.clone()
            }
        };
        let name = path.rsplit(['/', '\\']).next()?;
        name.rsplit_once('.').map(|(_, extension)| extension.to_string())
    }

    /// The same with another path or key; query and headers stay.
    fn renamed(&self, rename: impl Fn(&mut OsString)) -> Self {
        let renamed = |text: &str| {
            let mut path = OsString::from(text);
            rename(&mut path);
            path.to_string_lossy().into_owned()
        };
        let kind = match &self.kind {
            LocationKind::Local(path) => {
                let mut path = path.clone().into_os_string();
                rename(&mut path);
                LocationKind::Local(path.into())
            }
            LocationKind::Http(url) => {
                let mut url = url.clone();
                let path = renamed(url.path());
                url.set_path(&path);
                LocationKind::Http(url)
            }
            LocationKind::S3 { bucket, key } => LocationKind::S3 { bucket: bucket.clone(), key: renamed(key) },
            LocationKind::Gs { bucket, key } => LocationKind::Gs { bucket: bucket.clone(), key: renamed(key) },
            LocationKind::Azure { account, container, key } => {
                LocationKind::Azure { account: account.clone(), container: container.clone(), key: renamed(key) }
            }
        };
        let Self { headers, settings, warnings, .. } = self.clone();
        Self { headers, settings, warnings, ..Self::new(kind) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_goes_to_the_name_not_to_the_query() {
        let with = |text: &str| Location::parse(text).unwrap().with_suffix(".ovr");
        assert_eq!(with("/data/a b.tif").to_string(), "/data/a b.tif.ovr");
        assert_eq!(with("s3://bucket/a%20b.tif").to_string(), "s3://bucket/a%20b.tif.ovr");
        assert_eq!(with("az://container/a.tif").to_string(), "az://container/a.tif.ovr");
        let LocationKind::Http(url) = with("https://host/a%20b.tif?sig=x/y#f").kind().clone() else { panic!("no URL") };
        assert_eq!(url.as_str(), "https://host/a%20b.tif.ovr?sig=x/y#f");
        let curl = with("/vsicurl?url=https%3A%2F%2Fhost%2Fa.tif&header.X-Key=1");
        assert_eq!((curl.to_string().as_str(), curl.headers().len()), ("https://host/a.tif.ovr", 1));
    }

    #[test]
    fn an_extension_is_that_of_the_name_not_of_a_folder() {
        let with = |text: &str| {
            let location = Location::parse(text).unwrap();
            (location.extension(), location.with_extension("tfw").to_string())
        };
        let some = |text: &str| Some(text.to_string());
        assert_eq!(with("/data/v1.2/a b.tif"), (some("tif"), "/data/v1.2/a b.tfw".into()));
        assert_eq!(with("/data/v1.2/a"), (None, "/data/v1.2/a.tfw".into()));
        assert_eq!(with("s3://bucket/v1.2/a.x.TIF"), (some("TIF"), "s3://bucket/v1.2/a.x.tfw".into()));
        assert_eq!(with("az://container/a.tiff"), (some("tiff"), "az://container/a.tfw".into()));
        assert_eq!(with("https://host/a%20b.tif?x=1.2/3"), (some("tif"), "https://host/a%20b.tfw?x=…".into()));
    }
}
