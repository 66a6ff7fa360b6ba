//! Two nodes with one identity: what an authority is that lies, or runs twice by mistake.
//!
//! Each of the two talks to a half of the others alone, so both may vote in one view, for different blocks,
//! and nobody who is honest sees both votes at once. What is sent to one is never heard by the other, unless who sends
//! it runs twice as well.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::Recipients;
use commonware_p2p::simulated::{
    Control, SocketManager, SplitForwarder, SplitOrigin, SplitSender, SplitTarget,
};
use commonware_runtime::Supervisor;
use commonware_runtime::deterministic::Context;

use super::{Member, Repeating, World};
use crate::StartError;
use crate::network::Transport;

/// The network of one of two twins.
struct Halved<F>(PhantomData<F>);

impl<F: SplitForwarder<PublicKey>> Transport for Halved<F> {
    type Sender = SplitSender<PublicKey, Context, F>;
    type Receiver = Repeating;
    type Manager = SocketManager<PublicKey, Context>;
    type Blocker = Control<PublicKey, Context>;
}

impl World {
    /// Starts two nodes as the node of this number, which is not running. The first talks to the nodes
    /// `near`, the second to all others, and both to other `twins`, of whom nobody can tell which is which.
    ///
    /// # Errors
    /// [`StartError`] says what does not fit; then none of the two runs.
    pub async fn start_twins(
        &mut self,
        number: usize,
        (near, twins): (&[usize], &[usize]),
        [first, second]: [Member; 2],
    ) -> Result<(), StartError> {
        assert!(!self.running.contains_key(&number), "node {number} is running");
        let all = (0..self.rules.secrets.len()).filter(|other| *other != number);
        let (near, far): (BTreeSet<usize>, BTreeSet<usize>) =
            all.partition(|other| near.contains(other));
        let keys = |numbers: BTreeSet<usize>| -> Vec<PublicKey> {
            numbers.into_iter().map(|number| self.key(number)).collect()
        };
        let others = keys(twins.iter().copied().filter(|twin| *twin != number).collect());
        let (near, far) = (keys(near), keys(far));
        let halves = ([&near[..], &others].concat(), [&far[..], &others].concat());
        let forward = move |origin: SplitOrigin, to: &Recipients<PublicKey>, _: &_| {
            let half = match origin {
                SplitOrigin::Primary => &halves.0,
                SplitOrigin::Secondary => &halves.1,
            };
            Some(match to {
                Recipients::All => Recipients::Some(half.clone()),
                Recipients::Some(to) => {
                    Recipients::Some(to.iter().filter(|to| half.contains(to)).cloned().collect())
                }
                Recipients::One(to) if half.contains(to) => Recipients::One(to.clone()),
                Recipients::One(_) => return None,
            })
        };
        let context = self.context.child("twins").with_attribute("start", self.starts);
        let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
        for (sender, receiver) in self.channels(number).await {
            let (one, other) = sender.split_with(forward.clone());
            let (near, others) = (near.clone(), others.clone());
            let route = move |(from, _): &(PublicKey, _)| {
                if others.contains(from) {
                    SplitTarget::Both
                } else if near.contains(from) {
                    SplitTarget::Primary
                } else {
                    SplitTarget::Secondary
                }
            };
            let (heard, overheard) = receiver.split_with(context.child("route"), route);
            firsts.push((one, heard));
            seconds.push((other, overheard));
        }
        let mut pair = Vec::new();
        for (name, ends, member) in [("first", firsts, first), ("second", seconds, second)] {
            let ends = ends.try_into().unwrap_or_else(|_| unreachable!("one end a channel"));
            let network = self.network::<Halved<_>>(number, ends);
            let kit = self.kit(number, format!("node-{number}-{name}"), member);
            pair.push(self.launch(kit, network).await?);
        }
        self.running.insert(number, pair);
        Ok(())
    }
}
