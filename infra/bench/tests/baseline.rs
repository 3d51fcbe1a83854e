//! A small run costs what it cost before.

use std::collections::BTreeMap;
use std::path::Path;

#[tokio::test]
async fn no_counted_unit_is_more_than_2_percent_dearer() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.json");
    let before: BTreeMap<String, f64> = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let now = bench::baseline().await.unwrap();
    let update = "tenure bench --baseline infra/bench/baseline.json";
    assert!(now.keys().eq(before.keys()), "other units are counted than before; `{update}` writes them anew");
    let mut dearer = Vec::new();
    for (unit, count) in &now {
        let was = before[unit];
        if *count > was * 1.02 + 1e-9 {
            dearer.push(format!("{unit}: {count}, was {was}"));
        } else if *count < was * 0.98 - 1e-9 {
            println!("{unit}: {count}, was {was}: better; keep it with `{update}`");
        }
    }
    assert!(dearer.is_empty(), "dearer than before; if that is right, `{update}`:\n{}", dearer.join("\n"));
}
