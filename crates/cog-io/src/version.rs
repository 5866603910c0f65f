//! Which state of an object the bytes belong to.

/// What helps where only the validators differ.
pub(crate) const UNPINNED: &str =
    "if the server's mirrors merely disagree, PIN_VERSION=NO (cog --no-pin) trusts the size alone";

/// The version of an object as its store told it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Version {
    /// Entity tag as sent, quotes and `W/` included (RFC 9110, section 8.8.3).
    pub etag: Option<String>,
    /// Time of the last change, as sent.
    pub last_modified: Option<String>,
    /// Size of the whole object in bytes.
    pub size: Option<u64>,
}

impl Version {
    /// The tag to send in If-Match, which compares strongly: a weak tag never matches there.
    pub(crate) fn strong_etag(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| !etag.starts_with("W/"))
    }

    /// What differs in `now`, or `None` if it is the same object. The tag decides where both have one (weak comparison); the
    /// time of the change where not; the size always.
    pub(crate) fn difference(&self, now: &Version) -> Option<String> {
        if let (Some(was), Some(now)) = (self.size, now.size)
            && was != now
        {
            return Some(format!("its size was {was} and is {now}"));
        }
        let differs = |what: &str, was: &str, now: &str| Some(format!("{what} was {was} and is {now}; {UNPINNED}"));
        match (&self.etag, &now.etag) {
            (Some(was), Some(now)) if opaque(was) != opaque(now) => return differs("its ETag", was, now),
            (Some(_), Some(_)) => return None,
            _ => {}
        }
        match (&self.last_modified, &now.last_modified) {
            (Some(was), Some(now)) if was != now => differs("its Last-Modified", was, now),
            _ => None,
        }
    }
}

fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(etag: Option<&str>, modified: Option<&str>, size: u64) -> Version {
        Version { etag: etag.map(Into::into), last_modified: modified.map(Into::into), size: Some(size) }
    }

    #[test]
    fn the_tag_decides_where_there_is_one() {
        let was = version(Some("\"a\""), Some("Mon"), 5);
        assert_eq!(was.difference(&version(Some("W/\"a\""), Some("Tue"), 5)), None);
        assert!(was.difference(&version(Some("\"b\""), Some("Mon"), 5)).unwrap().contains("ETag"));
        assert!(was.difference(&version(Some("\"a\""), Some("Mon"), 6)).unwrap().contains("size"));
    }

    #[test]
    fn without_a_tag_the_time_decides() {
        let was = version(None, Some("Mon"), 5);
        assert!(was.difference(&version(None, Some("Tue"), 5)).is_some());
        assert_eq!(was.difference(&version(None, None, 5)), None);
    }

    #[test]
    fn a_weak_tag_is_not_sent_as_a_condition() {
        assert_eq!(version(Some("W/\"a\""), None, 1).strong_etag(), None);
        assert_eq!(version(Some("\"a\""), None, 1).strong_etag(), Some("\"a\""));
    }
}
