//! Claims about codes and names.

use super::Rejection;

const FROZEN: &[(u16, &str)] = &[
    (1, "CHAIN_MISMATCH"),
    (2, "EXPIRED"),
    (3, "EXPIRY_TOO_FAR"),
    (4, "SENDER_UNKNOWN"),
    (5, "SIGNER_NOT_SENDER"),
    (6, "NONCE_TOO_LOW"),
    (7, "NONCE_TOO_HIGH"),
    (8, "FEE_ABOVE_MAX"),
    (9, "FEE_NOT_COVERED"),
    (10, "AGENT_OUT_OF_SCOPE"),
    (11, "AGENT_CAP_EXCEEDED"),
    (20, "AMOUNT_ZERO"),
    (21, "RECIPIENT_IS_SENDER"),
    (22, "BALANCE_TOO_LOW"),
    (23, "RECIPIENT_UNKNOWN"),
    (24, "NOT_CASHIER"),
    (25, "REFERENCE_USED"),
    (26, "SUPPLY_TOO_LARGE"),
    (40, "HOLD_UNKNOWN"),
    (41, "HOLD_BOUND"),
    (42, "NOT_BENEFICIARY"),
    (43, "HOLD_END_PASSED"),
    (44, "HOLD_END_TOO_FAR"),
    (45, "HOLD_EXPIRED"),
    (46, "HOLD_NOT_EXPIRED"),
    (47, "CAPTURE_TOO_LOW"),
    (48, "CAPTURE_TOO_HIGH"),
    (49, "NOT_WITHDRAWAL"),
    (60, "MARKET_UNKNOWN"),
    (61, "QUANTITY_NOT_IN_LOTS"),
    (62, "QUANTITY_TOO_SMALL"),
    (63, "LIMIT_NOT_ON_TICK"),
    (64, "WINDOW_NOT_ON_SLOTS"),
    (65, "WINDOW_TOO_LONG"),
    (66, "WINDOW_TOO_SOON"),
    (67, "WINDOW_TOO_FAR"),
    (68, "ORDER_END_PASSED"),
    (69, "ORDER_END_TOO_FAR"),
    (70, "FILL_TOO_LARGE"),
    (71, "SELLERS_ZERO"),
    (72, "TOO_MANY_ORDERS"),
    (73, "ORDER_UNKNOWN"),
    (74, "NOT_OWNER"),
    (75, "ORDER_UNCHANGED"),
    (76, "QUANTITY_TRADED"),
    (77, "CANCEL_TIME_PASSED"),
    (78, "CANCEL_TIME_TOO_FAR"),
    (79, "CANCEL_TIME_UNSET"),
    (80, "GRADE_UNKNOWN"),
    (81, "ASK_PREFERS"),
    (88, "STRETCH_NOT_ON_TICK"),
    (89, "STRETCH_WITHIN_LIMIT"),
    (90, "CHANNEL_UNKNOWN"),
    (91, "NOT_PAYEE"),
    (92, "NOT_PAYER"),
    (93, "SETTLE_DELAY_TOO_SHORT"),
    (94, "SETTLE_DELAY_TOO_LONG"),
    (95, "VOUCHER_KEY_INVALID"),
    (96, "CHANNEL_CLOSING"),
    (97, "VOUCHER_CHAIN_MISMATCH"),
    (98, "VOUCHER_KEY_MISMATCH"),
    (99, "VOUCHER_SEQUENCE_TOO_LOW"),
    (100, "VOUCHER_AMOUNT_TOO_LOW"),
    (101, "VOUCHER_AMOUNT_TOO_HIGH"),
    (110, "CAPTURE_UNKNOWN"),
    (111, "NOT_PAID"),
    (112, "REFUND_TOO_HIGH"),
    (120, "NAME_TAKEN"),
    (121, "NAME_UNCHANGED"),
    (130, "KEY_INVALID"),
    (131, "KEYS_UNCHANGED"),
    (140, "AGENT_KNOWN"),
    (141, "AGENT_UNKNOWN"),
    (142, "AGENT_END_PASSED"),
    (150, "CONTRACT_UNKNOWN"),
    (151, "NOT_PARTY"),
    (152, "NOT_BUYER"),
    (153, "NOT_SELLER"),
    (154, "CONTRACT_STATE"),
    (155, "CONTRACT_DUE_PASSED"),
    (156, "NOT_INTERRUPTIBLE"),
    (160, "QUOTE_CHAIN_MISMATCH"),
    (161, "QUOTE_NOT_SIGNED"),
    (162, "SELF_TRADE"),
    (163, "NOT_QUOTED"),
    (164, "QUOTE_ENDED"),
    (165, "QUOTE_SPENT"),
    (166, "KIND_NOT_ACCEPTED"),
    (167, "BUYER_SPLITS"),
    (168, "RESALE_NOT_WHOLE"),
    (169, "SELLER_DENIES"),
    (170, "SELLER_USES"),
    (171, "AGREEMENT_MISMATCH"),
    (172, "RESALE_BROKER"),
    (180, "HOST_UNKNOWN"),
    (181, "NOT_HOST_OWNER"),
    (182, "ATTRIBUTE_UNKNOWN"),
    (183, "ATTRIBUTE_MISMATCH"),
    (184, "EVIDENCE_TOO_GOOD"),
    (185, "ATTRIBUTE_END_PASSED"),
    (186, "HOST_UNCHANGED"),
    (187, "POOL_UNKNOWN"),
    (188, "POOL_UNCHANGED"),
    (189, "CAPACITY_SOLD"),
    (190, "POOL_IN_USE"),
    (191, "TOO_MANY_BLACKOUTS"),
    (192, "ASK_REQUIRES"),
    (200, "STANDING_UNKNOWN"),
    (201, "STANDING_DAY"),
    (202, "STANDING_END"),
    (203, "STANDING_HORIZON"),
    (204, "STANDING_BUDGET"),
    (205, "STANDING_UNCHANGED"),
    (206, "BUDGET_EXCEEDED"),
    (210, "NOT_AUTHORITY"),
    (211, "MARKET_UNSOUND"),
    (212, "MARKET_NAME_TAKEN"),
    (213, "TOO_MANY_MARKETS"),
    (214, "MARKET_UNCHANGED"),
    (215, "PROPOSAL_UNKNOWN"),
    (216, "PROPOSAL_DECIDED"),
    (217, "APPROVED_ALREADY"),
    (218, "MARKET_CLOSED"),
    (219, "CHANGE_MISMATCH"),
    (220, "PARAM_UNSOUND"),
    (221, "PARAM_MISMATCH"),
    (222, "PARAM_UNCHANGED"),
    (223, "AUTHORITY_KNOWN"),
    (224, "AUTHORITY_UNKNOWN"),
    (225, "AUTHORITY_UNPROVEN"),
    (226, "AUTHORITIES_EMPTY"),
    (227, "TOO_MANY_AUTHORITIES"),
    (228, "TOO_MANY_NEW_AUTHORITIES"),
    (229, "ACCOUNT_UNKNOWN"),
    (230, "OFFICE_UNCHANGED"),
    (231, "ACCOUNT_FROZEN"),
    (232, "FREEZE_UNCHANGED"),
    (233, "ACCOUNT_IN_OFFICE"),
    (234, "VERSION_NOT_NEXT"),
    (235, "UPGRADE_HEIGHT"),
    (236, "UPGRADE_UNCHANGED"),
    (237, "ADDRESS_UNREACHABLE"),
    (238, "ADDRESS_UNCHANGED"),
];

