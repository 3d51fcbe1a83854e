//! Small items: what they are called and what is in them. Nobody else knows a field's name.

mod batch;
mod budget;
mod cycle;
mod fields;
mod held;
mod hidden;
mod job;
mod lease;
mod link;
mod names;
mod open;
mod recovery;

pub use batch::{Header, Ready, headers, ready_partition};
pub use budget::Budget;
pub use cycle::{Cycle, CycleState, Summary};
pub use fields::Fields;
pub use held::Held;
pub use job::{JobState, OpenCycle};
pub use lease::{Intent, Lease};
pub use link::{get_links, link_from, link_item, link_key};
pub use names::{Owner, claim_key, give_up, name_key, owner_of, promise, reserve, stamp_key};
pub use open::{OpenRecord, open_set};
pub use recovery::Recovery;

use ports::{PortError, Table, Write};

/// Makes writes that belong together, all or none. A single one needs no transaction, which costs twice as much.
pub(crate) async fn commit(table: &impl Table, mut writes: Vec<Write>) -> Result<(), PortError> {
    match (writes.pop(), writes.is_empty()) {
        (None, _) => Ok(()),
        (Some(Write::Put(key, item, condition)), true) => table.put(&key, item, condition).await,
        (Some(Write::Update(key, edits, condition)), true) => table.update(&key, edits, condition).await.map(drop),
        (Some(Write::Delete(key, condition)), true) => table.delete(&key, condition).await,
        (Some(last), _) => {
            writes.push(last);
            table.transact(writes).await
        }
    }
}
