//! Comma-separated values (RFC 4180), with a line feed at the end of each line.

/// A line of cells, each between quotes where it has to be.
pub(crate) fn line<S: AsRef<str>>(cells: impl IntoIterator<Item = S>) -> String {
    let mut line = String::new();
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        let cell = cell.as_ref();
        match cell.contains([',', '"', '\n', '\r']) {
            true => line.push_str(&format!("\"{}\"", cell.replace('"', "\"\""))),
            false => line.push_str(cell),
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_between_quotes_where_they_have_to() {
        assert_eq!(
            line(["x", "", "a,b", "say \"so\"", "two\nlines"]),
            "x,,\"a,b\",\"say \"\"so\"\"\",\"two\nlines\"\n"
        );
    }
}
