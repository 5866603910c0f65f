//! A server that is far away: every byte comes late, as many of them under way as the server sends.
#![cfg(feature = "tls")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cog_io::Session;
use cog_testkit::server::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::{content, open, quick};

/// A link to a server.
#[derive(Default)]
struct Link {
    /// Milliseconds in each direction.
    one_way: AtomicU64,
    /// Bytes of the server that have not come yet, now and at most.
    under_way: AtomicU64,
    most: AtomicU64,
}

impl Link {
    /// Listens on a port of its own and passes everything on to `to`.
    async fn listen(self: &Arc<Self>, to: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let link = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = TcpStream::connect(to).await.unwrap().into_split();
                tokio::spawn(Arc::clone(&link).carry(near_read, far_write, false));
                tokio::spawn(Arc::clone(&link).carry(far_read, near_write, true));
            }
        });
        address
    }

    async fn carry(
        self: Arc<Self>,
        mut from: impl AsyncReadExt + Unpin,
        mut to: impl AsyncWriteExt + Unpin + Send + 'static,
        counted: bool,
    ) {
        let (sent, mut arriving) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
        let link = Arc::clone(&self);
        tokio::spawn(async move {
            while let Some((at, bytes)) = arriving.recv().await {
                sleep_until(at.into()).await;
                if counted {
                    link.under_way.fetch_sub(bytes.len() as u64, Ordering::SeqCst);
                }
                if to.write_all(&bytes).await.is_err() {
                    break;
                }
            }
        });
        let mut buffer = vec![0; 1 << 18];
        while let Ok(n @ 1..) = from.read(&mut buffer).await {
            if counted {
                let now = self.under_way.fetch_add(n as u64, Ordering::SeqCst) + n as u64;
                self.most.fetch_max(now, Ordering::SeqCst);
            }
            let late = Duration::from_millis(self.one_way.load(Ordering::SeqCst));
            if sent.send((Instant::now() + late, buffer[..n].to_vec())).is_err() {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_windows_let_a_far_server_send_without_waiting() {
    let data = content(34 << 20);
    let server = Server::start_tls([("/a", data.clone())]);
    let address: SocketAddr = server.url("").replace("https://localhost", "127.0.0.1").parse().unwrap();
    let link = Arc::new(Link::default());
    let url = format!("https://localhost:{}/a", link.listen(address).await.port());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), server.ca_pem().unwrap()).unwrap();
    let source = open(&Session::new(quick().with_ca_file(file.path())), &url).await;
    source.read_first(10).await.unwrap();
    // From now on nothing that the client says reaches the server before it has sent what the windows allow.
    link.one_way.store(1000, Ordering::SeqCst);
    // Four reads of 8 MiB, the longest that merging makes.
    let ranges: Vec<_> = (0..4u64).map(|i| (i << 23) + 100..((i + 1) << 23) - 100).collect();
    let parts = source.read_ranges(&ranges).await.unwrap();
    for (range, part) in ranges.iter().zip(parts) {
        assert_eq!(part, data[range.start as usize..range.end as usize]);
    }
    assert!(server.log().iter().all(|entry| entry.http2));
    assert_eq!(server.connections(), 1);
    // 24 MB are under way on a link of 1 Gbit/s and 200 ms. hyper's own windows let a connection send 5 MiB.
    let most = link.most.load(Ordering::SeqCst);
    assert!(most >= 24_000_000, "{most} bytes under way");
}
