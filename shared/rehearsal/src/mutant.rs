//! Rules that are broken on purpose, one place at a time: what no example notices is what no example guards.

use mapping::{Apply, Comparison, Expression, Mapping, Node, NodeKind, outline};
use planning::{OutOfScope, Rules};

/// The rules with one thing changed.
pub struct Mutant {
    /// Line of the mapping in the configuration; that of the job for its own settings is not known here and 0.
    pub line: usize,
    /// The target attribute, or the setting.
    pub place: String,
    /// What was changed.
    pub change: String,
    /// The changed rules.
    pub rules: Rules,
}

/// Every mutant of the rules. Those whose text would be no expression are left out.
pub fn mutants(rules: &Rules) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (at, mapping) in rules.mappings.iter().enumerate() {
        of_mapping(rules, at, mapping, &mut all);
    }
    of_job(rules, &mut all);
    all
}

fn of_mapping(rules: &Rules, at: usize, mapping: &Mapping, all: &mut Vec<Mutant>) {
    let mut push = |change: String, rules: Rules| {
        all.push(Mutant { line: mapping.line, place: mapping.target.clone(), change, rules });
    };
    let with = |changed: Mapping| {
        let mut rules = rules.clone();
        rules.mappings[at] = changed;
        rules
    };
    // What a new account cannot be without, or is recognised by, nobody can leave out.
    let needed = rules.matching.contains(&mapping.target);
    if !needed {
        let mut less = rules.clone();
        less.mappings.remove(at);
        push("the mapping left out".to_owned(), less);
    }
    let (apply, word) = match mapping.apply {
        Apply::Always => (Apply::OnCreate, "on create only"),
        _ => (Apply::Always, "always"),
    };
    // The pseudo-attribute is never written, and what recognises a record hardly changes.
    if mapping.target != planning::OBJECT_FILTER && !needed {
        push(format!("applied {word}"), with(Mapping { apply, ..mapping.clone() }));
    }
    if mapping.default.is_some() {
        push("without its default".to_owned(), with(Mapping { default: None, ..mapping.clone() }));
    }
    if mapping.clear {
        push("keeps what HR has emptied".to_owned(), with(Mapping { clear: false, ..mapping.clone() }));
    }
    for (change, text) in edits(mapping.expression.text()) {
        let Ok(expression) = Expression::parse(&text) else { continue };
        // A candidate list that is none any more would only fail everywhere.
        if expression.unique() == mapping.expression.unique() {
            push(change, with(Mapping { expression, ..mapping.clone() }));
        }
    }
}

fn of_job(rules: &Rules, all: &mut Vec<Mutant>) {
    let written = rules.scope.written();
    for (at, group) in written.groups.iter().enumerate() {
        for (place, clause) in group.clauses.iter().enumerate() {
            let mut less = written.clone();
            less.groups[at].clauses.remove(place);
            // A group that has lost its last clause would admit everybody.
            let less = if less.groups[at].clauses.is_empty() { mapping::Filter::default() } else { less };
            let Ok(scope) = less.compile() else { continue };
            let change = format!("without the clause {}: {} {}", group.name, clause.attribute, clause.operator);
            all.push(Mutant { line: 0, place: "scope".to_owned(), change, rules: Rules { scope, ..rules.clone() } });
        }
    }
    let (out_of_scope, word) = match rules.out_of_scope {
        OutOfScope::Leave => (OutOfScope::Disable, "disables"),
        OutOfScope::Disable | OutOfScope::Delete => (OutOfScope::Leave, "leaves alone"),
    };
    let change = format!("{word} who falls out of scope");
    let rules = Rules { out_of_scope, ..rules.clone() };
    all.push(Mutant { line: 0, place: "out_of_scope".to_owned(), change, rules });
}

/// Every way in which the text is changed at one place, with what was done.
fn edits(text: &str) -> Vec<(String, String)> {
    let mut edits = Vec::new();
    if let Ok(whole) = outline(text) {
        collect(text, &whole, &mut edits);
    }
    edits
}

fn collect(text: &str, part: &Node, edits: &mut Vec<(String, String)>) {
    let written = |part: &Node| &text[part.start..part.end];
    let mut replace = |part: &Node, by: &str, what: String| {
        edits.push((what, format!("{}{by}{}", &text[..part.start], &text[part.end..])));
    };
    let brief = |part: &Node| brief(written(part));
    match &part.kind {
        NodeKind::Empty | NodeKind::Word(_) | NodeKind::Broken => {}
        NodeKind::Text(_) => replace(part, r#""mutant""#, format!("{} is another text", brief(part))),
        NodeKind::Number(number) => {
            if let Ok(number) = number.parse::<i64>() {
                replace(part, &number.saturating_add(1).to_string(), format!("{number} is one more"));
            }
        }
        NodeKind::Attribute(_) => replace(part, r#""""#, format!("{} is empty", brief(part))),
        NodeKind::Compare { comparison, left, right } => {
            let other = match comparison {
                Comparison::Equal => Comparison::NotEqual,
                Comparison::NotEqual => Comparison::Equal,
                Comparison::Less => Comparison::LessOrEqual,
                Comparison::LessOrEqual => Comparison::Less,
                Comparison::Greater => Comparison::GreaterOrEqual,
                Comparison::GreaterOrEqual => Comparison::Greater,
            };
            let (operator, other) = (comparison.sign(), other.sign());
            let by = format!("{} {other} {}", written(left), written(right));
            replace(part, &by, format!("{operator} is {other} in {}", brief(part)));
        }
        NodeKind::Call { name, arguments, .. } => of_call(text, part, name, arguments, &mut replace),
    }
    part.below().into_iter().for_each(|below| collect(text, below, edits));
}

fn of_call(text: &str, part: &Node, name: &str, arguments: &[Node], replace: &mut impl FnMut(&Node, &str, String)) {
    let written = |part: &Node| &text[part.start..part.end];
    let call = |arguments: &[&Node]| {
        let written: Vec<&str> = arguments.iter().map(|argument| written(argument)).collect();
        format!("{name}({})", written.join(", "))
    };
    let without = |from: usize, to: usize| -> Vec<&Node> {
        arguments.iter().enumerate().filter(|(at, _)| !(from..to).contains(at)).map(|(_, argument)| argument).collect()
    };
    let shown = brief(written(part));
    match name {
        "IIF" if arguments.len() == 3 => {
            replace(part, written(&arguments[1]), format!("{shown} is always true"));
            replace(part, written(&arguments[2]), format!("{shown} is never true"));
        }
        "Switch" => {
            for at in (2..arguments.len()).step_by(2) {
                replace(part, &call(&without(at, at + 2)), format!("Switch without {}", written(&arguments[at])));
            }
        }
        "Join" | "Coalesce" | "SelectUniqueValue" => {
            let first = usize::from(name == "Join");
            for at in (first..arguments.len()).filter(|_| arguments.len() > first + 1) {
                let what = format!("{name} without {}", brief(written(&arguments[at])));
                replace(part, &call(&without(at, at + 1)), what);
            }
        }
        // Dates are read without it as well.
        "CDate" => {}
        // The first argument is what is worked on: without the function it stays as it is.
        _ => match arguments.first().filter(|first| first.kind != NodeKind::Empty) {
            Some(first) if !matches!(first.kind, NodeKind::Compare { .. } | NodeKind::Text(_)) => {
                replace(part, written(first), format!("{shown} does nothing"));
            }
            _ => {}
        },
    }
}

/// A text for one line of a report.
fn brief(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= 60 { text } else { text.chars().take(59).chain(['…']).collect() }
}
