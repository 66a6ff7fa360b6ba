//! Random insertions, inclusions and expiries: the mempool agrees with a list that is searched from end
//! to end.

use super::*;

const STEPS: usize = 3_000;
const SENDERS: u8 = 3;

/// A splitmix64 generator.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % bound
    }
}

#[derive(Default)]
struct Model {
    /// Sender, nonce, id, last height.
    waiting: Vec<(u8, u64, Hash, u64)>,
}

impl Model {
    fn insert(
        &mut self,
        sender: u8,
        signed: &SignedTransaction,
        account: u64,
    ) -> Result<(), InsertError> {
        let (nonce, id) = (signed.transaction.nonce.0, signed.transaction.id());
        if self.waiting.iter().any(|it| it.2 == id) {
            return Err(InsertError::Known);
        }
        if self.waiting.iter().any(|it| (it.0, it.1) == (sender, nonce)) {
            return Err(InsertError::NonceTaken(Nonce(nonce)));
        }
        if self.waiting.iter().filter(|it| it.0 == sender).count() >= 64 || nonce - account >= 64 {
            return Err(InsertError::SenderFull);
        }
        self.waiting.push((sender, nonce, id, signed.transaction.valid_until.0));
        Ok(())
    }

    fn next_nonce(&self, sender: u8, account: u64) -> u64 {
        let waits = |nonce: &u64| self.waiting.iter().any(|it| (it.0, it.1) == (sender, *nonce));
        (account..).take_while(waits).count() as u64 + account
    }

    /// What settles at `height` with the transaction `included`; what waits behind an expired one goes.
    fn settle(&mut self, height: u64, included: Option<(u8, u64)>) {
        if let Some((sender, nonce)) = included {
            self.waiting.retain(|it| it.0 != sender || it.1 > nonce);
        }
        let over: Vec<_> = self.waiting.iter().filter(|it| it.3 <= height).copied().collect();
        self.waiting.retain(|it| !over.iter().any(|gone| gone.0 == it.0 && gone.1 <= it.1));
    }
}

#[test]
fn random_nonces_are_taken_and_refused_as_by_a_plain_list() {
    let (mut mempool, mut model, mut random) = (Mempool::default(), Model::default(), Random(1));
    let mut accounts = [0_u64; SENDERS as usize + 1];
    let (mut height, mut taken) = (0, 0);
    for step in 0..STEPS {
        let sender = 1 + u8::try_from(random.below(SENDERS.into())).unwrap();
        let at = accounts[usize::from(sender)];
        if random.below(12) == 0 {
            height += 1;
            let next = model.waiting.iter().any(|it| (it.0, it.1) == (sender, at));
            let included = next.then(|| mempool.waiting(&id_of(&model, sender, at)).unwrap());
            let included = included.map(|it| it.signed().clone());
            mempool.settle(Height(height), included.iter());
            model.settle(height, next.then_some((sender, at)));
            accounts[usize::from(sender)] += u64::from(next);
        } else {
            let ahead = *[0, 1, 2, 40, 62, 63, 64, 65, 1 << 40].get(step % 9).unwrap();
            let mut asked =
                transaction(sender, at + ahead.min(random.below(ahead + 1) + ahead / 2));
            asked.valid_until = Height(height + 1 + random.below(60));
            let signed = asked.sign(&key(sender));
            let expected = model.insert(sender, &signed, at);
            taken += usize::from(expected.is_ok());
            let inserted = mempool.insert(verified(signed), Nonce(at));
            assert_eq!(inserted, expected, "step {step}");
        }
        assert_eq!(mempool.len(), model.waiting.len(), "step {step}");
        for sender in 1..=SENDERS {
            let at = accounts[usize::from(sender)];
            let next = mempool.next_nonce(&account(sender), Nonce(at));
            assert_eq!(next, Nonce(model.next_nonce(sender, at)), "step {step}");
        }
    }
    assert!(taken > STEPS / 4, "only {taken} were taken");
}

fn id_of(model: &Model, sender: u8, nonce: u64) -> Hash {
    model.waiting.iter().find(|it| (it.0, it.1) == (sender, nonce)).unwrap().2
}

#[test]
fn last_nonce_of_all_can_be_waited_with_and_none_after_it() {
    let mut mempool = Mempool::default();
    let last = verified(transfer(1, u64::MAX));
    let id = last.id();
    assert_eq!(mempool.insert(Arc::clone(&last), Nonce(0)), Err(InsertError::SenderFull));
    mempool.insert(last, Nonce(u64::MAX - 1)).unwrap();
    mempool.insert(verified(transfer(1, u64::MAX - 1)), Nonce(u64::MAX - 1)).unwrap();
    let offered = mempool.candidates(|_| Nonce(u64::MAX - 1)).count();
    assert_eq!(offered, 2);
    assert_eq!(mempool.next_nonce(&account(1), Nonce(u64::MAX - 1)), Nonce(u64::MAX));
    mempool.settle(Height(1), [&transfer(1, u64::MAX - 1)]);
    assert!(mempool.waiting(&id).is_some());
}
