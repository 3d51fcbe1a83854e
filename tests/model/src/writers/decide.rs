//! The pure decisions of a writer: what is still to be done, and what the link says afterwards.

use super::{Design, Scenario, Step, Task, Work};
use crate::protocol::{Content, Link, Mark, Safeguard};

/// Where a piece of work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// To be sent, or sent without an answer.
    Open,
    /// Done, or built on what is no longer so.
    Over,
    /// A later statement was written, or a later cycle decided.
    Superseded,
}

impl Scenario {
    pub(super) fn standing(&self, work: &Work, link: Option<&Link>) -> Standing {
        let read_in = link.map_or(0, |link| link.read_in);
        match self.design {
            Design::CheckVersionThenWrite if read_in >= work.version => Standing::Over,
            Design::ClaimThenWrite if read_in > work.version => Standing::Over,
            Design::ClaimThenWrite if read_in == work.version && !link.is_some_and(is_unknown) => Standing::Over,
            Design::LastWriterWins | Design::CheckVersionThenWrite | Design::ClaimThenWrite => Standing::Open,
            Design::NextNameOnConflict | Design::LeaseWithDrain => leased(work, link),
        }
    }

    /// Whether the link has to say that the change is under way before it is sent.
    pub(super) fn claims(&self, task: &Task) -> bool {
        let Some(link) = &task.link else { return false };
        match self.design {
            Design::ClaimThenWrite => true,
            Design::LeaseWithDrain | Design::NextNameOnConflict => {
                task.work.sets[0] == Some(1) && !is_under_way(&task.work, link)
            }
            _ => false,
        }
    }

    /// The link once a change is done: what it set is known. `shown`: what an account that was found shows instead.
    pub(super) fn link_after(&self, task: &Task, account: usize, shown: Option<Content>) -> Link {
        let work = &task.work;
        let unknown = Mark { value: None, cycle: work.cycle };
        let mut marks = task.link.map_or([unknown; 2], |link| link.marks);
        for (at, value) in work.sets.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?))) {
            let known = shown.is_none_or(|shown| shown[at] == value);
            marks[at] = Mark { value: known.then_some(value), cycle: work.cycle };
        }
        let version =
            if self.design.is_leased() { work.base + 1 } else { task.link.map_or(1, |link| link.version + 1) };
        Link { version, read_in: work.version, cycle: work.cycle, account, marks, enabling: false }
    }

    /// The link while a change is under way of which nobody knows whether it was done.
    pub(super) fn link_under_way(&self, task: &Task, link: &Link, is_sent: bool) -> Link {
        let mut after = self.link_after(task, link.account, None);
        after.marks = link.marks;
        after.enabling = task.work.sets[0] == Some(1);
        if is_sent || self.design == Design::ClaimThenWrite {
            forget(&mut after, &task.work, |_| true);
        }
        after
    }

    /// The version that a writer's next link goes over.
    pub(super) fn before(&self, task: &Task) -> u64 {
        match &task.link {
            Some(link) if !self.design.is_leased() || task.step == Step::Claimed => link.version,
            Some(link) if is_under_way(&task.work, link) => link.version,
            _ => task.work.base,
        }
    }

    /// After a change was overtaken: what it may have touched and nobody set since is not known. `None`: nothing of it.
    pub(super) fn distrusted(&self, work: &Work, link: &Link) -> Option<Link> {
        let mut later = *link;
        forget(&mut later, work, |mark| mark.cycle <= work.cycle);
        later.version += 1;
        (later.marks != link.marks && self.rules().has(Safeguard::Distrust)).then_some(later)
    }
}

fn leased(work: &Work, link: Option<&Link>) -> Standing {
    let Some(link) = link else { return if work.base == 0 { Standing::Open } else { Standing::Over } };
    if link.read_in > work.version {
        Standing::Superseded
    } else if link.version == work.base || is_under_way(work, link) {
        Standing::Open
    } else if link.cycle > work.cycle {
        Standing::Superseded
    } else {
        Standing::Over
    }
}

fn is_unknown(link: &Link) -> bool {
    link.marks.iter().any(|mark| mark.value.is_none())
}

/// Whether the link was moved on for this work before its outcome was known.
pub(super) fn is_under_way(work: &Work, link: &Link) -> bool {
    let touched = |at: usize| work.sets[at].is_some() && link.marks[at].value.is_none();
    link.version == work.base + 1 && link.cycle == work.cycle && (link.enabling || touched(0) || touched(1))
}

fn forget(link: &mut Link, work: &Work, by: impl Fn(&Mark) -> bool) {
    for (mark, set) in link.marks.iter_mut().zip(work.sets) {
        if set.is_some() && mark.value.is_some() && by(mark) {
            *mark = Mark { value: None, cycle: work.cycle };
        }
    }
}
