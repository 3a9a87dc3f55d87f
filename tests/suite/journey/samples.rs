//! Every sample through the front door: its verdict and its cause stand on the page and in the mail.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
    panic::AssertUnwindSafe,
    time::Duration,
};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use moxi_onboard::{
    domain::{
        cause::{Cause, Who},
        causes,
    },
    simulator::Sample,
};

use crate::{
    databases::{Database, on_both},
    kinds,
    world::{Admin, Cast, Page, Plan, World},
};

/// So many people at once.
const AT_ONCE: usize = 32;
/// So many people of one network.
const IN_A_NETWORK: usize = 100;
/// The last to hear is who has a silent server: each of five tries ends at a cap of 15 s, and there is a queue before.
/// On a machine that does much else the queue alone has taken minutes.
const PATIENCE: Duration = Duration::from_secs(900);
/// The mails that tell how a check ended, or that it waits.
const MAILS: [&str; 4] = ["Verified", "Not connected", "Waiting", "In our hands"];

/// Many checks at once. The first pause is short, and a busy server is never granted a longer one; after the second
/// the story is over.
fn plan() -> Plan {
    let ladder = ["200 ms", "24 h"].map(str::to_owned).to_vec();
    Plan { ladder, checks_at_once: 32, ..Plan::default() }
}

/// A world for many offices.
pub async fn town(database: &Database) -> World<'_> {
    World::start_with(database, plan(), &[Cast::Everything]).await
}

/// The first sample of each verdict and kind that a check tells.
pub fn one_of_each(samples: &[Sample]) -> Vec<Sample> {
    let mut seen = BTreeSet::new();
    let new = |sample: &&Sample| seen.insert((sample.kind, sample.expected_verdict.clone()));
    samples.iter().filter(typed).filter(|sample| !by_the_form(sample)).filter(new).cloned().collect()
}

/// Whether the form tells it, before there is a check.
fn by_the_form(sample: &Sample) -> bool {
    sample.expected_cause.as_deref().is_some_and(|cause| cause.starts_with("form_"))
}

/// What is typed is all that is brought. Who has a certificate also uploads it: their story is told by itself.
fn typed(sample: &&Sample) -> bool {
    sample.certificate.is_none()
}

/// Walks with all of these; each ends on the page of its check, or with what was not as promised.
pub async fn walks(world: &World<'_>, mut samples: Vec<Sample>) -> Vec<(Admin, Result<Page, String>)> {
    // Whoever is given to our people is tried five times before: they begin.
    samples.sort_by_key(|sample| sample.expected_verdict != "could_not_tell");
    let walks = samples.iter().enumerate().map(|(at, sample)| {
        let mut admin = world.admin(&sample.name);
        admin.browser = admin.browser.at(home(at));
        async move {
            let walked = AssertUnwindSafe(walk(&admin)).catch_unwind().await;
            (admin, walked.unwrap_or_else(|panic| Err(said(panic))))
        }
    });
    stream::iter(walks).buffer_unordered(AT_ONCE).collect().await
}

/// Where somebody connects from: like real offices each has an address of its own, for the portal holds only so many
/// connections of one address and gives a network only so many codes an hour.
fn home(at: usize) -> IpAddr {
    let part = |number: usize| u8::try_from(number).expect("there are not so many samples");
    Ipv4Addr::new(127, 0, part(at / IN_A_NETWORK), part(at % IN_A_NETWORK + 1)).into()
}

/// What a broken expectation said.
fn said(panic: Box<dyn Any + Send>) -> String {
    panic.downcast::<String>().map_or_else(|_| "a page was not as expected".to_owned(), |said| *said)
}

on_both! {
    async fn every_sample_shows_its_verdict_and_cause(database) {
        let world = town(database).await;
        let samples = world.simulator.samples().iter().filter(typed).cloned().collect();
        let walked = walks(&world, samples).await;
        let wrong: BTreeMap<_, _> = walked
            .into_iter()
            .filter_map(|(admin, walked)| Some((admin.sample.name, walked.err()?)))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        world.logs_are_calm();
        world.has_no_needles().await;
    }

    async fn what_the_answers_show_by_themselves_stands_beside_the_field(database) {
        let world = World::start(database).await;
        for name in ["healthy", "ews-healthy"] {
            let admin = world.admin(name);
            admin.begins().await;
            let mut page = admin.creates_connection("Main office").await;
            for mistake in mistakes(&admin) {
                page = mistake.must_be_told(&admin, &page).await;
            }
            let review = admin.enters(&page, &admin.credential()).await;
            review.must_say("Check your answers");
        }
        world.ends_well().await;
    }
}

/// The story of one sample.
async fn walk(admin: &Admin) -> Result<Page, String> {
    if by_the_form(&admin.sample) {
        return is_told_at_the_form(admin).await;
    }
    let (subject, state) = promised(&admin.sample)?;
    let status = admin.submits_the_first_attempt().await;
    let mail = admin.mail_of(&MAILS, PATIENCE).await;
    let status = admin.sees_it_rest(&admin.browser.opens(&status.url).await).await;
    let Some(mail) = mail else { return Err(format!("no mail tells of the end: {}", status.text())) };
    if !mail.subject.contains(subject) || admin.verdict(&status) != state {
        return Err(format!("{state} was promised, the mail says {:?}: {}", mail.subject, status.text()));
    }
    let Some(id) = &admin.sample.expected_cause else { return Ok(status) };
    let cause = causes::find(id).ok_or_else(|| format!("no cause {id}"))?;
    let title = cause.on(admin.sample.kind == "exchange_basic").title;
    if !status.says(title) {
        return Err(format!("the page does not say {title:?}: {}", status.text()));
    }
    let by_mail = matches!(subject, "Verified" | "Not connected");
    if by_mail && !mail.words().contains(title) {
        return Err(format!("the mail does not say {title:?}: {}", mail.text));
    }
    Ok(status)
}

