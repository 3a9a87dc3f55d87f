//! What follows from the report of a check. Pure: nothing here reads, writes or knows the time.

use std::time::Duration;

use crate::domain::{
    cause::{Remedy, Who},
    causes,
    check::{Again, CauseId, Check, Report, Verdict},
    instant::Instant,
    kind::AccessKind,
};

/// The pauses after a busy answer, before it is given to staff: five looks in about a quarter of an hour.
const SOON: &[Duration] = &[
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(3 * 60),
    Duration::from_secs(8 * 60),
];
/// The longest pause that a busy server is granted when it names one itself.
const LONGEST_ASKED: Duration = Duration::from_secs(10 * 60);

/// A later look of ours at the same attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The rung of the ladder it stands on.
    pub rung: i64,
    /// How many short pauses in a row led there.
    pub retries: i64,
    /// How long from now.
    pub after: Duration,
}

/// Which mail tells the brokerage of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeMail {
    /// It works, perhaps with warnings.
    Verified,
    /// One cause, and its mend.
    Failed,
    /// The provider needs time; we look again.
    Waiting,
    /// A person of ours looks at it.
    NeedsStaff,
}

/// What follows from a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The verdict of this check.
    pub verdict: Verdict,
    /// The verdict that moves the connection: a busy answer that is tried again soon leaves it waiting.
    pub moves: Verdict,
    /// The cause, unless it passed.
    pub cause: Option<CauseId>,
    /// What should be mended although it passed.
    pub warnings: Vec<CauseId>,
    /// When we look again by ourselves.
    pub look: Option<Look>,
    /// Which mail tells of it.
    pub mail: Option<OutcomeMail>,
}

/// What is known around a report.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The rung this check stood on.
    pub rung: i64,
    /// The short pauses that led to it.
    pub retries: i64,
    /// Whether a person said that the mend was made: a change that the provider applies slowly is then waited for.
    pub said_mended: bool,
    /// How the sign-in of this check went.
    pub sign_in: SignIn,
    /// Whether the server is the office's own.
    pub own_server: bool,
}

/// How the sign-in of a check went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignIn {
    /// Whether the secret left for the sign-in service and no judgement came back.
    pub unjudged: bool,
    /// Whether the secret was refused.
    pub refused: bool,
    /// Until when no try may be made, where that is why none was.
    pub paused_until: Option<Instant>,
}

impl Standing {
    /// The standing of a check.
    pub fn of(check: &Check, kind: AccessKind, said_mended: bool, sign_in: SignIn) -> Self {
        let own_server = kind == AccessKind::ExchangeBasic;
        Self { rung: check.rung, retries: check.retries, said_mended, sign_in, own_server }
    }

    /// Whether somebody on the office's side can mend what kept the check from a result: their server is away, and no
    /// person of ours can switch it on.
    fn is_theirs_to_mend(self, report: &Report) -> bool {
        let cause = report.cause.as_ref().and_then(|id| causes::find(id.as_str()));
        cause.map(|cause| cause.on(self.own_server)).is_some_and(|cause| {
            matches!(cause.who, Who::Admin | Who::HostingProvider) && !cause.mend.is_empty()
        })
    }
}

/// What follows from a report. `ladder` holds the pauses between looks while a provider applies a change; short
/// pauses are never longer than its first.
pub fn decide(report: &Report, standing: Standing, now: Instant, ladder: &[Duration]) -> Decision {
    let (verdict, again) = heard(report, standing);
    let rest = |moves, mail| Decision {
        verdict: moves,
        moves,
        cause: report.cause.clone(),
        warnings: report.warnings.clone(),
        look: None,
        mail: Some(mail),
    };
    let soon = |look| Decision {
        moves: Verdict::WaitingForProvider,
        look: Some(look),
        mail: None,
        ..rest(Verdict::CouldNotTell, OutcomeMail::NeedsStaff)
    };
    if let Some(look) = look_after_pause(standing, now) {
        return soon(look);
    }
    match (verdict, again) {
        (Verdict::Passed | Verdict::PassedWithWarnings, _) => rest(verdict, OutcomeMail::Verified),
        (_, Again::OnLadder) => match look_on(ladder, standing.rung) {
            Some(look) => {
                Decision { look: Some(look), ..rest(Verdict::WaitingForProvider, OutcomeMail::Waiting) }
            }
            None => rest(Verdict::Failed, OutcomeMail::Failed),
        },
        (Verdict::Failed | Verdict::WaitingForProvider, _) => rest(Verdict::Failed, OutcomeMail::Failed),
        (Verdict::CouldNotTell, Again::Soon(asked)) => match look_soon(ladder, standing, asked, report) {
            Some(look) => soon(look),
            None if standing.is_theirs_to_mend(report) => rest(Verdict::Failed, OutcomeMail::Failed),
            None => rest(Verdict::CouldNotTell, OutcomeMail::NeedsStaff),
        },
        (Verdict::CouldNotTell, Again::OnPress) => rest(Verdict::CouldNotTell, OutcomeMail::NeedsStaff),
    }
}

