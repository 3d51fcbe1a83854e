//! What a job does about state that was lost, restored or damaged: it forgets what it cannot trust, looks at everybody, and
//! holds every plan until a person has released one that knows everybody.

use super::fields::text;
use super::job::JobState;
use crate::StepError;
use ports::{Condition, Edit, Write};

/// What happened to the state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The job's item is gone, and an earlier cycle of it has settled.
    Lost,
    /// The table is older than what stands beside it.
    Restored,
    /// The manifest that the job names is missing, damaged or not its own.
    Manifest,
    /// An operator said so.
    Declared,
}

impl Recovery {
    const ALL: [Self; 4] = [Self::Lost, Self::Restored, Self::Manifest, Self::Declared];

    /// Its name in the table and in output that programs read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Restored => "restored",
            Self::Manifest => "manifest",
            Self::Declared => "declared",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self, StepError> {
        Self::ALL
            .into_iter()
            .find(|one| one.name() == name)
            .ok_or(StepError::Broken { what: "a job's state", source: None })
    }

    /// What happened and what to do, for people.
    pub fn why(self) -> String {
        let what = match self {
            Self::Lost => {
                "the table was lost: earlier cycles of this job have settled, and the table knows nothing of them"
            }
            Self::Restored => "the table was restored: it is older than what this job wrote since",
            Self::Manifest => "the manifest that the table names is missing, damaged or not this job's",
            Self::Declared => "an operator said that the table was restored",
        };
        format!(
            "{what}; every account was read anew and nothing is written until you approve: look at the plan (tenure plan), then tenure approve"
        )
    }
}

impl JobState {
    /// The state of a job that starts over: cycle numbers go on, what was known of the records does not.
    #[must_use]
    pub(crate) fn starting_over(&self, recovery: Recovery, root: &[u8; 16]) -> Self {
        let root = record::RecordId(*root).to_string();
        Self {
            last_cycle: self.last_cycle,
            open: self.open.clone(),
            recovery: Some(recovery),
            root: Some(root),
            settled_at: self.settled_at,
            ..Self::default()
        }
    }

    /// The edits that store what happened.
    pub(super) fn recovery_edits(&self) -> Vec<Edit> {
        let texts = [("recovery", self.recovery.map(Recovery::name)), ("root", self.root.as_deref())];
        texts.into_iter().filter_map(|(name, value)| Some(Edit::Set(name, text(value?)))).collect()
    }

    /// The edits that store a job that starts over.
    fn over_edits(&self) -> Vec<Edit> {
        let forgotten = ["manifest", "watermark", "structure", "rules", "population", "rows"];
        let mut edits: Vec<Edit> = forgotten.into_iter().map(Edit::Remove).collect();
        edits.extend(self.recovery_edits());
        edits
    }

    /// The write that starts over within the open cycle.
    pub(crate) fn start_over(&self, job: &str, cycle: u64) -> Write {
        Write::Update(Self::key(job), self.over_edits(), super::job::same_count("open_cycle", cycle))
    }

    /// The write that starts over and ends the open cycle; without one, nothing may have begun meanwhile.
    pub(crate) fn start_over_and_close(&self, job: &str) -> Write {
        let mut edits = self.over_edits();
        edits.extend(["open_cycle", "open_now", "open_seed"].map(Edit::Remove));
        let still = match &self.open {
            Some(open) => super::job::same_count("open_cycle", open.number),
            None => Condition::All(vec![Condition::Present, Condition::Without("open_cycle")]),
        };
        Write::Update(Self::key(job), edits, still)
    }

    /// The write that ends a recovery.
    pub(crate) fn recovered(job: &str) -> Write {
        Write::Update(Self::key(job), vec![Edit::Remove("recovery")], Condition::Present)
    }
}
