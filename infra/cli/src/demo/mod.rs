//! `tenure demo`: a bundled company, from HR file to accounts, on the local stack. Ends by itself.

mod day;

use crate::args::DemoArgs;
use crate::cycles::newest;
use crate::error::{CommandError, Exit};
use crate::rest::Rest;
use crate::run::{cycle, show_holds};
use crate::session::{Needs, Session};
use crate::{plan, print, summary};
use day::Staff;
use jiff::Timestamp;
use messages::Mode;
use pipeline::state::{Cycle, Held};
use ports::{Clock, Entropy};
use record::RecordId;
use simulators::graph::Counts;
use std::path::{Path, PathBuf};

const PEOPLE: &str = include_str!("../../company/people.csv");
const RULES: &str = include_str!("../../company/tenure.toml");
const JOB: &str = "hr-to-entra";

/// Runs the command.
pub(crate) async fn run(args: &DemoArgs) -> Result<Exit, CommandError> {
    let clock = bootstrap::SystemClock;
    let began = clock.now();
    let folder = folder()?;
    let shown = show(&folder, began).await;
    let seconds = clock.now().duration_since(began).as_secs_f64();
    if args.keep {
        print::line(format!(
            "\nThe company is in {0}; look around with\n  tenure status --config {0}/tenure.toml",
            folder.display()
        ));
    } else {
        let _ = std::fs::remove_dir_all(&folder);
    }
    shown?;
    print::line(format!("\nThe demo took {seconds:.1} s. Your own file: see README.md, \"Your own HR file\"."));
    Ok(Exit::Done)
}

/// A fresh folder with the company in it.
fn folder() -> Result<PathBuf, CommandError> {
    let mut bytes = [0; 16];
    bootstrap::SystemEntropy.fill(&mut bytes);
    let name = format!("tenure-demo-{}", &RecordId(bytes).to_string()[..8]);
    let folder = std::env::temp_dir().join(name);
    let failed = |error| CommandError::failed(format!("{} cannot be made", folder.display()), error);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    std::fs::write(folder.join("tenure.toml"), RULES).map_err(failed)?;
    std::fs::write(folder.join("people.csv"), PEOPLE).map_err(failed)?;
    Ok(folder)
}

async fn show(folder: &Path, now: Timestamp) -> Result<(), CommandError> {
    let session = Session::open(&folder.join("tenure.toml"), Needs::Functions).await?;
    let played = Demo { session: &session, folder, today: now }.play().await;
    session.close().await;
    played
}

struct Demo<'a> {
    session: &'a Session,
    folder: &'a Path,
    today: Timestamp,
}

