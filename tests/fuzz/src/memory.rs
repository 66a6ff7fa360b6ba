//! What decoding may take: eight bytes of memory for each byte it is given, and 64 KiB. Beyond, the
//! allocation fails and the program ends.

use std::alloc::System;

use cap::Cap;

const PER_BYTE: usize = 8;
const ALWAYS: usize = 64 * 1024;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Decodes an input of so many bytes within its memory.
pub(crate) fn bounded<T>(input_bytes: usize, decode: impl FnOnce() -> T) -> T {
    let most = ALLOCATOR.allocated() + PER_BYTE * input_bytes + ALWAYS;
    ALLOCATOR.set_limit(most).expect("more than what is taken");
    let decoded = decode();
    ALLOCATOR.set_limit(usize::MAX).expect("no limit is above what is taken");
    decoded
}
