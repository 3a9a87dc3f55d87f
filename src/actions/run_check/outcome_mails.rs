//! The mails that tell of a verdict, one to each person of the brokerage.

use jiff::civil::Date;

use crate::{
    actions::{
        cause_words::{self, CauseWords},
        decide::{Decision, OutcomeMail},
        outbox,
        people::recipients,
        staff_mail,
        undone::Undone,
    },
    app::App,
    domain::{
        audit::Checkpoint, brokerage::Brokerage, cause::Names, check::Outcome, connection::State,
        credential::CredentialSettings, renewal::Renewal,
    },
    notify::notice::{
        Case, Failed, NeedsStaff, Notice, Rotated, StaffCase, StaffTold, Verified, Waiting, Warning,
    },
    store::{NewCheck, PreparedMail},
};

use super::{
    load::{Loaded, Submitted},
    ran::Ran,
    renewed::says_not_renewed,
};

/// Composes them; none where nothing changed for the brokerage.
pub(super) async fn prepare(
    app: &App,
    (loaded, of): (&Loaded, &Submitted),
    decision: &Decision,
    ran: &Ran,
    look: Option<&NewCheck>,
) -> Result<Vec<PreparedMail>, Undone> {
    let Some(kind) = decision.mail else { return Ok(Vec::new()) };
    let id = &loaded.check.brokerage_id;
    let mut read = app.store.read().await?;
    let (Some(brokerage), people) = (read.brokerage(id).await?, read.people_of(id).await?) else {
        return Err(Undone::Ours("a connection without its brokerage".to_owned()));
    };
    let checkpoint = read
        .last_checkpoint()
        .await?
        .and_then(|row| Some(Checkpoint { seq: row.seq, hash: row.hash.try_into().ok()? }));
    let people = recipients(app, people)?;
    // The ladder's looks belong to the press that began it: waiting is told once for all of them.
    let event = if kind == OutcomeMail::Waiting { &of.press } else { &loaded.check.id };
    let beside = loaded.connection.state == State::Verified;
    let told = Told { app, loaded, of, decision, ran, look, brokerage: &brokerage, checkpoint, beside };
    let mut mails = outbox::prepare(app, &told.notice(kind), event.as_str(), id, &people)?;
    if let Some(copy) = told.copy(kind) {
        let connection = &loaded.connection.id;
        mails.extend(staff_mail::to_keeper(app, &mut read, id, connection, event.as_str(), copy).await?);
    }
    Ok(mails)
}

struct Told<'a> {
    app: &'a App,
    loaded: &'a Loaded,
    of: &'a Submitted,
    decision: &'a Decision,
    ran: &'a Ran,
    look: Option<&'a NewCheck>,
    brokerage: &'a Brokerage,
    checkpoint: Option<Checkpoint>,
    /// Whether the check was of a secret that is to take the place of the one in use.
    beside: bool,
}

impl Told<'_> {
    /// What the account manager of the brokerage is told of it.
    fn copy(&self, kind: OutcomeMail) -> Option<StaffTold> {
        let about = StaffCase::from(&self.case());
        match kind {
            OutcomeMail::Verified => Some(StaffTold::Verified { about }),
            OutcomeMail::Failed => Some(StaffTold::Failed { about, cause: self.failed().title }),
            OutcomeMail::Waiting | OutcomeMail::NeedsStaff => None,
        }
    }

    fn notice(&self, kind: OutcomeMail) -> Notice {
        match kind {
            OutcomeMail::Verified if self.beside => Notice::Rotated(Rotated {
                case: self.case(),
                ends_on: self.last_day(),
                went_back: false,
                same: says_not_renewed(&self.decision.warnings),
            }),
            OutcomeMail::Verified => Notice::Verified(self.verified()),
            OutcomeMail::Failed => Notice::Failed(self.failed()),
            OutcomeMail::Waiting => Notice::Waiting(self.waiting()),
            OutcomeMail::NeedsStaff => Notice::NeedsStaff(NeedsStaff { case: self.case() }),
        }
    }

    fn case(&self) -> Case {
        let connection = &self.loaded.connection;
        let page = Case::page_of(&connection.id);
        let case = Case::new(self.brokerage, connection, self.of.attempt.number, page)
            .with_checkpoint(self.checkpoint);
        if self.beside { case.renewing(&connection.id) } else { case }
    }

    fn settings(&self) -> Option<CredentialSettings> {
        self.loaded.settings(self.app).ok()
    }

    /// The last day of the secret that was checked.
    fn last_day(&self) -> Option<Date> {
        let entered = self.settings().and_then(|settings| settings.secret_expires_on());
        entered.or_else(|| self.ran.report.password_ends_on())
    }

    fn names(&self) -> Names {
        let number = self.of.attempt.number;
        self.settings().map(|settings| cause_words::names(self.app, &settings, number)).unwrap_or_default()
    }

    fn verified(&self) -> Verified {
        let passed = self
            .ran
            .report
            .steps
            .iter()
            .filter(|step| matches!(step.outcome, Outcome::Passed | Outcome::Warning));
        let names = self.names();
        let warning = |id| {
            let words = CauseWords::of(Some(id), &names);
            Warning { title: words.title, meaning: words.meaning }
        };
        Verified {
            case: self.case(),
            by_hand: false,
            tested: passed.map(|step| step.title.clone()).collect(),
            warnings: self.decision.warnings.iter().map(warning).collect(),
            secret_expires_on: self.last_day(),
        }
    }

    /// What is said of the cause, with what is lacking by name.
    fn words(&self) -> CauseWords {
        let steps = self.ran.report.steps.iter();
        CauseWords::of(self.decision.cause.as_ref(), &self.names())
            .lacking(steps.map(|step| (step.cause.as_ref(), step.facts.as_slice())))
    }

    fn failed(&self) -> Failed {
        let words = self.words();
        let (mend, again_first) = (words.mend_lines(), words.again_first);
        Failed {
            case: self.case(),
            by_hand: false,
            title: words.title,
            meaning: words.meaning,
            mend,
            again_first,
            who: words.who.to_owned(),
            renewal: if self.beside { words.renewal.min(Renewal::Secret) } else { words.renewal },
        }
    }

    fn waiting(&self) -> Waiting {
        let words = self.words();
        let next_look = self.look.map_or_else(|| self.app.clock.now(), |look| look.due_at);
        Waiting {
            case: self.case(),
            mend: if words.office_acts { words.mend_lines() } else { Vec::new() },
            who: words.who.to_owned(),
            waiting_for: words.meaning,
            next_look,
        }
    }
}
