//! Which branches of the rules the examples reach: every mapping, and every arm of `IIF` and `Switch`.

use crate::example::Example;
use crate::play::record_of;
use mapping::{Context, Expression, Mapping, Node, NodeKind, Outcome, outline};
use planning::Rules;
use record::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

/// One branch that can be reached or not.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Branch {
    /// The target attribute.
    pub target: String,
    /// Line of its mapping in the configuration.
    pub line: usize,
    /// Which arm, e.g. `IIF true` or `Switch "DE"`; `None` for the mapping itself.
    pub arm: Option<String>,
    /// The arm's text, or the expression's.
    pub text: String,
    /// Whether any example reached it.
    pub reached: bool,
}

/// What the examples reached of one job's rules.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Coverage {
    /// Every branch, in the order of the rules.
    pub branches: Vec<Branch>,
}

/// Asks the rules about every record of the examples, and notes which way each `IIF` and `Switch` went. Records that are
/// out of scope reach nothing.
pub fn coverage<'e>(rules: &Rules, examples: impl IntoIterator<Item = &'e Example>, key: &str) -> Coverage {
    let probes: Vec<(&Mapping, Probe)> = rules.mappings.iter().map(|mapping| (mapping, Probe::of(mapping))).collect();
    let mut reached: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); probes.len()];
    let mut any = false;
    for step in examples.into_iter().flat_map(|example| &example.steps) {
        let Some(record) = record_of(step, key).filter(|record| rules.scope.verdict(record).in_scope) else { continue };
        any = true;
        let context =
            Context { record: &record, now: step.now, seed: &[7; 16], default_domain: rules.default_domain.as_deref() };
        for ((_, probe), reached) in probes.iter().zip(&mut reached) {
            probe.walk(&context, reached);
        }
    }
    let mut branches = Vec::new();
    for ((mapping, probe), reached) in probes.iter().zip(&reached) {
        let whole = mapping.expression.text().trim();
        branches.push(branch(mapping, None, whole, any));
        probe.arms(&mut |arm| {
            let text = &mapping.expression.text()[arm.start..arm.end];
            branches.push(branch(mapping, Some(arm.label.clone()), text, reached.contains(&arm.number)));
        });
    }
    Coverage { branches }
}

impl Coverage {
    /// How many branches are reached, of how many.
    pub fn count(&self) -> (usize, usize) {
        (self.branches.iter().filter(|branch| branch.reached).count(), self.branches.len())
    }
}

fn branch(mapping: &Mapping, arm: Option<String>, text: &str, reached: bool) -> Branch {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Branch { target: mapping.target.clone(), line: mapping.line, arm, text, reached }
}

/// The forks of an expression, each with a question that says which way a record goes.
#[derive(Default)]
struct Probe {
    forks: Vec<Fork>,
}

/// One `IIF` or `Switch`.
struct Fork {
    /// Gives the number of the arm as a text.
    question: Expression,
    /// Forks within the condition or the source.
    before: Probe,
    arms: Vec<Arm>,
}

struct Arm {
    number: usize,
    label: String,
    start: usize,
    end: usize,
    inside: Probe,
}

impl Probe {
    fn of(mapping: &Mapping) -> Self {
        let mut numbers = 0;
        let mut probe = Self::default();
        if let Ok(whole) = outline(mapping.expression.text()) {
            probe.add(mapping.expression.text(), &whole, &mut numbers);
        }
        probe
    }

    fn add(&mut self, text: &str, part: &Node, numbers: &mut usize) {
        let fork = match &part.kind {
            NodeKind::Call { name, arguments, .. } if name == "IIF" => iif(text, arguments, numbers),
            NodeKind::Call { name, arguments, .. } if name == "Switch" => switch(text, arguments, numbers),
            _ => None,
        };
        match fork {
            Some(fork) => self.forks.push(fork),
            None => part.below().into_iter().for_each(|part| self.add(text, part, numbers)),
        }
    }

    fn within(text: &str, part: &Node, numbers: &mut usize) -> Self {
        let mut probe = Self::default();
        probe.add(text, part, numbers);
        probe
    }

    /// Goes the way that the record goes. Where the question fails the expression fails as well, and nothing is reached.
    fn walk(&self, context: &Context<'_>, reached: &mut BTreeSet<usize>) {
        for fork in &self.forks {
            fork.before.walk(context, reached);
            let Ok(Outcome::Value(Value::One(number))) = fork.question.evaluate(context) else { continue };
            let arm = number.parse::<usize>().ok().and_then(|number| fork.arms.get(number));
            if let Some(arm) = arm {
                reached.insert(arm.number);
                arm.inside.walk(context, reached);
            }
        }
    }

    fn arms<'a>(&'a self, see: &mut impl FnMut(&'a Arm)) {
        for fork in &self.forks {
            fork.before.arms(see);
            for arm in &fork.arms {
                see(arm);
                arm.inside.arms(see);
            }
        }
    }
}

fn arm(text: &str, part: &Node, label: String, numbers: &mut usize) -> Arm {
    *numbers += 1;
    let number = *numbers;
    Arm { number, label, start: part.start, end: part.end, inside: Probe::within(text, part, numbers) }
}

/// `IIF(condition, a, b)` asks `IIF(condition, "0", "1")`.
fn iif(text: &str, arguments: &[Node], numbers: &mut usize) -> Option<Fork> {
    let [condition, arms @ ..] = arguments else { return None };
    let question = format!(r#"IIF({}, "0", "1")"#, &text[condition.start..condition.end]);
    let question = Expression::parse(&question).ok()?;
    let before = Probe::within(text, condition, numbers);
    let labels = ["IIF true", "IIF false"];
    let arms = arms.iter().zip(labels).map(|(part, label)| arm(text, part, label.to_owned(), numbers)).collect();
    Some(Fork { question, before, arms })
}

/// `Switch(source, default, key, value, …)` asks `Switch(source, "0", key, "1", …)`.
fn switch(text: &str, arguments: &[Node], numbers: &mut usize) -> Option<Fork> {
    let [source, default, pairs @ ..] = arguments else { return None };
    let written = |part: &Node| &text[part.start..part.end];
    let mut question = format!(r#"Switch({}, "0""#, written(source));
    for (number, pair) in pairs.chunks_exact(2).enumerate() {
        let _ = write!(question, r#", {}, "{}""#, written(&pair[0]), number + 1);
    }
    question.push(')');
    let question = Expression::parse(&question).ok()?;
    let before = Probe::within(text, source, numbers);
    let mut arms = vec![arm(text, default, "Switch default".to_owned(), numbers)];
    for pair in pairs.chunks_exact(2) {
        arms.push(arm(text, &pair[1], format!("Switch {}", written(&pair[0])), numbers));
    }
    Some(Fork { question, before, arms })
}
