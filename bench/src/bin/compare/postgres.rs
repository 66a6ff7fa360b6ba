//! A private PostgreSQL: in a temporary folder, on a socket in that folder, with commits synced to disk. It
//! refuses to run as root, so root runs it as another user.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// Where distributions put it, a folder for each version.
const HOME: &str = "/usr/lib/postgresql";
/// Whom root runs it as: the first of these that the system has.
const USERS: [&str; 2] = ["postgres", "nobody"];
/// The name of the socket, which no port is opened for.
const PORT: &str = "5432";
/// What it is told besides its own settings: memory as a server would have, and every commit synced.
const SETTINGS: &str = "-c listen_addresses='' -c shared_buffers=1GB -c max_wal_size=4GB \
    -c synchronous_commit=on -c fsync=on";

const SCHEMA: &str = include_str!("../../../postgres/schema.sql");
const TRANSFER: &str = include_str!("../../../postgres/transfer.sql");

/// The programs of the newest version that is installed.
pub(crate) fn installed() -> Option<PathBuf> {
    let versions = fs::read_dir(HOME).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let with_server = versions.filter(|version| version.join("bin/initdb").exists());
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    with_server.max_by_key(number).map(|version| version.join("bin"))
}

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bench {
    pub(crate) accounts: u32,
    pub(crate) clients: u8,
    pub(crate) seconds: u16,
}

/// A running server. Stopped and gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Postgres {
    programs: PathBuf,
    /// Who runs it, when that is not us.
    user: Option<&'static str>,
    folder: TempDir,
    running: bool,
}

impl Postgres {
    /// Makes a database and serves it.
    pub(crate) fn start(programs: PathBuf) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tally-compare-").tempdir()?;
        fs::write(folder.path().join("schema.sql"), SCHEMA)?;
        fs::write(folder.path().join("transfer.sql"), TRANSFER)?;
        let mut server = Self { programs, user: other_user()?, folder, running: false };
        if let Some(user) = server.user {
            let mut own = Command::new("chown");
            succeed(own.args(["-R", user]).arg(server.folder.path()))?;
        }
        let data = server.data();
        let mut initdb = server.program("initdb");
        succeed(initdb.args(["-A", "trust", "-U", "bench", "-D"]).arg(&data))?;
        let options = format!("{SETTINGS} -p {PORT} -k {}", server.folder.path().display());
        let log = server.folder.path().join("log");
        let mut start = server.program("pg_ctl");
        start.args(["-w", "-o", &options, "-l"]).arg(log).arg("-D").arg(&data).arg("start");
        // Its children keep what it writes to: a pipe would never end.
        let status = start.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
        ensure!(status.success(), "pg_ctl ended with {status}");
        server.running = true;
        Ok(server)
    }

    /// Makes so many accounts, and the function that moves money between two.
    pub(crate) fn fill(&self, accounts: u32) -> Result<()> {
        let mut psql = self.client("psql");
        psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-v", &format!("accounts={accounts}"), "-f"]);
        succeed(psql.arg(self.folder.path().join("schema.sql")).arg("postgres")).map(drop)
    }

    /// Transfers a second.
    pub(crate) fn measure(&self, bench: &Bench) -> Result<f64> {
        let Bench { accounts, clients, seconds } = bench;
        let mut pgbench = self.client("pgbench");
        pgbench.args(["-n", "-M", "prepared", "-j", "2", "-c", &clients.to_string()]);
        pgbench.args(["-T", &seconds.to_string(), "-D", &format!("accounts={accounts}"), "-f"]);
        let output = succeed(pgbench.arg(self.folder.path().join("transfer.sql")).arg("postgres"))?;
        rate(&String::from_utf8_lossy(&output.stdout)).context("pgbench reports no rate")
    }

    /// As `PostgreSQL 15.3`.
    pub(crate) fn version(&self) -> Result<String> {
        let output = succeed(self.program("postgres").arg("--version"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let number = text.split_whitespace().nth(2).unwrap_or("of an unknown version");
        Ok(format!("PostgreSQL {number}"))
    }

    /// Ends the server.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.running = false;
        self.shut_down()
    }

    fn shut_down(&self) -> Result<()> {
        let mut stop = self.program("pg_ctl");
        succeed(stop.args(["-w", "-m", "fast", "-D"]).arg(self.data()).arg("stop")).map(drop)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A client of the server: which, as whom and where.
    fn client(&self, name: &str) -> Command {
        let mut client = self.program(name);
        client.args(["-U", "bench", "-p", PORT, "-h"]).arg(self.folder.path());
        client
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.running {
            // The run has failed already, and says why.
            let _ = self.shut_down();
        }
    }
}

/// Whom to run the server as, when we are root.
fn other_user() -> Result<Option<&'static str>> {
    let us = succeed(Command::new("id").arg("-u"))?;
    if String::from_utf8_lossy(&us.stdout).trim() != "0" {
        return Ok(None);
    }
    let exists = |user: &&&str| succeed(Command::new("id").arg(user)).is_ok();
    let user = USERS.iter().find(exists).context("no user to run PostgreSQL as")?;
    Ok(Some(user))
}

fn succeed(command: &mut Command) -> Result<Output> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command.output().with_context(|| format!("cannot start {name}"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} ended with {}: {error}", output.status);
    Ok(output)
}

/// The number in pgbench's line `tps = NUMBER (without …)`.
fn rate(text: &str) -> Option<f64> {
    let (_, rest) = text.split_once("tps = ")?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_is_read_from_the_report() {
        let text = "latency average = 3.4 ms\ntps = 4601.25 (without initial connection time)\n";
        assert_eq!(rate(text), Some(4_601.25));
        assert_eq!(rate("no report"), None);
    }
}
