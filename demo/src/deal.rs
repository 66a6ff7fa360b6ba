//! What the members do in their contracts: stage, get ready, post a result, sign off.
//!
//! Nothing is computed and nobody can be reached: the digests are of words, and what would be sealed is left
//! out.

use anyhow::{Context, Result, ensure};
use chain::contract::{ContractAct, Delivery, Extent, Staged, Verdict};
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::operation::Operation;
use chain::sealed::Sealed;
use rpc::methods::ContractList;
use rpc::text::Text;
use rpc::types::{ContractStateView, ContractView, Limit};
use tokio::time::{Duration, sleep};

use crate::play::{Member, Stage};
use crate::screen;

/// Steps from one state to the next that are taken without a pause: no contract has more in a row.
const STEPS_MAX: usize = 4;
/// How often the members look before they give up on a contract that does not close.
const LOOKS_MAX: usize = 300;

impl Stage {
    /// Every member does what is its turn in its contracts.
    pub(crate) async fn attend(&self) -> Result<()> {
        for _ in 0..STEPS_MAX {
            let mut acted = false;
            for contract in self.open_contracts().await? {
                acted |= self.step(&contract).await?;
            }
            if !acted {
                break;
            }
        }
        Ok(())
    }

    /// The same until no contract is open.
    pub(crate) async fn attend_to_the_end(&self) -> Result<()> {
        for _ in 0..LOOKS_MAX {
            self.attend().await?;
            if self.open_contracts().await?.is_empty() {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        ensure!(self.open_contracts().await?.is_empty(), "a contract does not close");
        Ok(())
    }

    /// The open contracts, each once: as those of their buyers.
    async fn open_contracts(&self) -> Result<Vec<ContractView>> {
        let mut open = Vec::new();
        for member in &self.members {
            let account = Text(member.address);
            let mut cursor = None;
            loop {
                let list = ContractList {
                    account,
                    market: None,
                    role: None,
                    state: None,
                    cursor,
                    limit: Limit::default(),
                };
                let page = self.client.call(list).await?;
                open.extend(page.items.into_iter().filter(|contract| contract.buyer == account));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
        }
        Ok(open)
    }

    /// Does what is somebody's turn in a contract. False when it is nobody's.
    async fn step(&self, contract: &ContractView) -> Result<bool> {
        let (buyer, seller) = (self.member_at(contract.buyer)?, self.member_at(contract.seller)?);
        let location = Sealed::default();
        let digest = |what: &str| wallet::compose::reference(&format!("{what} of {}", buyer.name));
        let (member, act, words) = match contract.state {
            ContractStateView::Matched => {
                let digests: Vec<Hash> = vec![digest("code"), digest("data")];
                let act = ContractAct::StageReady(Staged { digests, location });
                (buyer, act, format!("has code and data ready for {}", seller.name))
            }
            ContractStateView::Staging => {
                let act = ContractAct::HostReady { fingerprint: digest("code") };
                (seller, act, format!("is ready to run them for {}", buyer.name))
            }
            ContractStateView::Ended => {
                let delivery =
                    Delivery { digest: digest("result"), location, extent: Extent::Whole };
                (
                    seller,
                    ContractAct::ResultPost(delivery),
                    format!("posts {}'s result", buyer.name),
                )
            }
            ContractStateView::SignOff => {
                let act = ContractAct::SignOff { verdict: Verdict::Accept };
                (buyer, act, format!("accepts it, and {} is paid in full", seller.name))
            }
            ContractStateView::Ready
            | ContractStateView::Active
            | ContractStateView::Reclaiming
            | ContractStateView::Disputed
            | ContractStateView::Closed => return Ok(false),
        };
        self.act(member, contract.contract.0, act).await?;
        screen::step(&format!("{} {words}", member.name));
        Ok(true)
    }

    async fn act(&self, member: &Member, contract: ObjectId, act: ContractAct) -> Result<()> {
        let operations = vec![Operation::Contract { contract, act }];
        self.done(&member.key, operations).await.context("a contract")?;
        Ok(())
    }
}
