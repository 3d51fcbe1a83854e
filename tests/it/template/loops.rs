//! Lambda stops a function that comes back to itself by queues about 16 times, unless it says that it means to. Ours has
//! a bound of its own then: every continuation has a number, and past the bound the step fails into the dead-letter queue.

use super::document::Template;
use crate::pipeline::driver::Company;
use crate::pipeline::people;
use messages::Mode;
use pipeline::{FetchOutcome, StepError, WriteOutcome};
use ports::QueueName;

/// Functions that send messages to the very queue that feeds them.
const LOOPING: [&str; 2] = ["FetchFunction", "WriteFunction"];

pub fn only_functions_that_hand_on_may_loop(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, function) in template.functions() {
        let (may, does) = (function["RecursiveLoop"] == "Allow", LOOPING.contains(&name));
        if may != does {
            wrong.push(format!("{name}: RecursiveLoop is {may} and handing on is {does}"));
        }
    }
    wrong
}

/// Delivers until nothing moves, as long as every step goes well.
fn fetch_until_it_ends(company: &mut Company) -> usize {
    company.start(Mode::Full);
    let mut times = 0;
    loop {
        company.deliver_once(QueueName::Fetch);
        times += 1;
        if !matches!(company.fetched.last(), Some(FetchOutcome::Continues { .. })) {
            return times;
        }
    }
}

#[test]
fn a_read_of_many_pages_goes_on_by_itself() {
    let mut company = Company::of(people::team(40));
    company.source.set_page_size(1);
    company.fetch_seconds = 0;
    assert_eq!(fetch_until_it_ends(&mut company), 40);
}

#[test]
#[should_panic(expected = "Endless { what: \"fetch\", continuations: 501 }")]
fn a_read_that_goes_on_and_on_is_stopped() {
    let mut company = Company::of(people::team(600));
    company.source.set_page_size(1);
    company.fetch_seconds = 0;
    fetch_until_it_ends(&mut company);
}

#[test]
fn a_writer_that_goes_on_and_on_is_stopped() {
    let mut company = Company::of(people::team(40));
    company.start(Mode::Full);
    company.deliver_once(QueueName::Fetch);
    company.deliver_once(QueueName::Transform);
    company.write_seconds = 0;
    assert_eq!(company.write(4_999).expect("one more"), WriteOutcome::HandedOn { finished: 0 });
    let stopped = company.write(5_000).expect_err("no more");
    assert!(matches!(stopped, StepError::Endless { what: "write", continuations: 5_000 }), "{stopped}");
}
