//! Programs run with a time cap, their peak memory measured.
#![allow(unsafe_code, reason = "wait4 is the one call that gives a child's peak memory")]

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was killed because its time was over.
    pub timed_out: bool,
    /// Peak resident memory in bytes, where the system tells (Linux). It is never less than this process' own at the moment of
    /// the call: the kernel carries that over.
    pub peak_memory: Option<u64>,
    /// Time that its threads computed, where the system tells (Linux): on a busy machine less than what passed.
    pub computed: Option<Duration>,
    /// Standard output, bytes that are not UTF-8 replaced.
    pub stdout: String,
    /// Standard error, bytes that are not UTF-8 replaced.
    pub stderr: String,
}

impl Outcome {
    /// Whether it ended with code 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code == Some(0)
    }
}

/// Runs a program to its end, or kills it after `cap`.
///
/// # Errors
/// If the program cannot be started or waited for.
pub fn run(command: &mut Command, cap: Duration) -> io::Result<Outcome> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // Both pipes are drained while the child runs: a full pipe would stop it.
    let stdout = child.stdout.take().map(|pipe| std::thread::spawn(move || text(pipe)));
    let stderr = child.stderr.take().map(|pipe| std::thread::spawn(move || text(pipe)));
    let end = wait(&mut child, cap)?;
    let collect =
        |reader: Option<std::thread::JoinHandle<String>>| reader.and_then(|r| r.join().ok()).unwrap_or_default();
    Ok(Outcome { stdout: collect(stdout), stderr: collect(stderr), ..end })
}

fn text(mut pipe: impl Read) -> String {
    let mut all = Vec::new();
    // What could be read before a failure is still worth showing.
    let _ = pipe.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

#[cfg(target_os = "linux")]
fn wait(child: &mut Child, cap: Duration) -> io::Result<Outcome> {
    use std::os::unix::process::ExitStatusExt;

    let deadline = Instant::now() + cap;
    let pid = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    let (mut timed_out, mut pause) = (false, Duration::from_micros(200));
    loop {
        let mut status = 0;
        // SAFETY: an all-zero rusage is a valid value of that plain C struct.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: both pointers are to live locals of the right type; `pid` is our own child, which nothing else waits for.
        let ended = unsafe { libc::wait4(pid, &raw mut status, libc::WNOHANG, &raw mut usage) };
        match ended {
            0 if !timed_out && Instant::now() >= deadline => {
                timed_out = true;
                child.kill()?;
            }
            0 => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(5));
            }
            n if n == pid => {
                let status = std::process::ExitStatus::from_raw(status);
                let peak = u64::try_from(usage.ru_maxrss).ok().map(|kib| kib * 1024);
                let time =
                    |t: libc::timeval| Duration::new(t.tv_sec.unsigned_abs(), 1000 * t.tv_usec.unsigned_abs() as u32);
                return Ok(Outcome {
                    code: status.code(),
                    signal: status.signal(),
                    timed_out,
                    peak_memory: peak,
                    computed: Some(time(usage.ru_utime) + time(usage.ru_stime)),
                    stdout: String::new(),
                    stderr: String::new(),
                });
            }
            _ => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn wait(child: &mut Child, cap: Duration) -> io::Result<Outcome> {
    let deadline = Instant::now() + cap;
    let mut timed_out = false;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if !timed_out && Instant::now() >= deadline {
            timed_out = true;
            child.kill()?;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    Ok(Outcome {
        code: status.code(),
        signal,
        timed_out,
        peak_memory: None,
        computed: None,
        stdout: String::new(),
        stderr: String::new(),
    })
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn shell(script: &str, cap: Duration) -> Outcome {
        run(Command::new("sh").arg("-c").arg(script), cap).unwrap()
    }

    #[test]
    fn code_output_and_memory_come_back() {
        let end = shell("echo out; echo err >&2; exit 3", Duration::from_secs(20));
        assert_eq!((end.code, end.signal, end.timed_out), (Some(3), None, false));
        assert_eq!((end.stdout.as_str(), end.stderr.as_str()), ("out\n", "err\n"));
        assert!(end.peak_memory.unwrap() > 100 << 10);
        assert!(end.computed.unwrap() < Duration::from_secs(20));
    }

    #[test]
    fn a_signal_is_told_from_an_exit() {
        assert_eq!(shell("kill -ABRT $$", Duration::from_secs(20)).signal, Some(libc::SIGABRT));
    }

    #[test]
    fn a_child_that_hangs_is_killed() {
        let before = Instant::now();
        let end = shell("exec sleep 60", Duration::from_millis(100));
        assert!(end.timed_out && end.code.is_none());
        assert!(before.elapsed() < Duration::from_secs(30));
    }
}
