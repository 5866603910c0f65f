//! How far a warped read is.

use std::sync::Arc;

use crate::error::Result;

/// How far a warped read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WarpProgress {
    /// Pixels of the output that are made.
    pub done: u64,
    /// All of them.
    pub pixels: u64,
}

/// What is called as a read goes on.
#[derive(Clone)]
pub(super) struct Hook(pub(super) Arc<dyn Fn(WarpProgress) + Send + Sync>);

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hook")
    }
}

/// How far a read is.
pub(super) struct Progress {
    hook: Option<Hook>,
    done: u64,
    all: u64,
}

impl Progress {
    /// At the beginning, and says so.
    pub(super) fn of(hook: Option<&Hook>, pixels: usize) -> Progress {
        let mut progress = Progress { hook: hook.cloned(), done: 0, all: pixels as u64 };
        progress.tell(0);
        progress
    }

    /// Says that all is done, unless that was said.
    pub(super) fn finish(&mut self) {
        if self.done < self.all {
            self.tell((self.all - self.done) as usize);
        }
    }

    /// As [`tell`](Self::tell), of work that may fail.
    pub(super) fn told(&mut self, pixels: usize) -> Result<()> {
        self.tell(pixels);
        Ok(())
    }

    pub(super) fn tell(&mut self, pixels: usize) {
        self.done += pixels as u64;
        if let Some(Hook(hook)) = &self.hook {
            hook(WarpProgress { done: self.done, pixels: self.all });
        }
    }
}
