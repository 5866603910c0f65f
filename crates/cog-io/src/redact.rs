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

/// A message from a server, as one line of at most `max` characters: URLs, `secrets`, values behind `=` and whatever looks like a key,
/// a token or a signature are replaced.
#[cfg(any(feature = "http", test))]
pub(crate) fn message(message: &str, secrets: &[String], max: usize) -> String {
    let mut plain = message.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        plain = plain.replace(secret.as_str(), "…");
    }
    let words: Vec<String> = plain
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .map(|word| if word.contains("://") { text(word) } else { masked(word) })
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// A word with its long mixtures of letters and digits replaced, and the value of `name=value`.
#[cfg(any(feature = "http", test))]
fn masked(word: &str) -> String {
    let token = |c: char| c.is_ascii_alphanumeric() || "+/=_-%".contains(c);
    let mut shown = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest.find(|c| !token(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        match run.trim_end_matches('=').split_once('=') {
            _ if is_secret(run) => shown.push('…'),
            Some((name, _)) => shown.push_str(&format!("{name}=…")),
            None => shown.push_str(run),
        }
        let next = after.find(token).unwrap_or(after.len());
        let (between, after) = after.split_at(next);
        shown.push_str(between);
        rest = after;
    }
    shown
}

#[cfg(any(feature = "http", test))]
fn is_secret(run: &str) -> bool {
    let has = |what: fn(&u8) -> bool| run.bytes().any(|byte| what(&byte));
    let hex = run.len() >= 32 && run.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex || run.len() >= 16 && has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase)
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
