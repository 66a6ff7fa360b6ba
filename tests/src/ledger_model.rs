//! A naive ledger of money, holds, channels, withdrawals and refunds, written from the protocol document: lists, linear
//! searches, and a copy of everything to undo a transaction. It knows no orders.

use chain::account::AccountId;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::keys::PublicKey;
use chain::name::Name;
use chain::operation::Operation;
use chain::params::Params;
use chain::signers::Signers;
use chain::transaction::VerifiedTransaction;
use chain::voucher::SignedVoucher;

mod access;
mod returns;

pub use self::access::Agent;
pub use self::returns::{Payment, Withdrawal};

/// What stands in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub id: AccountId,
    /// All its money.
    pub cash: u128,
    /// The part set aside.
    pub held: u128,
    /// Its next nonce.
    pub nonce: u64,
}

/// Money set aside by a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its name.
    pub id: ObjectId,
    /// Whose money.
    pub owner: AccountId,
    /// Who may capture.
    pub beneficiary: AccountId,
    /// How much.
    pub amount: u128,
    /// How much is paid out.
    pub captured: u128,
    /// How much of that came back.
    pub refunded: u128,
    /// Until when.
    pub expires: u64,
}

/// Prepaid money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its name.
    pub id: ObjectId,
    /// Who pays.
    pub payer: AccountId,
    /// Who is paid.
    pub payee: AccountId,
    /// How much at most.
    pub funded: u128,
    /// Who signs vouchers.
    pub key: PublicKey,
    /// How long the payee may answer.
    pub delay: u64,
    /// Sequence and cumulative amount of the best voucher.
    pub best: Option<(u64, u128)>,
    /// Time and height at which it ends.
    pub closing: Option<(u64, u64)>,
}

/// The whole ledger, and where the chain stands.
#[derive(Clone, Debug)]
pub struct Model {
    /// The network's parameters.
    pub params: Params,
    /// Accounts in order of appearance.
    pub accounts: Vec<Account>,
    /// Open holds.
    pub holds: Vec<Hold>,
    /// Open channels.
    pub channels: Vec<Channel>,
    /// Withdrawals that wait.
    pub withdrawals: Vec<Withdrawal>,
    /// What has ended and may still be refunded.
    pub payments: Vec<Payment>,
    /// What accounts are called.
    pub names: Vec<(AccountId, Name)>,
    /// The keys that sign for accounts in place of their own.
    pub signers: Vec<(AccountId, Signers)>,
    /// What was granted to keys.
    pub agents: Vec<Agent>,
    /// References of deposits and withdrawals.
    pub references: Vec<Hash>,
    /// All the money that came.
    pub minted: u128,
    /// All the money that left.
    pub burned: u128,
    /// The running block's height.
    pub height: u64,
    /// The time of its parent.
    pub parent_time: u64,
}

type Code = u16;