#[test]
fn codes_rise_and_lead_back() {
    assert!(Rejection::ALL.is_sorted_by(|a, b| a.code() < b.code()));
    for rejection in Rejection::ALL {
        assert_eq!(Rejection::from_code(rejection.code()), Some(*rejection));
    }
    for code in [0, 12, 19, 27, 59, u16::MAX] {
        assert_eq!(Rejection::from_code(code), None, "{code}");
    }
}

#[test]
fn names_are_the_variants_in_capitals() {
    for rejection in Rejection::ALL {
        let mut name = String::new();
        for letter in format!("{rejection:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_uppercase());
        }
        assert_eq!(rejection.name(), name);
    }
}

#[test]
fn codes_never_change_their_meaning() {
    let actual = Rejection::ALL.iter().map(|it| (it.code(), it.name()));
    assert!(actual.eq(FROZEN.iter().copied()), "a changed code is a changed protocol");
}

#[test]
fn every_reason_is_met_by_a_test() {
    let tests = [
        include_str!("../transaction/tests.rs"),
        include_str!("../rules/transfer/tests.rs"),
        include_str!("../rules/deposit/tests.rs"),
        include_str!("../rules/hold/tests.rs"),
        include_str!("../rules/channel/tests.rs"),
        include_str!("../rules/voucher/tests.rs"),
        include_str!("../rules/withdrawal/tests.rs"),
        include_str!("../rules/refund/tests.rs"),
        include_str!("../rules/name/tests.rs"),
        include_str!("../rules/keys/tests.rs"),
        include_str!("../rules/agent/tests.rs"),
        include_str!("../rules/contract/tests.rs"),
        include_str!("../rules/contract/tests/reclaim.rs"),
        include_str!("../rules/quote/tests.rs"),
        include_str!("../rules/host/tests.rs"),
        include_str!("../rules/pool/tests.rs"),
        include_str!("../rules/quote/tests/resell.rs"),
        include_str!("../rules/proposal/tests.rs"),
        include_str!("../rules/proposal/network/tests.rs"),
        include_str!("../rules/authority/tests.rs"),
        include_str!("../rules/freeze/tests.rs"),
    ];
    // Orders and standing orders are tried against the refusals of a whole market, where the markets' tests are.
    let elsewhere = |code| (60..90).contains(&code) || (200..210).contains(&code);
    for rejection in Rejection::ALL.iter().filter(|it| !elsewhere(it.code())) {
        let (name, variant) = (rejection.name(), format!("Rejection::{rejection:?}"));
        let met = tests.iter().any(|text| text.contains(name) || text.contains(&variant));
        assert!(met, "{name}");
    }
}
