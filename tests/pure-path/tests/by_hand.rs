//! What is compared is the same: the compiled mappings and those written by hand say the same of everybody.

use mapping::Flow;
use pure_path::by_hand;
use pure_path::stages::Bench;

#[test]
fn compiled_mappings_and_those_by_hand_say_the_same() {
    let bench = Bench::of(300);
    let by_hand = by_hand::mappings();
    assert_eq!(by_hand.len(), bench.rules.mappings.len());
    for record in &bench.records {
        let context = bench.context(record);
        for (compiled, by_hand) in bench.rules.mappings.iter().zip(&by_hand) {
            let (one, other) = (compiled.evaluate(&context).unwrap(), by_hand(&context));
            assert!(one == other, "{}: {}", compiled.target, shown(&one, &other));
        }
    }
}

fn shown(one: &Flow, other: &Flow) -> String {
    let text = |flow: &Flow| match flow {
        Flow::Set(value) => value.values().join("|"),
        Flow::Candidates(candidates) => candidates.join("|"),
        other => format!("{other:?}"),
    };
    format!("{} or {}", text(one), text(other))
}
