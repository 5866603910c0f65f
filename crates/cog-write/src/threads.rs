//! The threads that encode.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// A piece of work.
pub type Job = Box<dyn FnOnce() + Send>;

/// Threads that work is given to: those of this crate ([`OwnThreads`]), or a pool that a program has already.
pub trait Threads: Send + Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// Runs a job on one of them, from now on or after others.
    fn start(&self, job: Job);
}

/// So many threads, which end with this value.
#[derive(Debug)]
pub struct OwnThreads {
    jobs: Mutex<Sender<Job>>,
    count: usize,
}

impl OwnThreads {
    /// Starts threads: one at least, or as many as the system gives.
    ///
    /// # Errors
    /// Not even one can be started.
    pub fn new(count: usize) -> std::io::Result<OwnThreads> {
        let (jobs, waiting) = channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut started = 0;
        for number in 0..count.max(1) {
            let waiting = Arc::clone(&waiting);
            let thread = std::thread::Builder::new().name(format!("cog-encode-{number}"));
            match thread.spawn(move || work(&waiting)) {
                Ok(_) => started += 1,
                Err(error) if started == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(OwnThreads { jobs: Mutex::new(jobs), count: started })
    }
}

fn work(waiting: &Mutex<Receiver<Job>>) {
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A job that panics says so when it is dropped; its thread goes on.
        _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

impl Threads for OwnThreads {
    fn count(&self) -> usize {
        self.count
    }

    fn start(&self, job: Job) {
        // The threads end after this value.
        _ = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).send(job);
    }
}
