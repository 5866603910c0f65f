//! A server of the tests in a process of its own that ends with us, even when we are killed.

use std::ffi::OsStr;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Runs a command until its own standard input ends; ends when the command does.
const ATTENDANT: &str = "
import os, subprocess, sys, threading
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def last():
    sys.stdin.buffer.read()
    child.terminate()
threading.Thread(target=last, daemon=True).start()
os._exit(abs(child.wait()))
";
const START: Duration = Duration::from_secs(60);

pub(crate) struct Attended {
    child: Child,
    name: &'static str,
    log: PathBuf,
}

impl Attended {
    /// Starts a command under an attendant; what it says goes to `log`.
    pub(crate) fn start<S: AsRef<OsStr>>(
        name: &'static str,
        python: &Path,
        command: impl IntoIterator<Item = S>,
        log: PathBuf,
    ) -> Result<Self> {
        let output = File::create(&log).with_context(|| log.display().to_string())?;
        let mut attendant = Command::new(python);
        attendant.args(["-c", ATTENDANT]).args(command);
        attendant.stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output);
        let child = attendant.spawn().with_context(|| format!("{name} did not start"))?;
        Ok(Self { child, name, log })
    }

    /// Waits until something listens on `address`.
    pub(crate) fn answers(&mut self, address: SocketAddr) -> Result<()> {
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}; see {}", self.name, self.log.display());
            }
            if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("{} does not answer on {address} after {START:?}; see {}", self.name, self.log.display())
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            // An error says that it has ended already.
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of 127.0.0.1 that nothing listens on now.
pub(crate) fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