impl Model {
    /// The account of `id`, if there is one.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    fn account_mut(&mut self, id: AccountId) -> &mut Account {
        self.accounts.iter_mut().find(|account| account.id == id).expect("it takes part")
    }

    fn available(&self, id: AccountId) -> u128 {
        self.account(id).map_or(0, |account| account.cash - account.held)
    }

    /// Ends what has run out when a block begins.
    pub fn begin_block(&mut self, height: u64, parent_time: u64) {
        (self.height, self.parent_time) = (height, parent_time);
        while let Some(index) = self.holds.iter().position(|hold| hold.expires <= parent_time) {
            self.end_hold(index);
        }
        while let Some(index) = self.withdrawals.iter().position(|it| it.expires <= parent_time) {
            self.end_withdrawal(index);
        }
        self.payments.retain(|payment| payment.until > parent_time);
        self.expire_agents();
        let due = |channel: &Channel| {
            channel.closing.is_some_and(|(time, at)| time <= parent_time && at <= height)
        };
        while let Some(index) = self.channels.iter().position(due) {
            self.end_channel(index);
        }
    }

    /// Applies a transaction: `None` when it does not pass the door; otherwise its fee, and the operation
    /// and code that failed.
    pub fn apply(&mut self, verified: &VerifiedTransaction) -> Option<(u128, Option<(u8, Code)>)> {
        let transaction = verified.transaction();
        let sender = self.account(transaction.sender)?;
        let fees = &self.params.fees;
        let fee = fees.base.base_units()
            + fees.per_byte.base_units() * verified.bytes() as u128
            + fees.per_operation.base_units() * transaction.operations.len() as u128;
        let passes = transaction.nonce.0 == sender.nonce
            && transaction.valid_until.0 >= self.height
            && fee <= transaction.fee_max.base_units()
            && fee <= sender.cash - sender.held;
        let agent = self.actor(verified)?;
        let allowed = agent.is_none_or(|it| self.agent_may(it, &transaction.operations, fee));
        if !passes || !allowed {
            return None;
        }
        let sender = self.account_mut(transaction.sender);
        sender.nonce += 1;
        sender.cash -= fee;
        if let Some(agent) = agent {
            self.agents[agent].spent += fee;
        }
        let before = self.clone();
        for (index, operation) in (0_u8..).zip(&transaction.operations) {
            let id = ObjectId::of_operation(
                transaction.chain,
                transaction.sender,
                transaction.nonce,
                index,
            );
            let available = self.available(transaction.sender);
            let mut applied = self.step(transaction.sender, id, operation);
            if let (Ok(()), Some(agent)) = (applied, agent) {
                let taken = available.saturating_sub(self.available(transaction.sender));
                applied = self.use_up(agent, taken);
            }
            if let Err(code) = applied {
                *self = before;
                return Some((fee, Some((index, code))));
            }
        }
        Some((fee, None))
    }

    /// Pays out what a block took in fees.
    pub fn end_block(&mut self, fees: u128, proposer: AccountId) {
        let share = fees * u128::from(self.params.fees.proposer_bps) / 10_000;
        self.account_mut(proposer).cash += share;
        self.account_mut(self.params.treasury).cash += fees - share;
    }

    fn step(&mut self, sender: AccountId, id: ObjectId, operation: &Operation) -> Result<(), Code> {
        match operation {
            Operation::Transfer { to, amount, .. } => {
                self.transfer(sender, *to, amount.base_units())
            }
            Operation::Deposit { to, amount, reference } => {
                self.deposit(sender, *to, amount.base_units(), *reference)
            }
            Operation::HoldOpen { amount, beneficiary, expires } => self.open_hold(Hold {
                id,
                owner: sender,
                beneficiary: *beneficiary,
                amount: amount.base_units(),
                captured: 0,
                refunded: 0,
                expires: expires.0,
            }),
            Operation::HoldCapture { hold, cumulative } => {
                self.capture(sender, *hold, cumulative.base_units())
            }
            Operation::HoldRelease { hold } => self.release(sender, *hold),
            Operation::ChannelOpen { payee, amount, voucher_key, settle_delay } => self
                .open_channel(Channel {
                    id,
                    payer: sender,
                    payee: *payee,
                    funded: amount.base_units(),
                    key: *voucher_key,
                    delay: settle_delay.0,
                    best: None,
                    closing: None,
                }),
            Operation::VoucherSubmit { voucher } => self.submit(voucher),
            Operation::CloseByPayee { channel } => self.close_by_payee(sender, *channel),
            Operation::CloseByPayer { channel } => self.close_by_payer(sender, *channel),
            Operation::WithdrawRequest { amount, .. } => {
                self.withdraw(sender, id, amount.base_units())
            }
            Operation::WithdrawConfirm { hold, reference } => {
                self.confirm(sender, *hold, *reference)
            }
            Operation::WithdrawReject { hold, .. } => {
                let index = self.answered(sender, *hold)?;
                self.end_withdrawal(index);
                Ok(())
            }
            Operation::Refund { of, amount, .. } => self.refund(sender, *of, amount.base_units()),
            Operation::AccountUpdate { name } => self.rename(sender, *name),
            Operation::KeySet { signers } => self.set_keys(sender, signers),
            Operation::AgentGrant { key, scopes, cap, expires } => self.grant(Agent {
                account: sender,
                key: *key,
                scopes: *scopes,
                cap: cap.base_units(),
                spent: 0,
                expires: expires.0,
            }),
            Operation::AgentRevoke { key } => self.revoke(sender, *key),
            _ => unreachable!("the model is given no orders, contracts, hosts and proposals"),
        }
    }

    fn pay(&mut self, from: AccountId, to: AccountId, amount: u128) {
        self.account_mut(from).cash -= amount;
        self.account_mut(to).cash += amount;
    }

    /// What opening `to` costs whoever opens it.
    fn opening_cost(&self, to: AccountId) -> u128 {
        if self.account(to).is_some() { 0 } else { self.params.deposits.account.base_units() }
    }

    fn open_account(&mut self, to: AccountId, by: AccountId) {
        if self.account(to).is_none() {
            let deposit = self.opening_cost(to);
            self.accounts.push(Account { id: to, cash: 0, held: deposit, nonce: 0 });
            self.pay(by, to, deposit);
        }
    }

    fn transfer(&mut self, sender: AccountId, to: AccountId, amount: u128) -> Result<(), Code> {
        check(amount > 0, 20)?;
        check(to != sender, 21)?;
        check(amount + self.opening_cost(to) <= self.available(sender), 22)?;
        self.open_account(to, sender);
        self.pay(sender, to, amount);
        Ok(())
    }

    fn deposit(
        &mut self,
        sender: AccountId,
        to: AccountId,
        amount: u128,
        reference: Hash,
    ) -> Result<(), Code> {
        check(sender == self.params.cashier, 24)?;
        check(amount > 0, 20)?;
        check(!self.references.contains(&reference), 25)?;
        check(self.opening_cost(to) <= self.available(sender), 22)?;
        self.open_account(to, sender);
        self.references.push(reference);
        self.minted += amount;
        self.account_mut(to).cash += amount;
        Ok(())
    }

    fn open_hold(&mut self, hold: Hold) -> Result<(), Code> {
        check(hold.amount > 0, 20)?;
        check(hold.beneficiary != hold.owner, 21)?;
        check(self.account(hold.beneficiary).is_some(), 23)?;
        check(hold.expires > self.parent_time, 43)?;
        check(hold.expires <= self.parent_time + self.params.hold_span_max.0, 44)?;
        let deposit = self.params.deposits.hold.base_units();
        check(hold.amount + deposit <= self.available(hold.owner), 22)?;
        self.account_mut(hold.owner).held += hold.amount + deposit;
        self.holds.push(hold);
        Ok(())
    }

    fn capture(&mut self, sender: AccountId, id: ObjectId, cumulative: u128) -> Result<(), Code> {
        let index = self.users_hold(id)?;
        let hold = self.holds[index].clone();
        check(sender == hold.beneficiary, 42)?;
        check(cumulative > hold.captured, 47)?;
        check(cumulative <= hold.amount, 48)?;
        let amount = cumulative - hold.captured;
        self.account_mut(hold.owner).held -= amount;
        self.pay(hold.owner, hold.beneficiary, amount);
        self.holds[index].captured = cumulative;
        if cumulative == hold.amount {
            self.end_hold(index);
        }
        Ok(())
    }

    fn release(&mut self, sender: AccountId, id: ObjectId) -> Result<(), Code> {
        let index = self.users_hold(id)?;
        check(sender != self.holds[index].owner, 46)?;
        check(sender == self.holds[index].beneficiary, 42)?;
        self.end_hold(index);
        Ok(())
    }

    fn users_hold(&self, id: ObjectId) -> Result<usize, Code> {
        check(self.withdrawals.iter().all(|withdrawal| withdrawal.id != id), 41)?;
        self.holds.iter().position(|hold| hold.id == id).ok_or(40)
    }

    fn end_hold(&mut self, index: usize) {
        let Hold { id, owner, beneficiary, amount, captured, refunded, .. } =
            self.holds.remove(index);
        let deposit = self.params.deposits.hold.base_units();
        self.account_mut(owner).held -= amount - captured + deposit;
        self.remember(id, (owner, beneficiary), captured, refunded);
    }

    fn open_channel(&mut self, channel: Channel) -> Result<(), Code> {
        check(channel.funded > 0, 20)?;
        check(channel.payee != channel.payer, 21)?;
        check(self.account(channel.payee).is_some(), 23)?;
        check(channel.delay >= self.params.settle_delay_min.0, 93)?;
        check(channel.delay <= self.params.settle_delay_max.0, 94)?;
        let deposit = self.params.deposits.channel.base_units();
        check(channel.funded + deposit <= self.available(channel.payer), 22)?;
        self.account_mut(channel.payer).held += channel.funded + deposit;
        self.channels.push(channel);
        Ok(())
    }

    fn submit(&mut self, signed: &SignedVoucher) -> Result<(), Code> {
        let voucher = signed.voucher;
        check(voucher.chain == self.params.chain, 97)?;
        let channel = self.channels.iter_mut().find(|channel| channel.id == voucher.channel);
        let channel = channel.ok_or(90_u16)?;
        check(signed.key == channel.key, 98)?;
        let (sequence, cumulative) = channel.best.unzip();
        check(sequence.is_none_or(|sequence| voucher.sequence > sequence), 99)?;
        check(voucher.cumulative.base_units() > cumulative.unwrap_or(0), 100)?;
        check(voucher.cumulative.base_units() <= channel.funded, 101)?;
        channel.best = Some((voucher.sequence, voucher.cumulative.base_units()));
        Ok(())
    }

    fn close_by_payee(&mut self, sender: AccountId, id: ObjectId) -> Result<(), Code> {
        let index = self.channels.iter().position(|channel| channel.id == id).ok_or(90_u16)?;
        check(sender == self.channels[index].payee, 91)?;
        self.end_channel(index);
        Ok(())
    }

    fn close_by_payer(&mut self, sender: AccountId, id: ObjectId) -> Result<(), Code> {
        let (height, time) = (self.height + self.params.settle_blocks, self.parent_time);
        let channel = self.channels.iter_mut().find(|channel| channel.id == id).ok_or(90_u16)?;
        check(sender == channel.payer, 92)?;
        check(channel.closing.is_none(), 96)?;
        channel.closing = Some((time + channel.delay, height));
        Ok(())
    }

    fn end_channel(&mut self, index: usize) {
        let channel = self.channels.remove(index);
        let deposit = self.params.deposits.channel.base_units();
        self.account_mut(channel.payer).held -= channel.funded + deposit;
        let paid = channel.best.map_or(0, |(_, cumulative)| cumulative);
        self.pay(channel.payer, channel.payee, paid);
        self.remember(channel.id, (channel.payer, channel.payee), paid, 0);
    }
}

fn check(holds: bool, code: Code) -> Result<(), Code> {
    if holds { Ok(()) } else { Err(code) }
}
