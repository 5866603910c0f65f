//! What is read.

/// How many files are opened at once.
pub(crate) const MANY: usize = 200;

/// One line of the table. The steps are those of peers.py.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    path: &'static str,
    pub(crate) steps: &'static str,
}

/// One step of a task.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Open,
    Tile { x: u32, y: u32, mask: bool },
    Window { x: u32, y: u32, width: u32, height: u32 },
    Level(usize),
    All,
}

impl Task {
    pub(crate) fn all() -> Vec<Task> {
        [
            ("open a COG", "/cog.tif", "open"),
            ("open, one tile", "/cog.tif", "open+tile:5:6"),
            ("open, one tile and its mask (interleaved)", "/masked.tif", "open+mask:5:6"),
            ("open, window of 2000 × 2000", "/cog.tif", "open+window:1300:700:2000:2000"),
            ("open, whole overview of 1024 × 1024", "/cog.tif", "open+level:2"),
            ("open 10 million tiles", "/vast.tif", "open"),
            ("… and one tile", "/vast.tif", "open+tile:1700:1500"),
            ("… and a window of 2000 × 2000", "/vast.tif", "open+window:800000:700000:2000:2000"),
            ("open, IFDs at the end", "/tail.tif", "open"),
            ("open again", "/cog.tif", "open/open"),
            ("the same tile again", "/cog.tif", "open+tile:5:6/tile:5:6"),
            ("open 200 COGs at once", "/many", "/all"),
        ]
        .map(|(name, path, steps)| Task { name, path, steps })
        .to_vec()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        match self.path {
            "/many" => (0..MANY).map(|i| format!("/many/{i}.tif")).collect(),
            path => vec![path.to_owned()],
        }
    }

    /// Steps that are taken for granted, and those that are measured.
    pub(crate) fn parts(&self) -> (Vec<Step>, Vec<Step>) {
        let (before, measured) = self.steps.rsplit_once('/').unwrap_or(("", self.steps));
        (steps(before), steps(measured))
    }
}

fn steps(text: &str) -> Vec<Step> {
    let step = |text: &str| {
        let mut parts = text.split(':');
        let name = parts.next()?;
        let numbers: Vec<u32> = parts.filter_map(|number| number.parse().ok()).collect();
        Some(match (name, numbers.as_slice()) {
            ("open", []) => Step::Open,
            ("all", []) => Step::All,
            ("tile" | "mask", &[x, y]) => Step::Tile { x, y, mask: name == "mask" },
            ("window", &[x, y, width, height]) => Step::Window { x, y, width, height },
            ("level", &[level]) => Step::Level(level as usize),
            _ => return None,
        })
    };
    text.split('+').filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_every_task_is_a_step() {
        for task in Task::all() {
            let (before, measured) = task.parts();
            let words = task.steps.split(['+', '/']).filter(|word| !word.is_empty()).count();
            assert_eq!(before.len() + measured.len(), words, "{}", task.name);
            assert!(!measured.is_empty(), "{}", task.name);
        }
    }
}
