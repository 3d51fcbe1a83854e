//! The lease: who may send, until when, and who comes next.

use super::{DEAD, Refused, Rules, Safeguard, State, Time, Writer, WriterId};

impl State {
    /// The time by a writer's own clock.
    pub fn clock(&self, writer: WriterId) -> Option<Time> {
        Some(self.now + self.writers.get(&writer)?.ahead)
    }

    /// What a writer that gives the lease back now has to write for its end: `None` if all that it sent is over.
    pub fn drained(&self, rules: &Rules, writer: WriterId) -> Option<Time> {
        let clock = self.clock(writer)?;
        let last = self.writers.get(&writer)?.unanswered.values().max().copied()?;
        (last > clock).then_some(last + rules.timing.skew)
    }

    pub(super) fn join(&mut self, writer: WriterId, ahead: Time) -> Result<(), Refused> {
        if writer == DEAD || self.writers.contains_key(&writer) {
            return Err(Refused::WriterIsThere);
        }
        self.writers.insert(writer, Writer { ahead, ..Writer::default() });
        Ok(())
    }

    pub(super) fn take(&mut self, rules: &Rules, writer: WriterId, until: Time) -> Result<(), Refused> {
        let clock = self.clock(writer).ok_or(Refused::NoSuchWriter)?;
        let margin = if rules.has(Safeguard::SkewMargin) { rules.timing.skew } else { 0 };
        let is_over = self.lease.until.is_none_or(|until| until <= clock - margin);
        if !is_over && rules.has(Safeguard::LeaseCondition) {
            return Err(Refused::LeaseIsHeld);
        }
        self.hold(rules, writer, clock, until)
    }

    pub(super) fn renew(&mut self, rules: &Rules, writer: WriterId, until: Time) -> Result<(), Refused> {
        let clock = self.clock(writer).ok_or(Refused::NoSuchWriter)?;
        if self.lease.holder != Some(writer) {
            return Err(Refused::NotTheHolder);
        }
        self.hold(rules, writer, clock, until)
    }

    fn hold(&mut self, rules: &Rules, writer: WriterId, clock: Time, until: Time) -> Result<(), Refused> {
        if until > clock + rules.timing.lease + rules.timing.tolerance {
            return Err(Refused::LeaseTooLong);
        }
        self.lease.holder = Some(writer);
        self.lease.until = Some(until);
        if let Some(writer) = self.writers.get_mut(&writer) {
            writer.until = Some(until);
        }
        Ok(())
    }

    /// Nothing happens if another one holds the lease by now: the writer only forgets that it had it.
    pub(super) fn release(&mut self, rules: &Rules, writer: WriterId, until: Option<Time>) -> Result<(), Refused> {
        if self.requests.values().any(|request| request.writer == writer && !request.heard) {
            return Err(Refused::NotDrained);
        }
        let needed = self.drained(rules, writer);
        if rules.has(Safeguard::Drain) && needed > until {
            return Err(Refused::NotDrained);
        }
        let knows = self.writers.get_mut(&writer).ok_or(Refused::NoSuchWriter)?;
        knows.until = None;
        knows.unanswered.clear();
        if self.lease.holder == Some(writer) {
            self.lease.holder = None;
            self.lease.until = until;
        }
        Ok(())
    }

    /// What it sent goes on without it.
    pub(super) fn die(&mut self, writer: WriterId) -> Result<(), Refused> {
        self.writers.remove(&writer).ok_or(Refused::NoSuchWriter)?;
        if self.lease.holder == Some(writer) {
            self.lease.holder = Some(DEAD);
        }
        for request in self.requests.values_mut().filter(|request| request.writer == writer) {
            request.heard = true;
        }
        self.forget_finished();
        Ok(())
    }

    /// Whether a writer may send now something that lands within the life of a request.
    pub(super) fn may_send(&self, rules: &Rules, writer: WriterId) -> Result<(), Refused> {
        let knows = self.writers.get(&writer).ok_or(Refused::NoSuchWriter)?;
        if !rules.leased || !rules.has(Safeguard::LeaseCheck) {
            return Ok(());
        }
        let until = knows.until.ok_or(Refused::WithoutLease)?;
        let margin = if rules.has(Safeguard::SkewMargin) { rules.timing.skew } else { 0 };
        let life = if rules.has(Safeguard::RequestFits) { rules.timing.life + margin } else { 0 };
        if self.now + knows.ahead + life >= until {
            return Err(Refused::OutlivesLease);
        }
        Ok(())
    }
}