/// What a file shows by itself is said beside the field, before anything is sent.
async fn is_told_at_the_form(admin: &Admin) -> Result<Page, String> {
    admin.begins().await;
    let form = admin.creates_connection("Main office").await;
    let typed = admin.credential();
    let told = admin.enters(&form, &typed).await;
    let place = format!("{}-error", typed.secret.0);
    let beside =
        told.html().marked("id").into_iter().any(|(id, sentence)| id == place && sentence.contains(' '));
    if told.status == 422 && told.title().starts_with("Error: ") && beside {
        Ok(told)
    } else {
        Err(format!("{} and no sentence beside the field: {}", told.status, told.text()))
    }
}

/// The mail that must come, and the state that the page must show then. What could not be told is tried again while the
/// page says that it waits, and the mail comes after the last try.
fn promised(sample: &Sample) -> Result<(&'static str, &'static str), String> {
    Ok(match sample.expected_verdict.as_str() {
        "passed" | "passed_with_warnings" => ("Verified", "verified"),
        "failed" => ("Not connected", "failed"),
        "waiting_for_provider" => ("Waiting", "waiting"),
        "could_not_tell" if is_theirs(sample) => ("Not connected", "failed"),
        "could_not_tell" => ("In our hands", "needs_staff"),
        other => return Err(format!("a verdict nobody knows: {other}")),
    })
}

/// Whether what kept us from a result is for somebody on the office's side.
fn is_theirs(sample: &Sample) -> bool {
    let cause = sample.expected_cause.as_deref().and_then(causes::find);
    cause
        .map(|cause| cause.on(sample.kind == "exchange_basic"))
        .is_some_and(|cause| matches!(cause.who, Who::Admin | Who::HostingProvider) && !cause.mend.is_empty())
}

/// Something typed that shows by itself that it is wrong.
struct Mistake {
    field: &'static str,
    text: String,
    /// Where the sentence stands, and words of it.
    told: (&'static str, &'static str),
}

/// One for each cause that is found in the answers.
fn mistakes(admin: &Admin) -> Vec<Mistake> {
    let sample = &admin.sample;
    let secret = ("client_secret-error", "client_secret");
    let id = ("client_id-error", "client_id");
    let listed = [
        ("form_secret_is_id", secret, "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12", "This is the Secret ID"),
        ("form_secret_masked", secret, "Xq1***************************", "This is the masked value"),
        ("form_secret_whitespace", secret, "\"Xq18Q~abcdefghijklmnopqrst\"", "it holds blanks, quotes"),
        ("form_ids_identical", id, sample.tenant_id.as_str(), "must differ"),
        ("form_id_malformed", id, "2f6c1b7e-4a65", "32 letters and digits"),
        ("form_expiry_invalid", ("ends-error", "ends_year"), "2020", "This day is over"),
    ];
    // What shows only beside another office's key, or is only warned of after a refusal, has tests of its own.
    let others = ["form_duplicate_credential", "form_password_non_ascii"];
    let has = |id| listed.iter().any(|one| one.0 == id) || kinds::SLIPS.contains(&id) || others.contains(&id);
    // A file that is handed in is no text; it has samples.
    let typed = |cause: &Cause| {
        cause.id.starts_with("form_") && cause.scenarios.iter().any(|name| name.starts_with("fault:"))
    };
    let missing: Vec<_> =
        causes::all().filter(|cause| typed(cause) && !has(cause.id)).map(|cause| cause.id).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let mistake =
        |(_, (place, field), text, words): (&str, (&'static str, &'static str), &str, &'static str)| {
            Mistake { field, text: text.to_owned(), told: (place, words) }
        };
    listed.into_iter().map(mistake).collect()
}

impl Mistake {
    /// Types it among answers that are right otherwise. Leads to the form, which tells of it and of nothing else.
    async fn must_be_told(&self, admin: &Admin, page: &Page) -> Page {
        let form = admin.fills(page, &admin.credential()).with(self.field, &self.text);
        let told = admin.browser.presses(&form, "Continue").await;
        let page = told.html();
        let beside =
            page.marked("id").into_iter().filter(|(id, _)| id.ends_with("-error")).collect::<Vec<_>>();
        let [(place, sentence)] = &beside[..] else { panic!("{}: {beside:?}: {}", self.text, told.text()) };
        assert_eq!((told.status.as_u16(), place.as_str()), (422, self.told.0), "{}: {sentence}", self.text);
        assert!(sentence.contains(self.told.1), "{}: {sentence}", self.text);
        assert!(told.title().starts_with("Error: "), "{}", told.title());
        let described = page.marked("aria-describedby");
        assert!(
            described.iter().any(|(ids, _)| ids.split(' ').any(|id| id == place)),
            "{place} describes no field"
        );
        told
    }
}
