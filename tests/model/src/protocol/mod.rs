//! What writers, the store and the target may do to each other, one step at a time. Nothing here knows how a writer decides
//! what to do next: the checker tries everything, and a trace says what was done. Both come through [`State::apply`].

mod lease;
mod requests;
mod store;

use std::collections::BTreeMap;

/// An instant or a length of time. The unit is the caller's: ticks for the checker, milliseconds for a trace.
pub type Time = i64;

/// One invocation that writes. A new invocation has a new number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WriterId(pub u64);
/// One record of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub u64);
/// One request to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);
/// A value that only one account of the target can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub u64);
/// Counts what the source stated about a record; a later statement is a higher number.
pub type Version = u64;
/// The two attributes of an account: whether it is enabled (0 or 1), and everything else.
pub type Content = [u8; 2];
/// What a request sets; `None` is left as it is.
pub type Sets = [Option<u8>; 2];

/// A dead writer's mark on the lease: nobody can renew it.
pub const DEAD: WriterId = WriterId(u64::MAX);

/// The lengths that the protocol is built on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long a lease lasts without renewal.
    pub lease: Time,
    /// The margin for clocks that differ, kept by whoever sends and by whoever succeeds.
    pub skew: Time,
    /// A request may take effect for so long after it was sent.
    pub life: Time,
    /// How long a lookup may not see what the target did.
    pub lag: Time,
    /// How much later than `lease` from now a lease may end. For observers, who do not know the writer's clock.
    pub tolerance: Time,
    /// How much later than `life` a request may land. For observers, whose clock is coarse.
    pub rounding: Time,
}

/// A part of the protocol that can be left out, to see that it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Safeguard {
    /// A lease that is given back stays taken until what was not answered can no longer land.
    Drain,
    /// Both sides keep a margin for clocks that differ.
    SkewMargin,
    /// The lease is looked at before each send.
    LeaseCheck,
    /// A request is only sent if it lands within the lease.
    RequestFits,
    /// The lease is taken on condition that it is free.
    LeaseCondition,
    /// One writer sends no second request for a record while the first may land.
    OneInFlight,
    /// An account is adopted by its stamp, which stands in the create.
    Stamp,
    /// A name is reserved on condition that it is nobody's.
    ReservationCondition,
    /// A record without an account keeps the name it reserved first.
    NameKept,
    /// A link is written on condition of its version.
    LinkCondition,
    /// What was done is recorded only while the lease lasts: afterwards a successor may have written.
    RecordInTime,
    /// Of several pieces of work for one record, the latest statement goes first.
    LatestFirst,
    /// A change that was sent and not answered is noted in the link.
    UnsureNoted,
    /// A change that was overtaken makes unknown what it may have touched.
    Distrust,
}

/// The protocol's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Lengths of time.
    pub timing: Timing,
    /// Whether writers need the lease at all.
    pub leased: bool,
    /// What is left out.
    pub without: Option<Safeguard>,
}

impl Rules {
    /// The protocol as it is meant.
    pub fn whole(timing: Timing) -> Self {
        Self { timing, leased: true, without: None }
    }

    /// Whether a safeguard is there.
    pub fn has(&self, safeguard: Safeguard) -> bool {
        self.without != Some(safeguard)
    }
}

/// The target's lease, as it stands in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Who holds it.
    pub holder: Option<WriterId>,
    /// Until when it is not to be taken, by the clock of whoever wrote it.
    pub until: Option<Time>,
}

/// What one invocation knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Writer {
    /// By how much its clock is ahead of true time.
    pub ahead: Time,
    /// Until when it believes to hold the lease, by its own clock.
    pub until: Option<Time>,
    /// Until when unanswered requests may land, by its own clock.
    pub unanswered: BTreeMap<RecordId, Time>,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asks {
    /// A new account.
    Create {
        /// Its name.
        name: Name,
        /// Whether it carries the record's stamp.
        stamped: bool,
        /// Its attributes.
        content: Content,
    },
    /// Other attributes for an account.
    Update {
        /// Which account, by its place in [`State::accounts`].
        account: usize,
        /// What to set.
        sets: Sets,
    },
}

/// A request that may still take effect or be heard of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Who sent it.
    pub writer: WriterId,
    /// For which record.
    pub record: RecordId,
    /// The statement that it carries.
    pub version: Version,
    /// What it asks for.
    pub asks: Asks,
    /// When it was sent, in true time.
    pub sent_at: Time,
    /// What the target said, once it landed.
    pub said: Option<Answer>,
    /// Its sender waits no longer.
    pub heard: bool,
}

/// What a sender hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// It was done; for which account.
    Done(usize),
    /// A name in it is another account's.
    Taken,
    /// The target will not do it.
    Refused,
    /// Asked to wait, and it may have been done all the same.
    Throttled,
    /// No answer: it may have been done, or may still be.
    Unknown,
}

/// What the store knows about one attribute of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mark {
    /// The value; `None`: not known.
    pub value: Option<u8>,
    /// The cycle that set it.
    pub cycle: u64,
}

/// The pair of a record and its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link {
    /// Counts the changes, from 1.
    pub version: u64,
    /// The statement that the account shows.
    pub read_in: Version,
    /// The cycle that made this version.
    pub cycle: u64,
    /// The account.
    pub account: usize,
    /// What was last written.
    pub marks: [Mark; 2],
    /// It is about to be enabled.
    pub enabling: bool,
}

