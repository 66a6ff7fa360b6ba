//! Who votes: our key, and the scheme that verifies the certificates of each epoch.
//!
//! Schemes of past epochs are kept, because certificates of any height may still be fetched.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use chain::account::AccountId;
use chain::authority::{Authority, AuthorityKey, AuthoritySignature};
use chain::authority_set::CLAIM;
pub(crate) use chain::certificate::namespace;
use chain::hash::Hash;
use commonware_codec::{Copying, DecodeExt};
use commonware_consensus::types::Epoch;
use commonware_cryptography::Signer;
use commonware_cryptography::certificate::{Provider, Scheme as _, Scoped};
use commonware_cryptography::ed25519::{PrivateKey, PublicKey};
use commonware_utils::ordered::Set;
use zeroize::Zeroizing;

/// How the engine signs and verifies: ed25519, one signature an authority.
pub(crate) type Scheme = commonware_consensus::simplex::scheme::ed25519::Scheme;

/// An authority's ed25519 secret, 32 bytes. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct AuthoritySecret(Zeroizing<[u8; 32]>);

impl AuthoritySecret {
    /// The secret of these bytes, which should be random.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key that everybody knows it by.
    pub fn key(&self) -> AuthorityKey {
        name(&self.signer().public_key())
    }

    /// The key's signature on [`AuthorityKey::claim`]: whoever names it for a vote shows that somebody has it.
    pub fn prove(
        &self,
        (chain, account): (Hash, &AccountId),
        replaces: Option<AuthorityKey>,
    ) -> AuthoritySignature {
        let claim = AuthorityKey::claim(chain, account, replaces);
        let signature = self.signer().sign(CLAIM, claim.as_bytes());
        let bytes = signature.as_ref().try_into().expect("an ed25519 signature has 64 bytes");
        AuthoritySignature(bytes)
    }

    pub(crate) fn signer(&self) -> PrivateKey {
        PrivateKey::decode(Copying(self.0.as_slice())).expect("any 32 bytes are an ed25519 secret")
    }
}

impl fmt::Debug for AuthoritySecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AuthoritySecret(..)")
    }
}

/// The chain's name for a key of the engine.
pub(crate) fn name(key: &PublicKey) -> AuthorityKey {
    AuthorityKey(key.as_ref().try_into().expect("an ed25519 key has 32 bytes"))
}

/// The engine's form of a key; `None` when the bytes are no point of the curve.
pub(crate) fn point(key: &AuthorityKey) -> Option<PublicKey> {
    PublicKey::decode(Copying(&key.0)).ok()
}

/// The voting keys of `authorities`, in order; `None` when one is no key, or there is none.
pub(crate) fn voters(authorities: &[Authority]) -> Option<Set<PublicKey>> {
    let keys = authorities.iter().map(|authority| point(&authority.key));
    let keys = Set::from_iter_dedup(keys.collect::<Option<Vec<_>>>()?);
    (!keys.is_empty()).then_some(keys)
}

/// The authorities of every epoch so far. Clones share them.
#[derive(Clone)]
pub(crate) struct Committees {
    signer: PrivateKey,
    namespace: Arc<[u8]>,
    schemes: Arc<RwLock<BTreeMap<Epoch, Arc<Scheme>>>>,
}

impl Committees {
    /// No epochs yet; `signer` votes in those whose set names it.
    pub(crate) fn new(signer: PrivateKey, chain: Hash) -> Self {
        Self { signer, namespace: namespace(chain).into(), schemes: Arc::default() }
    }

    /// Says who votes in `epoch`. An epoch with the set of the one before shares its scheme.
    pub(crate) fn register(&self, epoch: Epoch, voters: Set<PublicKey>) {
        let mut schemes = self.schemes.write().unwrap_or_else(PoisonError::into_inner);
        let before = epoch.previous().and_then(|before| schemes.get(&before));
        let scheme = match before.filter(|scheme| scheme.participants() == &voters) {
            Some(scheme) => Arc::clone(scheme),
            None => Arc::new(self.scheme_of(voters)),
        };
        schemes.insert(epoch, scheme);
    }

    /// The scheme of `epoch`; `None` before it is registered.
    pub(crate) fn of(&self, epoch: Epoch) -> Option<Arc<Scheme>> {
        let schemes = self.schemes.read().unwrap_or_else(PoisonError::into_inner);
        schemes.get(&epoch).map(Arc::clone)
    }

    fn scheme_of(&self, voters: Set<PublicKey>) -> Scheme {
        Scheme::signer(&self.namespace, voters.clone(), self.signer.clone())
            .unwrap_or_else(|| Scheme::verifier(&self.namespace, voters))
    }
}

impl Provider for Committees {
    type Scope = Epoch;
    type Scheme = Scheme;

    fn scoped(&self, epoch: Epoch) -> Option<Scoped<Scheme>> {
        self.of(epoch).map(Scoped::scheme)
    }
}
