//! Turns: how many calls run at once, and whose runs next. An address has half of them at most, and
//! addresses take turns: whoever has many calls waiting delays its own.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::oneshot;

/// Gives out so many turns at once.
pub(super) struct Turns(Mutex<State>);

struct State {
    free: usize,
    of_one_max: usize,
    /// Addresses that have turns or wait for them.
    callers: BTreeMap<IpAddr, Caller>,
    /// Addresses that wait and may have a turn, the next one first.
    line: VecDeque<IpAddr>,
}

#[derive(Default)]
struct Caller {
    turns: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// Leave to run, until it is dropped.
pub(super) struct Turn {
    turns: Arc<Turns>,
    address: IpAddr,
}

impl Turns {
    /// So many turns at once, which are at least two.
    pub(super) fn new(count: usize) -> Arc<Self> {
        let count = count.max(2);
        let (callers, line) = (BTreeMap::new(), VecDeque::new());
        Arc::new(Self(Mutex::new(State { free: count, of_one_max: count / 2, callers, line })))
    }

    /// Waits for a turn of `address`.
    pub(super) async fn take(self: &Arc<Self>, address: IpAddr) -> Turn {
        let (ready, turn) = oneshot::channel();
        self.state().join(address, ready);
        self.give();
        turn.await.expect("whoever waits is given a turn")
    }

    /// Gives out what turns there are.
    fn give(self: &Arc<Self>) {
        // Not in the loop's head, where the lock would be held while a turn is given.
        let next = || self.state().next();
        while let Some((address, ready)) = next() {
            // Whoever waits no more drops it, and so gives it back.
            drop(ready.send(Turn { turns: Arc::clone(self), address }));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds the turns")
    }
}

impl State {
    fn join(&mut self, address: IpAddr, ready: oneshot::Sender<Turn>) {
        let caller = self.callers.entry(address).or_default();
        caller.waiting.push_back(ready);
        if caller.waiting.len() == 1 && caller.turns < self.of_one_max {
            self.line.push_back(address);
        }
    }

    /// Whoever is next, if a turn is free.
    fn next(&mut self) -> Option<(IpAddr, oneshot::Sender<Turn>)> {
        if self.free == 0 {
            return None;
        }
        let address = self.line.pop_front()?;
        let caller = self.callers.get_mut(&address)?;
        let ready = caller.waiting.pop_front()?;
        self.free -= 1;
        caller.turns += 1;
        if !caller.waiting.is_empty() && caller.turns < self.of_one_max {
            self.line.push_back(address);
        }
        Some((address, ready))
    }

    fn give_back(&mut self, address: IpAddr) {
        self.free += 1;
        let Some(caller) = self.callers.get_mut(&address) else { return };
        if caller.turns == self.of_one_max && !caller.waiting.is_empty() {
            self.line.push_back(address);
        }
        caller.turns -= 1;
        if caller.turns == 0 && caller.waiting.is_empty() {
            self.callers.remove(&address);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.state().give_back(self.address);
        self.turns.give();
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn address(number: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, number])
    }

    type Waiting = Pin<Box<dyn Future<Output = Turn>>>;

    fn ask(turns: &Arc<Turns>, number: u8) -> Waiting {
        let turns = Arc::clone(turns);
        let mut waiting: Waiting = Box::pin(async move { turns.take(address(number)).await });
        assert!(poll(&mut waiting).is_none());
        waiting
    }

    fn poll(waiting: &mut Waiting) -> Option<Turn> {
        match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    fn take(turns: &Arc<Turns>, number: u8) -> Option<Turn> {
        let turns = Arc::clone(turns);
        poll(&mut (Box::pin(async move { turns.take(address(number)).await }) as Waiting))
    }

    #[test]
    fn half_of_the_turns_are_left_to_others() {
        let turns = Turns::new(4);
        let held = [take(&turns, 1), take(&turns, 1)];
        assert!(held.iter().all(Option::is_some));
        let mut third = ask(&turns, 1);
        let other = take(&turns, 2);
        assert!(other.is_some() && poll(&mut third).is_none());
        drop(held);
        assert!(poll(&mut third).is_some());
    }

    #[test]
    fn addresses_take_turns_however_many_calls_each_has_waiting() {
        let turns = Turns::new(2);
        let (one, two) = (take(&turns, 1), take(&turns, 2));
        let mut many: Vec<Waiting> = (0..5).map(|_| ask(&turns, 1)).collect();
        let mut few = ask(&turns, 3);
        drop(two);
        let third = poll(&mut few);
        assert!(third.is_some() && many.iter_mut().all(|waiting| poll(waiting).is_none()));
        drop(one);
        let running = poll(&mut many[0]);
        assert!(running.is_some() && many[1..].iter_mut().all(|waiting| poll(waiting).is_none()));
    }

    #[test]
    fn turn_of_one_who_left_goes_to_the_next() {
        let turns = Turns::new(2);
        let (one, two) = (take(&turns, 1), take(&turns, 2));
        let gone: Vec<Waiting> = (0..300).map(|_| ask(&turns, 1)).collect();
        let mut stays = ask(&turns, 1);
        drop(gone);
        assert!(poll(&mut stays).is_none());
        drop(one);
        let last = poll(&mut stays);
        assert!(last.is_some());
        drop((last, two));
        assert!(turns.state().callers.is_empty() && turns.state().line.is_empty());
        assert_eq!(turns.state().free, 2);
    }
}
