//! Files that a person gives to a program: a genesis, a key file.

use std::str;

use genesis::Spec;
use runtime::invariants;
use runtime::state::State;
use wallet::keystore::KeyFile;

/// A genesis that was read is written and read again as itself; and if it is valid, its first
/// state is sound.
pub(crate) fn genesis(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(spec) = Spec::from_toml(text) else { return };
    // A number above the largest of TOML cannot have come from a file.
    let written = spec.to_toml().expect("what came from TOML goes into TOML");
    assert_eq!(Spec::from_toml(&written).ok().as_ref(), Some(&spec));
    if let Ok(genesis) = spec.genesis() {
        let state = State::from_objects(genesis.initial_state());
        assert_eq!(invariants::check(&state), Ok(()), "{text}");
        assert_eq!(genesis.block().header.chain, genesis.hash());
    }
}

/// A key file that was read is written as itself. Opening it is left out: it costs what it says.
pub(crate) fn keystore(bytes: &[u8]) {
    let Ok(file) = KeyFile::from_bytes(bytes) else { return };
    let written = file.to_bytes();
    let again = KeyFile::from_bytes(&written).expect("what was written is a key file");
    assert_eq!(again.to_bytes(), written);
}
