//! Where calls run: on threads as important as any other, until their address has used up its processor time for
//! this second; then on threads that stand behind all others. So whoever asks for costly answers waits for
//! them, and keeps nobody else waiting.

use std::io;
use std::sync::Arc;

use rustix::process::setpriority_process;
use rustix::time::{ClockId, Timespec, clock_gettime};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::{JoinError, spawn_blocking};

use super::meter::Allowance;

/// How little the threads behind all others count, as the system counts it.
const NICENESS: i32 = 15;

/// The threads that run calls.
pub(super) struct Threads {
    /// Behind all others. Taken out when it ends.
    behind: Option<Runtime>,
}

impl Threads {
    /// Starts none yet: they start when they are needed, so many at most that run behind all others.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn new(behind_max: usize) -> io::Result<Self> {
        let behind = Builder::new_current_thread()
            .max_blocking_threads(behind_max)
            .thread_name("rpc-behind")
            .on_thread_start(|| {
                if let Err(error) = setpriority_process(None, NICENESS) {
                    tracing::warn!(%error, "costly calls are as important as any other");
                }
            })
            .build()?;
        Ok(Self { behind: Some(behind) })
    }

    /// Runs `work`, and charges the processor time that it takes to `allowance`.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        allowance: &Arc<Allowance>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let charged = Arc::clone(allowance);
        let work = move || {
            let before = micros_of_this_thread();
            let done = work();
            charged.effort.charge(micros_of_this_thread().saturating_sub(before));
            done
        };
        match (&self.behind, allowance.effort.debt()) {
            (Some(behind), Some(_)) => behind.spawn_blocking(work).await,
            (_, None) | (None, _) => spawn_blocking(work).await,
        }
    }

    /// The same for work that waits for other work. It ends with what is returned.
    pub(super) async fn drive<T: Send + 'static>(
        &self,
        allowance: &Arc<Allowance>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        let runtime = Handle::current();
        let (wanted, mut unwanted) = oneshot::channel::<()>();
        let work = async move {
            tokio::select! {
                biased;
                _ = &mut unwanted => None,
                done = work => Some(done),
            }
        };
        let done = self.run(allowance, move || runtime.block_on(work)).await?;
        drop(wanted);
        Ok(done.expect("it was wanted until it was done"))
    }
}

/// Processor time that this thread has had.
fn micros_of_this_thread() -> usize {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::ThreadCPUTime);
    let micros = tv_sec.saturating_mul(1_000_000).saturating_add(tv_nsec / 1_000);
    usize::try_from(micros).unwrap_or(usize::MAX)
}

impl Drop for Threads {
    fn drop(&mut self) {
        // A call that has not returned is left running, as on other threads.
        if let Some(behind) = self.behind.take() {
            behind.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::thread;
    use std::time::Instant;

    use rustix::process::getpriority_process;

    use super::super::meter::Rates;
    use super::*;

    /// How little the thread counts that a call runs on.
    async fn niceness(threads: &Threads, allowance: &Arc<Allowance>) -> i32 {
        threads.run(allowance, || getpriority_process(None).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn calls_of_who_used_up_its_time_run_behind_those_of_others() {
        let threads = Threads::new(2).unwrap();
        let rates = Rates { connections: 1, bytes: 1, effort: 1_000_000_000 };
        let [costly, modest] = [(); 2].map(|()| Arc::new(Allowance::new(rates, Instant::now())));
        let usual = niceness(&threads, &costly).await;
        costly.effort.charge(1_000_000_000_000);
        assert!(usual < NICENESS);
        assert_eq!(niceness(&threads, &costly).await, NICENESS);
        assert_eq!(threads.drive(&costly, async { 7 }).await.unwrap(), 7);
        assert_eq!(niceness(&threads, &modest).await, usual);
    }

    #[tokio::test]
    async fn time_that_a_call_computes_is_charged_and_time_that_it_sleeps_is_not() {
        let threads = Threads::new(1).unwrap();
        let allowance = Arc::new(Allowance::new(
            Rates { connections: 1, bytes: 1, effort: 1_000 },
            Instant::now(),
        ));
        threads
            .run(&allowance, || thread::sleep(std::time::Duration::from_millis(20)))
            .await
            .unwrap();
        assert_eq!(allowance.effort.debt(), None);
        let compute = || {
            let before = micros_of_this_thread();
            while micros_of_this_thread() < before + 100_000 {
                black_box(0);
            }
        };
        threads.run(&allowance, compute).await.unwrap();
        assert!(allowance.effort.debt().is_some());
    }
}
