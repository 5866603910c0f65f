//! The threads that decode.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use cog_codecs::Scratch;

/// Buffers above this are given back after a block: one huge strip must not stay in every worker.
const KEEP_BYTES: usize = 16 << 20;

/// What a worker keeps from block to block: contexts of codecs, and buffers for a block's bytes before and after.
#[derive(Default)]
pub(crate) struct Worker {
    pub(crate) scratch: Scratch,
    pub(crate) compressed: Vec<u8>,
    pub(crate) decoded: Vec<u8>,
}

impl Worker {
    fn tidy(&mut self) {
        if self.compressed.capacity() > KEEP_BYTES {
            self.compressed = Vec::new();
        }
        if self.decoded.capacity() > KEEP_BYTES {
            self.decoded = Vec::new();
            self.scratch = Scratch::new();
        }
    }
}

type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// A fixed number of threads, started with the first job, ended with the last clone of their session.
pub(crate) struct Pool {
    threads: usize,
    shared: Arc<Shared>,
    /// Threads that run; `None` before the first job.
    started: Mutex<Option<usize>>,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    pub(crate) fn new(threads: usize) -> Pool {
        let shared = Shared { queue: Mutex::new(Queue::default()), wake: Condvar::new() };
        Pool { threads: threads.max(1), shared: Arc::new(shared), started: Mutex::new(None) }
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Queues a job. A job that panics ends neither its worker nor the process; it just does not report.
    pub(crate) fn submit(&self, job: Job) {
        if self.start() == 0 {
            // The operating system gave not even one thread: the caller's has to do.
            return run(job, &mut Worker::default());
        }
        self.shared.lock().jobs.push_back(job);
        self.shared.wake.notify_one();
    }

    /// Runs `work` on a thread of the pool, from now on; what is returned gives its result, or an error if it panicked.
    pub(crate) fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> tokio::sync::oneshot::Receiver<R> {
        let (tell, told) = tokio::sync::oneshot::channel();
        self.submit(Box::new(move |_| _ = tell.send(work())));
        told
    }

    /// How many threads run, once they were started.
    fn start(&self) -> usize {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        *started.get_or_insert_with(|| {
            let spawn = |i: usize| {
                let shared = Arc::clone(&self.shared);
                std::thread::Builder::new().name(format!("cog-decode-{i}")).spawn(move || run_jobs(&shared)).is_ok()
            };
            (0..self.threads).take_while(|i| spawn(*i)).count()
        })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_all();
    }
}

fn run_jobs(shared: &Shared) {
    let mut worker = Worker::default();
    loop {
        let mut queue = shared.lock();
        let job = loop {
            if let Some(job) = queue.jobs.pop_front() {
                break job;
            }
            if queue.closed {
                return;
            }
            queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        };
        drop(queue);
        run(job, &mut worker);
        worker.tidy();
    }
}

/// Runs a job; what a panic leaves of the worker is thrown away.
fn run(job: Job, worker: &mut Worker) {
    if catch_unwind(AssertUnwindSafe(|| job(worker))).is_err() {
        *worker = Worker::default();
    }
}

/// Lets work of at most a number of bytes run at once; larger work runs alone.
pub(crate) struct ByteGate {
    free: Mutex<u64>,
    wake: Condvar,
    budget: u64,
}

impl ByteGate {
    pub(crate) fn new(budget: u64) -> ByteGate {
        ByteGate { free: Mutex::new(budget), wake: Condvar::new(), budget }
    }

    /// Waits until the bytes are free. Must not be called by a holder of a permit.
    pub(crate) fn enter(&self, bytes: u64) -> BytePermit<'_> {
        let bytes = bytes.min(self.budget);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            free = self.wake.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= bytes;
        BytePermit { gate: self, bytes }
    }
}

pub(crate) struct BytePermit<'a> {
    gate: &'a ByteGate,
    bytes: u64,
}

impl Drop for BytePermit<'_> {
    fn drop(&mut self) {
        *self.gate.free.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.gate.wake.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_job_that_panics_leaves_its_worker_alive() {
        let pool = Pool::new(1);
        let (tx, rx) = channel();
        pool.submit(Box::new(|_| panic!("on purpose")));
        pool.submit(Box::new(move |_| tx.send(7).unwrap()));
        assert_eq!(rx.recv(), Ok(7));
    }

    #[test]
    fn work_larger_than_the_budget_runs_alone() {
        let gate = Arc::new(ByteGate::new(100));
        let first = gate.enter(1_000_000);
        let (tx, rx) = channel();
        let other = Arc::clone(&gate);
        let thread = std::thread::spawn(move || {
            let _permit = other.enter(1);
            tx.send(()).unwrap();
        });
        assert!(rx.recv_timeout(std::time::Duration::from_millis(30)).is_err());
        drop(first);
        rx.recv().unwrap();
        thread.join().unwrap();
    }
}