/// The verdict and what follows, when it is taken into account that a person said the mend was made, and that a
/// secret which was refused is tried again only when a person asks: a look of ours could not sign in.
fn heard(report: &Report, standing: Standing) -> (Verdict, Again) {
    if standing.sign_in.refused {
        return match report.again {
            Again::OnPress => (report.verdict, Again::OnPress),
            Again::Soon(_) | Again::OnLadder => (Verdict::Failed, Again::OnPress),
        };
    }
    let remedy = report.cause.as_ref().and_then(|id| causes::find(id.as_str())).map(|cause| cause.remedy);
    if standing.said_mended && report.verdict == Verdict::Failed && remedy == Some(Remedy::ActThenWait) {
        (Verdict::WaitingForProvider, Again::OnLadder)
    } else {
        (report.verdict, report.again)
    }
}

fn look_on(ladder: &[Duration], rung: i64) -> Option<Look> {
    let after = *ladder.get(usize::try_from(rung).ok()?)?;
    Some(Look { rung: rung + 1, retries: 0, after })
}

/// The look at the end of a pause between sign-ins, unless one pause follows the other for hours.
fn look_after_pause(standing: Standing, now: Instant) -> Option<Look> {
    let after = standing.sign_in.paused_until?.since(now).try_into().unwrap_or(Duration::ZERO);
    let again = usize::try_from(standing.retries).is_ok_and(|retries| retries < SOON.len());
    again.then_some(Look { rung: standing.rung, retries: standing.retries + 1, after })
}

fn look_soon(
    ladder: &[Duration],
    standing: Standing,
    asked: Option<Duration>,
    report: &Report,
) -> Option<Look> {
    // The secret may have been refused without our hearing of it: only a person tries it again.
    if standing.sign_in.unjudged && !never_reached_a_judge(report.cause.as_ref()) {
        return None;
    }
    let pause = *SOON.get(usize::try_from(standing.retries).ok()?)?;
    let pause = pause.min(ladder.first().copied().unwrap_or(pause));
    let after = asked.map_or(pause, |asked| pause.max(asked.min(LONGEST_ASKED)));
    Some(Look { rung: standing.rung, retries: standing.retries + 1, after })
}

