//! The worked examples of Entra's documentation, as vectors: all of them have to come out as stated.

#[test]
fn every_vector_passes() {
    let results = mapping::vectors::run(include_str!("expressions.json")).expect("the file is a list of vectors");
    let failures: Vec<String> = results
        .iter()
        .filter(|result| !result.passed)
        .map(|result| format!("{} {}\n  got {}\n  not {}", result.id, result.expression, result.got, result.expected))
        .collect();
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), results.len(), failures.join("\n"));
    assert!(results.len() > 200, "the file lost vectors");
}
