//! The store: names that are reserved, and links that are written over the version they were built on.

use super::{Link, Name, Owner, RecordId, Refused, Rules, Safeguard, State};

impl State {
    pub(super) fn reserve(&mut self, rules: &Rules, name: Name, record: RecordId) -> Result<(), Refused> {
        match self.names.get(&name) {
            Some(owner) if *owner != Owner::Record(record) && rules.has(Safeguard::ReservationCondition) => {
                Err(Refused::NameIsAnothers)
            }
            _ => {
                self.names.insert(name, Owner::Record(record));
                Ok(())
            }
        }
    }

    /// A name that is no longer the record's stays as it is.
    pub(super) fn give_up(&mut self, name: Name, record: RecordId) -> Result<(), Refused> {
        match self.names.get_mut(&name) {
            Some(owner) if *owner == Owner::Record(record) => {
                *owner = Owner::Foreign;
                Ok(())
            }
            _ => Err(Refused::NameIsAnothers),
        }
    }

    pub(super) fn put_link(
        &mut self,
        rules: &Rules,
        record: RecordId,
        before: u64,
        link: &Link,
    ) -> Result<(), Refused> {
        let stands = self.links.get(&record);
        if rules.has(Safeguard::LinkCondition) {
            let version = stands.map_or(0, |link| link.version);
            if version != before || link.version < before.max(1) || link.version > before + 1 {
                return Err(Refused::LinkMovedOn);
            }
        }
        self.links.insert(record, *link);
        Ok(())
    }
}
