//! Requests: once sent they travel by themselves. They land within their life or never, and what is heard of them may be nothing.

use super::{
    Account, Answer, Asks, Owner, RecordId, Refused, Request, RequestId, Rules, Safeguard, State, Version, WriterId,
};

impl Request {
    /// Whether it may still take effect.
    pub fn may_land(&self, state: &State, rules: &Rules) -> bool {
        self.said.is_none() && state.now < self.sent_at + rules.timing.life + rules.timing.rounding
    }
}

impl State {
    /// How many requests for a record may still take effect.
    pub fn under_way(&self, rules: &Rules, record: RecordId) -> usize {
        self.requests.values().filter(|one| one.record == record && one.may_land(self, rules)).count()
    }

    pub(super) fn send(
        &mut self,
        rules: &Rules,
        writer: WriterId,
        request: RequestId,
        record: RecordId,
        version: Version,
        asks: &Asks,
    ) -> Result<(), Refused> {
        self.may_send(rules, writer)?;
        if self.requests.contains_key(&request) {
            return Err(Refused::RequestIsThere);
        }
        if rules.leased && rules.has(Safeguard::OneInFlight) {
            self.is_free(writer, record)?;
        }
        if matches!(asks, Asks::Create { stamped: false, .. }) && rules.has(Safeguard::Stamp) {
            return Err(Refused::NoStamp);
        }
        let sent = Request { writer, record, version, asks: asks.clone(), sent_at: self.now, said: None, heard: false };
        self.requests.insert(request, sent);
        Ok(())
    }

    /// Nothing that this writer sent for the record may still land as far as it knows.
    fn is_free(&self, writer: WriterId, record: RecordId) -> Result<(), Refused> {
        let knows = self.writers.get(&writer).ok_or(Refused::NoSuchWriter)?;
        let waits = self.requests.values().any(|one| one.writer == writer && one.record == record && !one.heard);
        let clock = self.now + knows.ahead;
        if waits || knows.unanswered.get(&record).is_some_and(|until| *until > clock) {
            return Err(Refused::RecordIsBusy);
        }
        Ok(())
    }

    /// What whoever sees the whole world can say of a create: it is made under a name that was reserved for its record, and
    /// for a record without an account. A writer knows both only from what it read before.
    pub fn may_create(&self, record: RecordId, name: super::Name) -> Result<(), Refused> {
        if self.names.get(&name) != Some(&Owner::Record(record)) {
            return Err(Refused::NameNotReserved);
        }
        if self.links.contains_key(&record) {
            return Err(Refused::HasAccount);
        }
        Ok(())
    }

    pub(super) fn land(&mut self, rules: &Rules, id: RequestId) -> Result<(), Refused> {
        let request = self.requests.get(&id).ok_or(Refused::NoSuchRequest)?;
        if request.said.is_some() {
            return Err(Refused::LandedAlready);
        }
        if !request.may_land(self, rules) {
            return Err(Refused::LandsTooLate);
        }
        let (record, version, asks) = (request.record, request.version, request.asks.clone());
        let said = match asks {
            Asks::Create { name, .. } if self.accounts.iter().any(|account| account.name == name) => Answer::Taken,
            Asks::Create { name, stamped, content } => {
                self.accounts.push(Account {
                    name,
                    stamp: stamped.then_some(record),
                    made_for: Some(record),
                    content,
                    by: [version; 2],
                    made_at: self.now,
                    revived: false,
                });
                Answer::Done(self.accounts.len() - 1)
            }
            Asks::Update { account, sets } => {
                if let Some(account) = self.accounts.get_mut(account) {
                    for (at, value) in sets.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?))) {
                        account.revived |= at == 0 && value == 1 && account.content[0] == 0 && version < account.by[0];
                        account.content[at] = value;
                        account.by[at] = version;
                    }
                }
                Answer::Done(account)
            }
        };
        if let Some(request) = self.requests.get_mut(&id) {
            request.said = Some(said);
        }
        self.forget_finished();
        Ok(())
    }

    pub(super) fn hear(&mut self, rules: &Rules, id: RequestId, answer: Answer) -> Result<(), Refused> {
        let request = self.requests.get_mut(&id).filter(|request| !request.heard).ok_or(Refused::NoSuchRequest)?;
        let is_unsure = matches!(answer, Answer::Throttled | Answer::Unknown);
        match answer {
            Answer::Done(_) if request.said != Some(answer) => return Err(Refused::NotWhatTheTargetSaid),
            Answer::Taken | Answer::Refused if matches!(request.said, Some(Answer::Done(_))) => {
                return Err(Refused::NotWhatTheTargetSaid);
            }
            _ => {}
        }
        request.heard = true;
        // A final answer that nothing was done means that nothing will be done.
        if !is_unsure && request.said.is_none() {
            request.said = Some(answer);
        }
        let (writer, record, sent_at) = (request.writer, request.record, request.sent_at);
        if let Some(knows) = self.writers.get_mut(&writer) {
            if is_unsure {
                knows.unanswered.insert(record, sent_at + knows.ahead + rules.timing.life);
            } else {
                knows.unanswered.remove(&record);
            }
        }
        self.forget_finished();
        Ok(())
    }

    /// Requests that were heard of and have landed are over. Those that never landed end with their life.
    pub(super) fn forget_finished(&mut self) {
        self.requests.retain(|_, request| !(request.heard && request.said.is_some()));
    }
}
