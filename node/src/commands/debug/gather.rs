//! The parts of a bundle, each within bounds. What cannot be had says so in its place.

use std::fmt::Write as _;
use std::fs::{self, File, Metadata};
use std::io::{Read, Seek, SeekFrom, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use chain::block::VERSION;
use genesis::Spec;
use node::{disk, home};
use rpc::client::Client;
use rpc::methods::{ChainStatus, NodeStatus};
use serde_json::{Value, json};

/// Bytes of the end of a log.
const LOG_BYTES_MAX: u64 = 512 * 1024;
/// Bytes of metrics.
const METRICS_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Files of a home that are listed.
const FILES_MAX: usize = 20_000;
/// Bytes of a file that holds a secret.
const SECRET_BYTES_MAX: u64 = 4 * 1024;
/// The shortest text that is taken for a secret.
const SECRET_LETTERS_MIN: usize = 16;
/// How long the node may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Folders that hold secrets.
const SECRET_FOLDERS: [&str; 2] = ["keys", "dev-accounts"];
/// What the system says of itself, by the names of files.
const SYSTEM: [&str; 4] =
    ["/proc/version", "/proc/loadavg", "/proc/sys/kernel/hostname", "/etc/os-release"];

/// The home that a bundle is of.
pub(super) struct Home {
    pub(super) root: PathBuf,
    pub(super) log: PathBuf,
}

impl Home {
    /// What is, as one document.
    pub(super) fn facts(&self) -> String {
        let system: serde_json::Map<String, Value> = SYSTEM
            .iter()
            .map(|path| ((*path).to_owned(), json!(beginning(Path::new(path), 4_096))))
            .collect();
        let memory = beginning(Path::new("/proc/meminfo"), 4_096);
        let memory: Vec<_> = memory.lines().take(3).collect();
        let processors = std::thread::available_parallelism().map(usize::from).ok();
        let facts = json!({
            "schema": 1,
            "tallyd": env!("CARGO_PKG_VERSION"),
            "protocol_version": VERSION,
            "made_at": now(),
            "home": self.root,
            "chain": self.chain(),
            "disk_free_bytes": disk::free_bytes(&self.root),
            "used_bytes": {
                "ledger": disk::used_bytes(&self.root.join("data")),
                "index": disk::used_bytes(&self.root.join("index")),
                "journal": disk::used_bytes(&self.root.join("consensus")),
            },
            "system": { "processors": processors, "memory": memory, "files": system },
        });
        format!("{facts:#}\n")
    }

    /// Which chain the home is for.
    fn chain(&self) -> Value {
        let genesis = home::read_genesis(&self.root.join("genesis.toml"))
            .map_err(anyhow::Error::from)
            .and_then(|text| Ok(Spec::from_toml(&text)?.genesis()?));
        match genesis {
            Ok(genesis) => json!({ "name": genesis.name, "hash": genesis.hash().to_string() }),
            Err(error) => json!({ "error": error.to_string() }),
        }
    }

    /// Every file: its mode, its bytes, when it was last written, and its name. The newest folders may go on while
    /// they are read.
    pub(super) fn files(&self) -> String {
        let mut text = "mode    bytes         written     name\n".to_owned();
        let mut open = vec![self.root.clone()];
        let mut count = 0;
        while let Some(folder) = open.pop() {
            let mut entries: Vec<_> =
                fs::read_dir(&folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
            entries.sort();
            for path in entries {
                let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
                count += 1;
                if count > FILES_MAX {
                    text += "more files are there than are listed\n";
                    return text;
                }
                self.line(&mut text, &path, &metadata);
                if metadata.is_dir() {
                    open.push(path);
                }
            }
        }
        text
    }

    fn line(&self, text: &mut String, path: &Path, metadata: &Metadata) {
        let name = path.strip_prefix(&self.root).unwrap_or(path).display().to_string();
        let (mode, bytes, written) = (metadata.mode(), metadata.len(), metadata.mtime());
        // Writing to a string does not fail.
        let _ = writeln!(text, "{mode:06o}  {bytes:<12}  {written}  {}", name.escape_debug());
    }

    /// The end of the log.
    pub(super) fn log(&self) -> String {
        match end(&self.log, LOG_BYTES_MAX) {
            Ok(text) => text,
            Err(error) => format!("{}: {error}; name another by --log\n", self.log.display()),
        }
    }

    /// The secrets that files of the home hold, as they stand there.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        for folder in SECRET_FOLDERS {
            for entry in fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten() {
                let text = beginning(&entry.path(), SECRET_BYTES_MAX);
                let text = text.trim();
                if text.len() >= SECRET_LETTERS_MIN {
                    secrets.push(text.to_owned());
                }
            }
        }
        secrets
    }
}

/// What the node at `url` says of itself.
pub(super) fn status(url: Option<&str>) -> String {
    let Some(url) = url else { return "it is not known where the node answers\n".to_owned() };
    let asked = || -> anyhow::Result<Value> {
        let client = Client::new(url, TIMEOUT)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (node, chain) = runtime.block_on(async {
            anyhow::Ok((client.call(NodeStatus {}).await?, client.call(ChainStatus {}).await?))
        })?;
        Ok(json!({ "schema": 1, "node": node, "chain": chain }))
    };
    match asked() {
        Ok(status) => format!("{status:#}\n"),
        Err(error) => format!("{:#}\n", json!({ "url": url, "error": error.to_string() })),
    }
}

/// What the node counts that serves metrics at `url`.
pub(super) fn metrics(url: Option<&str>) -> String {
    let Some(url) = url else { return "metrics are not served\n".to_owned() };
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    match address.parse().map_err(anyhow::Error::from).and_then(fetch) {
        Ok(text) => text,
        Err(error) => format!("{url}: {error}; name another by --metrics\n"),
    }
}

fn fetch(address: SocketAddr) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let mut text = String::new();
    stream.take(METRICS_BYTES_MAX).read_to_string(&mut text)?;
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    body.ok_or_else(|| anyhow::anyhow!("it answers something else"))
}

/// The first bytes of a file, as text; nothing where it cannot be read.
fn beginning(path: &Path, bytes_max: u64) -> String {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(bytes_max).read_to_end(&mut bytes));
    read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The last bytes of a file, from the beginning of a line on.
fn end(path: &Path, bytes_max: u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let skipped = length.saturating_sub(bytes_max);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match text.split_once('\n') {
        Some((_, rest)) if skipped > 0 => rest.to_owned(),
        _ => text,
    })
}

/// Seconds since 1970.
fn now() -> u64 {
    UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()
}
