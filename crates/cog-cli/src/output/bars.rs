//! Histograms of bars, for people.

/// Characters of the longest bar.
const LONGEST: u64 = 50;

/// Eighths of a character.
const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A line for each bin: from where to where, a bar, how many.
pub(crate) fn draw(counts: &[u64], edges: &[f64]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let bins = edges.iter().zip(edges.iter().skip(1));
    let labels: Vec<[String; 2]> = bins.map(|(from, to)| [short(*from), short(*to)]).collect();
    let width =
        |side: usize| labels.iter().filter_map(|label| label.get(side)).map(|text| text.len()).max().unwrap_or(0);
    let (left, right) = (width(0), width(1));
    let mut text = String::new();
    for ([from, to], count) in labels.iter().zip(counts) {
        text += &format!("    {from:>left$} to {to:<right$}  {} {count}\n", bar(*count, most));
    }
    text
}

/// As long as its part of the most; what is not 0 is seen.
fn bar(count: u64, most: u64) -> String {
    let eighths = (u128::from(count) * u128::from(LONGEST) * 8).div_ceil(u128::from(most)) as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(PARTS.get(eighths % 8).filter(|part| **part != ' '));
    bar
}

/// Six digits are enough to tell bins from each other.
fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = (5 - value.abs().log10().floor() as i32).clamp(0, 20) as usize;
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_counts() {
        let text = draw(&[0, 100, 1, 50], &[-1.5, 0.0, 1.5, 1234567.0, 2e7]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "       -1.5 to 0          0");
        assert_eq!(lines[1], format!("          0 to 1.5       {} 100", "█".repeat(50)));
        assert_eq!(lines[2], "        1.5 to 1234567   ▌ 1");
        assert_eq!(lines[3], format!("    1234567 to 20000000  {} 50", "█".repeat(25)));
    }
}
