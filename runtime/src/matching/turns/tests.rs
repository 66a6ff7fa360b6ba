//! Claims about turns.

use std::collections::BTreeSet;

use super::*;

fn turns(block: u8) -> Turns {
    Turns::of(Hash([block; 32]), MarketId(1))
}

#[test]
fn about_half_of_all_blocks_draw() {
    let drawn = (0..=255).filter(|block| matches!(turns(*block), Turns::Drawn(_))).count();
    assert!((96..=160).contains(&drawn), "{drawn} of 256");
}

#[test]
fn markets_of_a_block_draw_apart() {
    let all: BTreeSet<_> = (0..64)
        .filter_map(|market| match Turns::of(Hash::ZERO, MarketId(market)) {
            Turns::FromTheBest => None,
            Turns::Drawn(number) => Some(number),
        })
        .collect();
    assert!(all.len() > 16, "{all:?}");
}

#[test]
fn every_one_that_waits_is_drawn_in_some_block() {
    let drawn: BTreeSet<usize> = (0..=255).filter_map(|block| turns(block).next(10)).collect();
    assert_eq!(drawn, (0..10).collect());
    assert_eq!(Turns::Drawn(3).next(0), None);
    assert_eq!(Turns::FromTheBest.next(10), None);
}
