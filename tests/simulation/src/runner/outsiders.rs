//! What others do in the target.

use super::Run;
use crate::people::key_of;
use fakes::run_ready;
use ports::{TargetWrite, WriteAction, WriteRequest};

impl Run {
    /// Somebody else takes a name: before everything, or past us like any other request.
    pub(super) fn foreign(&mut self, last: u64) {
        let name = format!("ada.muster{last}1@example.com");
        if self.shared.core().now == 0 {
            for target in [&self.shared.outside.target, &self.shared.outside.replica] {
                target.insert([("userPrincipalName", name.as_str()), ("displayName", "Somebody else")]);
            }
            return;
        }
        let attributes = [
            ("userPrincipalName", name.as_str()),
            ("displayName", "Somebody else"),
            ("mailNickname", "somebody"),
            ("accountEnabled", "True"),
        ];
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let request = WriteRequest { action: WriteAction::Create { attributes } };
        let made = run_ready(self.shared.outside.target.write(std::slice::from_ref(&request)));
        if matches!(made.replies[0], ports::Reply::Done(_)) {
            self.replicate(request);
        }
    }

    /// An account with the employee id of a person was there before anything began.
    pub(super) fn known(&self, person: u64) {
        let id = key_of(person);
        let name = format!("known.{id}@example.com");
        let mut anchor = None;
        for target in [&self.shared.outside.target, &self.shared.outside.replica] {
            anchor = Some(target.insert([
                ("employeeId", id.as_str()),
                ("userPrincipalName", name.as_str()),
                ("displayName", "Known"),
                ("mailNickname", "known"),
                ("accountEnabled", "True"),
            ]));
        }
        let seen = crate::history::Seen { id, version: 0, at: 0 };
        if let Some(anchor) = anchor {
            self.shared.core().history.accounts.insert(anchor, seen);
        }
    }
}
