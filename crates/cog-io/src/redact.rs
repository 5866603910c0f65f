//! Secrets in URLs never reach an error, a log or a `Debug`.

use url::Url;

/// The URL as it may be shown: no user, no password, no fragment, and every query value replaced, because a signature or a
/// token may stand under any name.
pub(crate) fn url(url: &Url) -> String {
    let mut shown = url.clone();
    // These fail only for URLs that cannot have a user at all.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_fragment(None);
    if url.query().is_some() {
        let names: Vec<String> = url.query_pairs().map(|(name, _)| format!("{name}=…")).collect();
        shown.set_query(None);
        return format!("{shown}?{}", names.join("&"));
    }
    shown.to_string()
}

/// Text from elsewhere (a library's error) with every URL in it redacted.
pub(crate) fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (i, word) in text.split(' ').enumerate() {
        if i > 0 {
            shown.push(' ');
        }
        match word.find("://").and_then(|at| scheme_start(word, at)) {
            Some(start) => {
                let (before, rest) = word.split_at(start);
                let end = rest.find(['"', '\'', '>', ')', ',', '`', '\n', '\t']).unwrap_or(rest.len());
                let (address, after) = rest.split_at(end);
                shown.push_str(before);
                match Url::parse(address) {
                    Ok(parsed) => shown.push_str(&url(&parsed)),
                    Err(_) => shown.push_str("REDACTED"),
                }
                shown.push_str(after);
            }
            None => shown.push_str(word),
        }
    }
    shown
}

fn scheme_start(word: &str, colon: usize) -> Option<usize> {
    let scheme = word.get(..colon)?;
    let start = scheme.rfind(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).map_or(0, |at| at + 1);
    (start < colon).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_values_and_passwords_are_not_shown() {
        let parsed = Url::parse("https://me:secret@host:8443/a%20b.tif?X-Amz-Signature=abc&x=1#frag").unwrap();
        assert_eq!(url(&parsed), "https://host:8443/a%20b.tif?X-Amz-Signature=…&x=…");
    }

    #[test]
    fn urls_inside_text_are_redacted() {
        let shown = text("Error performing GET https://u:p@h/k?sig=zzz in 3 ms, see \"http://x/?token=1\".");
        assert_eq!(shown, "Error performing GET https://h/k?sig=… in 3 ms, see \"http://x/?token=…\".");
        assert_eq!(text("plain words :// here"), "plain words :// here");
    }
}
