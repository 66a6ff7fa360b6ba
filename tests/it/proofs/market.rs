//! A market's match is worked out again from what a node shows of it, and from nothing that it made up.

use super::*;

/// A stage on which a bid has just traded with one of two asks. Also says at which height.
fn traded() -> (Stage, String) {
    let stage = Stage::new();
    let ask = |price: &str| {
        let window = ["--quantity", "100", "--start", "+2slots", "--slots", "24"];
        let order = ["order", "place", "ask", "cpu", "--price", price, "--key", "alice", "--yes"];
        stage.wallet.ok(&[&order[..], &window].concat());
    };
    ask("40utly");
    ask("90utly");
    let window = ["--quantity", "100", "--start", "+6slots", "--slots", "6", "--ioc"];
    let bid = ["order", "place", "bid", "cpu", "--price", "50utly", "--key", "bob", "--yes"];
    let placed = stage.wallet.ok(&[&bid[..], &window].concat());
    let height = placed["height"].as_u64().expect("the height of its block").to_string();
    (stage, height)
}

#[test]
fn match_is_worked_out_again_at_its_height_and_at_the_tip() {
    let (stage, height) = traded();
    let proven = stage.honest(&["market", "verify", "cpu", "--height", &height]);
    assert_eq!((&proven["bids"], &proven["asks"]), (&json!(1), &json!(2)));
    let cell = &proven["cells"][0];
    assert_eq!((&cell["price"], &cell["quantity"]), (&json!("45"), &json!(100)));
    assert_eq!(cell["trades"][0]["total"], "27000");
    assert_eq!(proven["ended"][0]["reason"], "filled");
    assert_eq!(proven["proof"]["height"].as_u64().unwrap().to_string(), height);

    stage.wallet.ok(&["send", &stage.bob, "1TLY", "--key", "alice", "--yes"]);
    let now = stage.honest(&["market", "verify", "cpu"]);
    assert_eq!((&now["bids"], &now["asks"]), (&json!(0), &json!(2)));
    assert_eq!(now["cells"], json!([]));
    let other = stage.honest(&["market", "verify", "gpu", "--height", &height]);
    assert_eq!((&other["asks"], &other["cells"]), (&json!(0), &json!([])));
}

#[test]
fn height_that_the_node_does_not_keep_is_refused_with_those_it_does() {
    let mut stage = Stage::new();
    let refused = |stage: &Stage, height: &str| {
        let given = ["market", "verify", "cpu", "--height", height];
        let answer = stage.verify(&stage.node.rpc, &given);
        assert_eq!(answer.error(), "HEIGHT_UNAVAILABLE", "{}", answer.json);
        answer.json["error"]["data"].clone()
    };
    assert_eq!(refused(&stage, "0")["first"], 1);
    assert_eq!(refused(&stage, "1000000")["first"], 1);
    stage.node.kill();
    stage.node.restart();
    assert!(refused(&stage, "1")["first"].as_u64().unwrap() > 10);
    let answer = stage.verify(&stage.node.rpc, &["market", "verify", "hay"]);
    assert_eq!(answer.error(), "MARKET_UNKNOWN");
}

#[test]
fn every_text_of_what_shows_a_match_counts() {
    let (stage, height) = traded();
    every_text_counts(&stage, &["market", "verify", "cpu", "--height", &height], 30);
}

#[test]
fn match_of_which_a_node_leaves_something_out_is_refused() {
    let (stage, height) = traded();
    let arguments = ["market", "verify", "cpu", "--height", &height];
    let lies: [(&str, Lie); 5] = [
        ("an item", |result| {
            result["items"].as_array_mut().unwrap().pop();
        }),
        ("the first item", |result| {
            result["items"].as_array_mut().unwrap().remove(0);
        }),
        ("the report", |result| result["report"] = Value::Null),
        ("an item twice", |result| {
            let item = result["items"][3].clone();
            result["items"].as_array_mut().unwrap().push(item);
        }),
        ("the end", |result| result["next_cursor"] = json!("3")),
    ];
    for (what, lie) in lies {
        stage.liar.tell(move |method, result| {
            if method == "market_get_batch" {
                lie(result);
            }
        });
        stage.refused(&arguments, what);
    }
    let gpu = ["market", "verify", "gpu", "--height", &height];
    let kept = keep(&stage, "market_get_batch", &gpu);
    replay(&stage, "market_get_batch", kept);
    stage.refused(&arguments, "another market");
    let before = (height.parse::<u64>().unwrap() - 1).to_string();
    let kept = keep(&stage, "market_get_batch", &["market", "verify", "cpu", "--height", &before]);
    replay(&stage, "market_get_batch", kept);
    stage.refused(&arguments, "another height");
}

#[test]
fn parts_of_an_answer_lead_to_the_same_as_one() {
    let (stage, height) = traded();
    let arguments = ["market", "verify", "cpu", "--height", &height];
    let whole = keep(&stage, "market_get_batch", &arguments);
    let items = whole["items"].as_array().unwrap().clone();
    let asked = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&asked);
    stage.liar.tell(move |method, result| {
        if method == "market_get_batch" {
            let mut asked = counter.lock().unwrap();
            *result = whole.clone();
            result["items"] = json!([items[*asked].clone()]);
            if *asked > 0 {
                result["report"] = Value::Null;
            }
            *asked += 1;
            if *asked < items.len() {
                result["next_cursor"] = json!(asked.to_string());
            }
        }
    });
    let answer = stage.verify(&stage.liar.rpc, &arguments);
    assert_eq!(answer.code, 0, "{}", answer.json);
    assert!(*asked.lock().unwrap() > 5);
}
