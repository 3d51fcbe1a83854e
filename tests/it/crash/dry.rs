//! A plan that nobody carries out has no effect at all, wherever the process ends or a call fails.

use crate::pipeline::driver::{Company, JOB};
use crate::pipeline::people::{report, team};
use fakes::{Flaw, run_ready};
use messages::Mode;
use pipeline::{CapturedQueue, FetchOutcome, OverlayBlobs, OverlayTable, Ports};
use ports::QueueName;

/// Plans a cycle over memory, as far as it gets.
fn plan(company: &Company) -> Result<usize, pipeline::StepError> {
    let env = Ports {
        table: OverlayTable::new(company.world.table.clone()),
        queue: CapturedQueue::default(),
        blobs: OverlayBlobs::new(company.world.blobs.clone()),
        clock: company.world.clock.clone(),
        entropy: company.world.entropy.clone(),
        secret: company.ports.secret.clone(),
    };
    let fetch = messages::Fetch { v: 1, job: JOB.to_owned(), mode: Mode::Full, cycle: None, continuation: 0 };
    let deadline = company.now() + jiff::SignedDuration::from_hours(1);
    let outcome = run_ready(pipeline::fetch(&env, &company.source, &company.job(), &fetch, deadline))?;
    let FetchOutcome::Planning { cycle, .. } = outcome else { panic!("{outcome:?}") };
    let mut planned = 0;
    for (queue, body) in env.queue.take() {
        if queue == QueueName::Transform {
            let message: messages::Transform = messages::decode(&body).unwrap();
            run_ready(pipeline::transform(&env, &company.target, &company.job(), cycle, message.batch))?;
            planned += 1;
        }
    }
    Ok(planned)
}

#[test]
fn a_plan_that_ends_at_any_point_has_no_effect() {
    let mut company = Company::of(team(5));
    company.batch_size = 2;
    company.full();
    for changed in [report(3, 1).with("department", "Dyeing"), report(4, 1).with("status", "leaver"), report(6, 1)] {
        company.source.upsert(changed);
    }
    let faults = company.world.faults.clone();
    let stands = |company: &Company| {
        let (table, blobs) = (company.world.table.snapshot(), company.world.blobs.objects());
        (table, blobs, company.world.queue.sends(), company.target.received().writes(), company.accounts())
    };
    let before = stands(&company);
    let start = faults.count();
    assert_eq!(plan(&company).unwrap(), 2);
    let points = faults.count() - start;
    for point in 1..=points {
        faults.arm(point);
        assert!(plan(&company).is_err(), "point {point}");
        faults.disarm();
        faults.spoil(point, Flaw::Failed);
        assert!(plan(&company).is_err(), "point {point}");
        assert!(stands(&company) == before, "point {point}");
    }
    println!("a plan that nobody carries out: {points} points");
    assert_eq!(plan(&company).unwrap(), 2);
    assert!(stands(&company) == before);
}
