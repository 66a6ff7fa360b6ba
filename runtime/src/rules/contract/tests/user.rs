//! Who uses what a buyer pays for.

use super::*;

#[test]
fn user_acts_besides_the_buyer_who_pays() {
    let user = |name| Conditions { user: Some(account(name)), ..Conditions::default() };
    let mut scene = Scene::matched_on("", &user("carol"), &Conditions::default());
    assert_eq!(scene.act("treasury", staged()), Some(Rejection::NotParty));
    assert_eq!(scene.act("carol", ready()), Some(Rejection::NotSeller));
    assert_eq!(scene.act("carol", staged()), None);
    assert_eq!(scene.act("bob", ready()), None);
    for time in [100, 101, 150, 151] {
        scene.at(time);
    }
    assert_eq!(scene.act("carol", accept()), None);
    let cash = ["alice", "bob", "carol"].map(|name| scene.ledger.account(name).unwrap().cash);
    assert_eq!(cash.map(|it| it.base_units()), [8_000, 2_000, 0]);
    // A seller who is named acts as what it is.
    let mut scene = Scene::matched_on("", &user("bob"), &Conditions::default());
    assert_eq!(scene.act("bob", staged()), Some(Rejection::NotBuyer));
}
