//! Sizes as people type them.

/// Parses `123`, `64MiB`, `2GB`, `1.5 GiB`; `K`, `M`, `G`, `T` alone are powers of 1024.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        other => return Err(format!("unknown unit '{other}'; try 512MiB or 2GiB")),
    };
    let number: f64 = number.parse().map_err(|_| "not a size; try 512MiB or 2GiB".to_string())?;
    let bytes = number * factor as f64;
    if bytes.is_finite() && bytes >= 1.0 && bytes < u64::MAX as f64 {
        Ok(bytes as u64)
    } else {
        Err("a size must be at least one byte".to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_understood_as_people_type_them() {
        assert_eq!(parse("64MiB"), Ok(64 << 20));
        assert_eq!(parse("1.5 GiB"), Ok(3 << 29));
        assert_eq!(parse("2GB"), Ok(2_000_000_000));
        assert_eq!(parse("700"), Ok(700));
        assert!(parse("lots").is_err() && parse("0").is_err() && parse("5 parsecs").is_err());
    }
}
