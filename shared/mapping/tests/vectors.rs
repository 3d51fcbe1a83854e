//! Files of vectors: all of them have to come out as stated.

fn all_pass(file: &str, least: usize) {
    let results = mapping::vectors::run(file).expect("the file is a list of vectors");
    let failures: Vec<String> = results
        .iter()
        .filter(|result| !result.passed)
        .map(|result| format!("{} {}\n  got {}\n  not {}", result.id, result.expression, result.got, result.expected))
        .collect();
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), results.len(), failures.join("\n"));
    assert!(results.len() > least, "the file lost vectors");
}

/// The worked examples of Entra's documentation.
#[test]
fn every_vector_passes() {
    all_pass(include_str!("expressions.json"), 200);
}

/// Function by function what the documentation states, what .NET does with dates, patterns and letters where it relies on
/// .NET, and arguments that are left out, empty, odd or too large.
#[test]
fn every_rule_comes_out_as_written_down() {
    all_pass(include_str!("own.json"), 1_200);
}
