//! What the node's process uses of the machine, as Linux tells it. Elsewhere nothing is known of memory and files.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, Timespec, clock_gettime};

use super::{gauge, show};

const KIB: u64 = 1024;

/// What the process uses.
#[derive(Clone, Debug)]
pub(super) struct Process {
    cpu: Counter<f64, std::sync::atomic::AtomicU64>,
    memory: Gauge,
    files: Gauge,
    files_max: Gauge,
}

impl Process {
    /// Also notes when the process started, which is now.
    pub(super) fn new(registry: &mut Registry) -> Self {
        let now: Duration = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started = "When the node started, since 1970";
        show(&gauge(registry, "process_start_time_seconds", started), now.as_secs());
        let cpu = Counter::default();
        let help = "Processor time that the process has had";
        registry.register("process_cpu_seconds", help, cpu.clone());
        let memory = "Memory of the machine that the process holds";
        Self {
            cpu,
            memory: gauge(registry, "process_resident_bytes", memory),
            files: gauge(registry, "process_files", "Files and sockets that are open"),
            files_max: gauge(registry, "process_files_max", "Files and sockets that may be open"),
        }
    }

    /// Looks at the process.
    pub(super) fn look(&self) {
        let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::ProcessCPUTime);
        let cpu = Duration::new(tv_sec.unsigned_abs(), u32::try_from(tv_nsec).unwrap_or_default());
        let so_far = self.cpu.get();
        self.cpu.inc_by((cpu.as_secs_f64() - so_far).max(0.0));
        if let Some(bytes) = resident_bytes() {
            show(&self.memory, bytes);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            // Reading the folder takes one.
            show(&self.files, files.count().saturating_sub(1));
        }
        show(&self.files_max, getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX));
    }
}

fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(KIB)
}
