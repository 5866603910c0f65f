//! How far a command is, on a terminal.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use cog_mosaic::StackProgress;
use cog_read::ReadProgress;
use cog_warp::WarpProgress;
use indicatif::{BinaryBytes, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tracing::level_filters::LevelFilter;

/// The bar on the terminal, if there is one.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Takes the bar off the terminal.
pub(crate) fn clear() {
    if let Some(bar) = BAR.lock().unwrap_or_else(PoisonError::into_inner).take() {
        bar.finish_and_clear();
        // Threads that still decode would draw it again.
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
}

/// A bar on standard error; nothing where that is not a terminal. Dropping it clears the line.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    /// Blocks in all, where more is known than what the library has planned so far.
    expected: u64,
}

impl Progress {
    /// Of blocks and their bytes. `quiet` shows nothing.
    pub(crate) fn of_blocks(quiet: bool) -> Progress {
        Progress::new(quiet, "[{bar:24}] {msg}  {bytes_per_sec}  {left}")
    }

    /// Of pixels of the output.
    pub(crate) fn of_pixels(quiet: bool) -> Progress {
        Progress::new(quiet, "[{bar:24}] {percent}%  {left}")
    }

    /// Of files, `count` in all.
    pub(crate) fn of_files(quiet: bool, count: usize) -> Progress {
        let progress = Progress::new(quiet, "[{bar:24}] {pos}/{len} files  {msg}  {left}");
        if let Some(bar) = &progress.bar {
            bar.set_length(count as u64);
            bar.tick();
        }
        progress
    }

    fn new(quiet: bool, template: &str) -> Progress {
        // Lines of a log would tear the bar.
        let logs = LevelFilter::current() > LevelFilter::WARN;
        let plain = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        let shown = !(quiet || logs || plain) && std::io::stderr().is_terminal();
        let bar = shown.then(|| {
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            let left = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                // Without a rate there is nothing to tell.
                if state.pos() > 0 {
                    let seconds = state.eta().as_secs();
                    _ = write!(out, "{:02}:{:02} left", seconds / 60, seconds % 60);
                }
            };
            let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                _ = write!(out, "{}/s", BinaryBytes(state.per_sec() as u64));
            };
            let style = style.with_key("left", left).with_key("bytes_per_sec", rate).progress_chars("=> ");
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10)).with_style(style);
            *BAR.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
            bar
        });
        Progress { bar, expected: 0 }
    }

    /// At least so many blocks will be read, though the library plans them bit by bit.
    pub(crate) fn expecting(mut self, blocks: u64) -> Progress {
        self.expected = blocks;
        self
    }

    /// So many files are done, for which so many bytes came.
    pub(crate) fn files_done(&self, files: usize, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_message(BinaryBytes(bytes).to_string());
            bar.set_position(files as u64);
        }
    }

    /// So many pixels are done.
    pub(crate) fn pixels_done(&self, done: u64, all: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(all);
            bar.set_position(done);
        }
    }

    /// Prints while the bar is off the terminal.
    pub(crate) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// The same for a read in parts: each has a hook of its own, and the bar shows all of them.
    pub(crate) fn part_hooks(&self) -> Option<impl FnMut() -> Box<dyn Fn(ReadProgress) + Send + Sync>> {
        let (bar, expected) = (self.bar.clone()?, self.expected);
        let all = Arc::new(Mutex::new(Vec::<ReadProgress>::new()));
        Some(move || -> Box<dyn Fn(ReadProgress) + Send + Sync> {
            let (bar, all) = (bar.clone(), Arc::clone(&all));
            let index = {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.push(ReadProgress::default());
                all.len() - 1
            };
            Box::new(move |now| {
                let mut sum = ReadProgress::default();
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(part) = all.get_mut(index).filter(|part| part.blocks_done <= now.blocks_done) {
                    *part = now;
                }
                for part in all.iter() {
                    sum.blocks_done += part.blocks_done;
                    sum.blocks += part.blocks;
                    sum.bytes_done += part.bytes_done;
                    sum.bytes += part.bytes;
                    sum.listed += part.listed;
                }
                drop(all);
                show(&bar, sum, expected);
            })
        })
    }

    /// What the library calls, if anyone looks.
    pub(crate) fn hook(&self) -> Option<impl Fn(ReadProgress) + Send + Sync + 'static> {
        let (bar, expected) = (self.bar.clone()?, self.expected);
        Some(move |now: ReadProgress| show(&bar, now, expected))
    }
}

impl Progress {
    /// What the library calls as pixels are made, if anyone looks.
    pub(crate) fn pixel_hook(&self) -> Option<impl Fn(WarpProgress) + Send + Sync + 'static> {
        let bar = self.bar.clone()?;
        Some(move |now: WarpProgress| {
            bar.set_length(now.pixels);
            bar.set_position(now.done);
        })
    }
}

impl Progress {
    /// The same for the bands of several files.
    pub(crate) fn stack_hook(&self) -> Option<impl Fn(StackProgress) + Send + Sync + 'static> {
        let bar = self.bar.clone()?;
        Some(move |now: StackProgress| {
            bar.set_length(now.pixels);
            bar.set_position(now.done);
        })
    }

    /// What is told how far it is and how far it goes, if anyone looks.
    pub(crate) fn steps(&self) -> Option<impl Fn(u64, u64) + Send + Sync + 'static> {
        let bar = self.bar.clone()?;
        Some(move |done, of| {
            bar.set_length(of);
            bar.set_position(done);
        })
    }

    /// What is told how many files are done, and how many bytes came for them, if anyone looks.
    pub(crate) fn file_steps(&self) -> Option<impl Fn(usize, u64) + Send + Sync + 'static> {
        let bar = self.bar.clone()?;
        Some(move |files: usize, bytes: u64| {
            bar.set_message(BinaryBytes(bytes).to_string());
            bar.set_position(files as u64);
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.bar.is_some() {
            clear();
        }
    }
}

fn show(bar: &ProgressBar, now: ReadProgress, expected: u64) {
    let blocks = now.blocks.max(now.listed).max(expected);
    let known = u128::from(now.blocks.max(1));
    // Blocks that are not planned yet are taken to be as large as the others.
    let bytes = u64::try_from(u128::from(now.bytes) * u128::from(blocks) / known).unwrap_or(u64::MAX);
    // Calls of several threads overtake each other; a bar that goes back looks broken.
    if now.bytes_done < bar.position() {
        return;
    }
    bar.set_message(format!(
        "{}/{} blocks  {}/{}{}",
        now.blocks_done,
        blocks,
        BinaryBytes(now.bytes_done),
        if blocks > now.blocks { "about " } else { "" },
        BinaryBytes(bytes)
    ));
    bar.set_length(bytes);
    bar.set_position(now.bytes_done);
}
