//! What a company comes to: the same, however often something failed on the way.

use crate::pipeline::driver::{Company, JOB, Seen, TARGET};
use crate::pipeline::shown::{Shown, is_foreign};
use fakes::run_ready;
use pipeline::state::{CycleState, Held, Owner, name_key, owner_of};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Records that are looked at again a little later are given so many cycles.
const CYCLES: usize = 6;

/// The end of a run.
pub struct End {
    stands: Standing,
    /// Who was ever disabled. Who comes late may find that they are back already; nobody else is ever disabled.
    disabled: BTreeSet<String>,
}

#[derive(Debug, PartialEq)]
struct Standing {
    accounts: BTreeMap<String, Seen>,
    /// Who is not final, and the kind of reason.
    open: BTreeMap<String, String>,
    holds: usize,
    population: Option<u64>,
}

impl Standing {
    fn of<T: Shown>(company: &Company<T>) -> Self {
        let kind = |text: String| text.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
        let open = company.open().into_iter().map(|(id, one)| (id.to_string(), kind(format!("{:?}", one.reason))));
        Self {
            accounts: company.accounts(),
            open: open.collect(),
            holds: run_ready(Held::all(&company.ports.table, JOB)).unwrap().len(),
            population: company.state().population,
        }
    }
}

impl End {
    pub fn of<T: Shown>(company: &Company<T>) -> Self {
        Self { stands: Standing::of(company), disabled: disabled(company) }
    }

    /// Lets the company come to this end, with later cycles where that takes some, and then nothing more is done.
    pub fn reached_by<T: Shown>(&self, company: &mut Company<T>, case: &str) {
        self.nothing_untrue(company, case);
        for _ in 0..CYCLES {
            if Standing::of(company) == self.stands {
                break;
            }
            company.world.clock.advance(Duration::from_hours(1));
            company.full();
            self.nothing_untrue(company, case);
        }
        assert_eq!(Standing::of(company), self.stands, "{case}");
        // The lease of whoever died last has run out by then: what was left with it is ended, and the next cycle takes note.
        company.world.clock.advance(Duration::from_mins(1));
        company.full();
        company.full();
        assert_eq!(company.newest_cycle().state, CycleState::Settled, "{case}");
        names_are_kept(company, case);
        company.fetch_seconds = 600;
        company.assert_quiet();
    }

    /// Who is not in the open set was said to be done: then they are, to the last attribute. Nobody is disabled on the way.
    fn nothing_untrue<T: Shown>(&self, company: &Company<T>, case: &str) {
        let open = company.open();
        let accounts = company.accounts();
        let is_open = |id: &str| open.contains_key(&company.id(id));
        for (id, expected) in self.stands.accounts.iter().filter(|(id, _)| !is_open(id)) {
            // What a cycle holds or has not read yet is not said to be done.
            if company.state().open.is_none() {
                assert_eq!(accounts.get(id), Some(expected), "{case}: {id} is said to be done");
            }
        }
        let disabled = disabled(company);
        assert!(disabled.is_subset(&self.disabled), "{case}: {disabled:?}");
    }
}

/// Whose account has a name has it in the ledger: nobody else can ever get it.
fn names_are_kept<T: Shown>(company: &Company<T>, case: &str) {
    let items = company.world.table.items();
    for (id, account) in company.accounts().iter().filter(|(id, _)| !is_foreign(id)) {
        let name = name_key(&company.ports.secret, TARGET, "userPrincipalName", &account["userPrincipalName"]);
        let owner = Owner::Record { job: JOB.to_owned(), record: company.id(id) };
        assert_eq!(owner_of(items.get(&name)).unwrap(), owner, "{case}: the name of {id}");
    }
}

fn disabled<T: Shown>(company: &Company<T>) -> BTreeSet<String> {
    let accounts = company.target.accounts();
    company.target.disabled().iter().map(|anchor| accounts[anchor]["employeeId"].text().to_owned()).collect()
}