/// Whether a sign-in with this cause ended before anybody looked at the secret: no connection came about, or the
/// service said that it was busy.
fn never_reached_a_judge(cause: Option<&CauseId>) -> bool {
    cause.is_some_and(|id| {
        let id = id.as_str();
        ["dns_", "tcp_", "tls_"].iter().any(|layer| id.starts_with(layer))
            || ["entra_transient", "google_transient", "provider_incident", "our_network_down"].contains(&id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::LADDER;

    fn report(verdict: Verdict, cause: Option<&'static str>, again: Again) -> Report {
        Report {
            verdict,
            cause: cause.map(CauseId::known),
            warnings: Vec::new(),
            credential_accepted: true,
            again,
            steps: Vec::new(),
        }
    }

    const FRESH: Standing =
        Standing { rung: 0, retries: 0, said_mended: false, sign_in: SWIFT, own_server: false };
    const SWIFT: SignIn = SignIn { unjudged: false, refused: false, paused_until: None };
    const NOW: Instant = Instant::from_micros(3_600_000_000);

    #[test]
    fn the_ladder_is_climbed_to_its_end_and_then_it_failed() {
        let waiting = report(Verdict::WaitingForProvider, Some("graph_access_denied"), Again::OnLadder);
        let mut standing = FRESH;
        let mut pauses = Vec::new();
        let last = loop {
            let decision = decide(&waiting, standing, NOW, LADDER);
            match decision.look {
                Some(look) => {
                    assert_eq!(
                        (decision.moves, decision.mail),
                        (Verdict::WaitingForProvider, Some(OutcomeMail::Waiting))
                    );
                    pauses.push(look.after);
                    standing.rung = look.rung;
                }
                None => break decision,
            }
        };
        assert_eq!(pauses, LADDER);
        assert_eq!((last.verdict, last.mail), (Verdict::Failed, Some(OutcomeMail::Failed)));
    }

    #[test]
    fn a_busy_answer_is_tried_a_few_times_and_then_staff_look() {
        let busy = report(Verdict::CouldNotTell, Some("throttled"), Again::Soon(None));
        let mut standing = FRESH;
        let mut total = Duration::ZERO;
        let mut looks = 0;
        while let Some(look) = decide(&busy, standing, NOW, LADDER).look {
            let decision = decide(&busy, standing, NOW, LADDER);
            assert_eq!((decision.moves, decision.mail), (Verdict::WaitingForProvider, None));
            total += look.after;
            looks += 1;
            standing.retries = look.retries;
        }
        assert_eq!(looks, 4);
        assert!(total <= Duration::from_secs(15 * 60), "{total:?}");
        assert_eq!(decide(&busy, standing, NOW, LADDER).mail, Some(OutcomeMail::NeedsStaff));
    }

    #[test]
    fn a_server_that_stays_away_is_for_those_who_run_it() {
        let away = report(Verdict::CouldNotTell, Some("tcp_timeout"), Again::Soon(None));
        let last = |own_server| {
            let standing = Standing { retries: 4, own_server, ..FRESH };
            let decision = decide(&away, standing, NOW, LADDER);
            (decision.moves, decision.look, decision.mail)
        };
        assert_eq!(last(true), (Verdict::Failed, None, Some(OutcomeMail::Failed)));
        assert_eq!(last(false), (Verdict::CouldNotTell, None, Some(OutcomeMail::NeedsStaff)));
        let first = decide(&away, Standing { own_server: true, ..FRESH }, NOW, LADDER);
        assert!(first.look.is_some() && first.mail.is_none(), "a moment's outage disturbs nobody");
    }

    #[test]
    fn a_pause_that_the_server_asks_for_is_granted_up_to_ten_minutes() {
        let asked = |seconds| {
            let again = Again::Soon(Some(Duration::from_secs(seconds)));
            decide(&report(Verdict::CouldNotTell, Some("throttled"), again), FRESH, NOW, LADDER)
                .look
                .map(|look| look.after)
        };
        assert_eq!(asked(5), Some(Duration::from_secs(30)));
        assert_eq!(asked(200), Some(Duration::from_secs(200)));
        assert_eq!(asked(86_400), Some(LONGEST_ASKED));
    }

    #[test]
    fn a_secret_whose_judgement_got_lost_is_not_tried_again_by_the_machine() {
        let lost = Standing { sign_in: SignIn { unjudged: true, ..SWIFT }, ..FRESH };
        let late = report(Verdict::CouldNotTell, Some("http_timeout"), Again::Soon(None));
        let away = report(Verdict::CouldNotTell, Some("tcp_timeout"), Again::Soon(None));
        let busy = report(Verdict::CouldNotTell, Some("entra_transient"), Again::Soon(None));
        assert_eq!(decide(&late, lost, NOW, LADDER).look, None);
        assert!(decide(&late, FRESH, NOW, LADDER).look.is_some());
        assert!(decide(&away, lost, NOW, LADDER).look.is_some());
        assert!(decide(&busy, lost, NOW, LADDER).look.is_some());
    }

    #[test]
    fn a_mend_that_takes_its_time_is_waited_for_once_a_person_said_it_was_made() {
        let failed = report(Verdict::Failed, Some("graph_permission_missing"), Again::OnPress);
        assert_eq!(decide(&failed, FRESH, NOW, LADDER).mail, Some(OutcomeMail::Failed));
        let said = decide(&failed, Standing { said_mended: true, ..FRESH }, NOW, LADDER);
        assert_eq!((said.verdict, said.mail), (Verdict::WaitingForProvider, Some(OutcomeMail::Waiting)));
        assert!(said.look.is_some());
        let denied = SignIn { refused: true, ..SWIFT };
        let said = Standing { said_mended: true, sign_in: denied, ..FRESH };
        let absent = report(Verdict::Failed, Some("service_principal_missing"), Again::OnPress);
        let refused = decide(&absent, said, NOW, LADDER);
        assert_eq!((refused.verdict, refused.look), (Verdict::Failed, None), "no look of ours may sign in");
        for again in [Again::OnLadder, Again::Soon(None)] {
            let waits = report(Verdict::CouldNotTell, Some("throttled"), again);
            let refused = decide(&waits, Standing { sign_in: denied, ..FRESH }, NOW, LADDER);
            assert_eq!((refused.moves, refused.look), (Verdict::Failed, None), "{again:?}");
        }
        let wrong = report(Verdict::Failed, Some("client_secret_invalid"), Again::OnPress);
        assert_eq!(
            decide(&wrong, Standing { said_mended: true, ..FRESH }, NOW, LADDER).verdict,
            Verdict::Failed
        );
    }

    #[test]
    fn a_pause_is_waited_for_and_then_looked_again() {
        let paused = report(Verdict::CouldNotTell, Some("sign_in_paused"), Again::OnPress);
        let until = NOW.plus(jiff::SignedDuration::from_mins(40));
        let sign_in = SignIn { paused_until: Some(until), ..SWIFT };
        let decision = decide(&paused, Standing { sign_in, ..FRESH }, NOW, LADDER);
        let look = Look { rung: 0, retries: 1, after: Duration::from_secs(40 * 60) };
        let waits = (decision.moves, decision.look, decision.mail);
        assert_eq!(waits, (Verdict::WaitingForProvider, Some(look), None));
        let often = decide(&paused, Standing { sign_in, retries: 4, ..FRESH }, NOW, LADDER);
        assert_eq!((often.look, often.mail), (None, Some(OutcomeMail::NeedsStaff)));
        let unknown = decide(&paused, FRESH, NOW, LADDER);
        assert_eq!((unknown.look, unknown.mail), (None, Some(OutcomeMail::NeedsStaff)));
    }
}