impl Demo<'_> {
    async fn play(&self) -> Result<(), CommandError> {
        let mut staff = Staff::read(PEOPLE);
        print::line(format!(
            "A company of {} invented people in {} countries. HR's word is people.csv;",
            staff.len(),
            staff.countries()
        ));
        print::line("Entra ID is a simulator of Microsoft Graph with its documented rules, on this machine.");

        title("1. The first cycle: everybody in the file gets an account");
        self.cycle(Mode::Full).await?;
        self.namesakes();

        title("2. The same file again: nothing to do, and nothing is done");
        self.cycle(Mode::Full).await?;

        title("3. A day at the company, first as a plan (tenure plan): nothing is written yet");
        let told = staff.a_day(self.today);
        self.write(&staff.text())?;
        plan::show_next(self.session, JOB, Mode::Incremental).await?;
        title("   … and carried out (tenure run)");
        self.cycle(Mode::Incremental).await?;
        print::line(told);

        title("4. The next file is cut off after a third of its rows");
        let text = staff.text();
        let third = text.lines().take(1 + staff.len() / 3).collect::<Vec<_>>().join("\n") + "\n";
        self.write(&third)?;
        self.cycle(Mode::Incremental).await?;
        print::line("   Nothing of it is used. Nobody is disabled because a file ends early.");

        title("5. A whole file again, but somebody terminated a department by mistake");
        let count = staff.terminate_department("Support", self.today);
        self.write(&staff.text())?;
        self.cycle(Mode::Incremental).await?;
        print::line(format!(
            "   {count} disables are over the limit: they wait for a word, and a person rejects them."
        ));
        self.reject().await?;

        title("6. Why is the mover's department what it is? (tenure explain)");
        crate::explain::show(self.session, JOB, day::MOVER, Some("department"), false).await?;
        Ok(())
    }

    fn write(&self, text: &str) -> Result<(), CommandError> {
        // As a careful HR system does it: the file appears whole.
        let part = self.folder.join("people.csv.part");
        let failed = |error| CommandError::failed("the HR file cannot be written", error);
        std::fs::write(&part, text).map_err(failed)?;
        std::fs::rename(&part, self.folder.join("people.csv")).map_err(failed)
    }

    async fn cycle(&self, mode: Mode) -> Result<(), CommandError> {
        let clock = bootstrap::SystemClock;
        let (began, before) = (clock.now(), self.counts());
        let last = newest(self.session, JOB, 1).await?.first().map_or(0, |cycle| cycle.number);
        let rest = cycle(self.session, JOB, mode).await?;
        if !matches!(rest, Rest::Done | Rest::Held(_)) {
            return Err(CommandError::because(format!("the cycle did not come to rest: {rest:?}")));
        }
        let mut cycles: Vec<Cycle> = newest(self.session, JOB, 20).await?;
        cycles.retain(|cycle| cycle.number > last);
        for cycle in cycles.iter().rev() {
            print::line(format!("   cycle {} {}: {}", cycle.number, summary::state(cycle), summary::line(cycle)));
        }
        let holds =
            Held::all(&self.session.ports().table, JOB).await.map_err(|error| crate::cycles::unreadable(&error))?;
        show_holds(&holds);
        let after = self.counts();
        let seconds = clock.now().duration_since(began).as_secs_f64();
        print::line(format!(
            "   Entra: {} writes in {} requests, {} throttled; {seconds:.1} s",
            after.writes() - before.writes(),
            after.batches - before.batches,
            after.throttled - before.throttled
        ));
        Ok(())
    }

    fn counts(&self) -> Counts {
        self.session.simulator.as_ref().map(simulators::graph::Simulator::counts).unwrap_or_default()
    }

    /// Two people of one name have two names in Entra.
    fn namesakes(&self) {
        let users = self.session.simulator.as_ref().map(simulators::graph::Simulator::users).unwrap_or_default();
        let name = |id: &str| {
            users
                .iter()
                .find(|user| user["employeeId"] == id)
                .map(|user| {
                    let text = |property: &str| user[property].as_str().unwrap_or_default().to_owned();
                    format!("{} ({id}) is {}", text("displayName"), text("userPrincipalName"))
                })
                .unwrap_or_default()
        };
        print::line(format!("   Two people, one name: {}; {}", name(day::NAMESAKES.0), name(day::NAMESAKES.1)));
        let managed = users.iter().filter(|user| user.get("manager").is_some()).count();
        print::line(format!("   {} accounts, {managed} of them with their manager", users.len()));
    }

    async fn reject(&self) -> Result<(), CommandError> {
        let job = self.session.runtime.expect_job(JOB).map_err(|error| CommandError::failed("no such job", error))?;
        let unreadable = |error: pipeline::StepError| crate::cycles::unreadable(&error);
        for hold in Held::all(&self.session.ports().table, JOB).await.map_err(unreadable)? {
            pipeline::reject(self.session.ports(), &job, &hold.hash).await.map_err(unreadable)?;
            print::line(format!("   tenure reject {}: rejected", &hold.hash[..12]));
        }
        Ok(())
    }
}

fn title(text: &str) {
    print::line(format!("\n{text}"));
}