/// Whom a name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// A record.
    Record(RecordId),
    /// An account that is none of ours.
    Foreign,
}

/// An account of the target, with what only the model knows about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// Its name.
    pub name: Name,
    /// The record whose stamp it carries.
    pub stamp: Option<RecordId>,
    /// The record it was made for; `None`: it was there before us.
    pub made_for: Option<RecordId>,
    /// What it shows.
    pub content: Content,
    /// The statements that set that.
    pub by: [Version; 2],
    /// When it was made.
    pub made_at: Time,
    /// It was enabled by a statement older than the one that had disabled it.
    pub revived: bool,
}

/// The store, the target and everybody who writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// True time.
    pub now: Time,
    /// The lease.
    pub lease: Lease,
    /// Invocations.
    pub writers: BTreeMap<WriterId, Writer>,
    /// Requests under way.
    pub requests: BTreeMap<RequestId, Request>,
    /// Links.
    pub links: BTreeMap<RecordId, Link>,
    /// The ledger of names.
    pub names: BTreeMap<Name, Owner>,
    /// The target.
    pub accounts: Vec<Account>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each step's parameters say what they are")]
pub enum Action {
    /// Time goes on.
    Pass { by: Time },
    /// An invocation begins.
    Join { writer: WriterId, ahead: Time },
    /// It takes the lease.
    Take { writer: WriterId, until: Time },
    /// It renews the lease.
    Renew { writer: WriterId, until: Time },
    /// It gives the lease back; `until`: what may still land is over.
    Release { writer: WriterId, until: Option<Time> },
    /// It dies.
    Die { writer: WriterId },
    /// It sends a request.
    Send { writer: WriterId, request: RequestId, record: RecordId, version: Version, asks: Asks },
    /// A request takes effect, or does not because the name is taken.
    Land { request: RequestId },
    /// Its sender hears something.
    Hear { request: RequestId, answer: Answer },
    /// A name is reserved.
    Reserve { name: Name, record: RecordId },
    /// A name turns out to be somebody else's.
    GiveUp { name: Name, record: RecordId },
    /// A link is written over version `before` (0: over none).
    PutLink { record: RecordId, before: u64, link: Link },
}

/// Why a step is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what it is")]
pub enum Refused {
    #[error("time does not run backwards")]
    TimeRunsBackwards,
    #[error("this invocation is not there: it never began, or it is dead")]
    NoSuchWriter,
    #[error("this invocation began already")]
    WriterIsThere,
    #[error("the lease, or what the last holder sent, is not over yet")]
    LeaseIsHeld,
    #[error("the lease would last longer than a lease does")]
    LeaseTooLong,
    #[error("the lease is another's")]
    NotTheHolder,
    #[error("the lease is given back before what was sent is over")]
    NotDrained,
    #[error("a request was sent without the lease")]
    WithoutLease,
    #[error("a request was sent that could outlive the lease")]
    OutlivesLease,
    #[error("a request for this record is still under way")]
    RecordIsBusy,
    #[error("this request was sent already")]
    RequestIsThere,
    #[error("no such request is under way")]
    NoSuchRequest,
    #[error("a request took effect after its life had ended")]
    LandsTooLate,
    #[error("this request took effect already")]
    LandedAlready,
    #[error("an answer that the target did not give")]
    NotWhatTheTargetSaid,
    #[error("the name is another's")]
    NameIsAnothers,
    #[error("an account is made under a name that was not reserved for its record")]
    NameNotReserved,
    #[error("an account is made without its record's stamp")]
    NoStamp,
    #[error("an account is made for a record that has one")]
    HasAccount,
    #[error("the link is not the version that this one was built on")]
    LinkMovedOn,
    #[error("the link would go back to an older statement")]
    LinkGoesBack,
}

impl State {
    /// Takes one step. After an error the state is as it was.
    pub fn apply(&mut self, rules: &Rules, action: &Action) -> Result<(), Refused> {
        match action {
            Action::Pass { by } => {
                if *by < 0 {
                    return Err(Refused::TimeRunsBackwards);
                }
                self.now += by;
                Ok(())
            }
            Action::Join { writer, ahead } => self.join(*writer, *ahead),
            Action::Take { writer, until } => self.take(rules, *writer, *until),
            Action::Renew { writer, until } => self.renew(rules, *writer, *until),
            Action::Release { writer, until } => self.release(rules, *writer, *until),
            Action::Die { writer } => self.die(*writer),
            Action::Send { writer, request, record, version, asks } => {
                self.send(rules, *writer, *request, *record, *version, asks)
            }
            Action::Land { request } => self.land(rules, *request),
            Action::Hear { request, answer } => self.hear(rules, *request, *answer),
            Action::Reserve { name, record } => self.reserve(rules, *name, *record),
            Action::GiveUp { name, record } => self.give_up(*name, *record),
            Action::PutLink { record, before, link } => self.put_link(rules, *record, *before, link),
        }
    }
}

/// The state after a step, or why it is not allowed.
pub fn next(rules: &Rules, state: &State, action: &Action) -> Result<State, Refused> {
    let mut after = state.clone();
    after.apply(rules, action)?;
    Ok(after)
}
