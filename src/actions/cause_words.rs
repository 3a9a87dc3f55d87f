//! The texts of a cause, filled with the names of one attempt. Mails and pages say the same.

use crate::{
    app::App,
    domain::{
        cause::{Cause, Mend, Names, Remedy, SecretFault, Who, fill, fill_command},
        causes,
        check::{CauseId, Fact},
        credential::CredentialSettings,
        lacking::lacking,
        renewal::Renewal,
        shell,
    },
    notify::mend::MendLine,
};

/// The names that texts are filled with.
pub fn names(app: &App, settings: &CredentialSettings, attempt: i64) -> Names {
    let about = &app.settings.about;
    let support = about.support_address.clone().or_else(|| about.support_phone.clone());
    let egress = match about.egress_addresses.join(", ") {
        none if none.is_empty() => "the addresses that MoxiWorks names to you".to_owned(),
        named => named,
    };
    let named = match settings {
        // The number is our own; the office has no other.
        CredentialSettings::GoogleDelegated(_) => {
            Names::of(settings, attempt).delegated_to(about.google_client_id.as_deref())
        }
        _ => Names::of(settings, attempt),
    };
    Names { egress, support: support.unwrap_or_else(|| "MoxiWorks support".to_owned()), ..named }
}

/// One step of a mend, filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MendWords {
    /// What to do.
    pub text: String,
    /// The command that does it.
    pub command: Option<String>,
    /// A value to be copied.
    pub copy: Option<String>,
}

/// A cause, filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseWords {
    /// Its stable id.
    pub id: String,
    /// The heading.
    pub title: String,
    /// What it means.
    pub meaning: String,
    /// What to do, in order.
    pub mend: Vec<MendWords>,
    /// Who can do it, as it stands behind "Who can mend it:".
    pub who: &'static str,
    /// How long a change takes to show, where waiting is part of the mend.
    pub waits: Option<&'static str>,
    /// What the way on needs new.
    pub renewal: Renewal,
    /// Whether the same attempt may be checked again once it is mended.
    pub again: bool,
    /// Whether that comes before anything is made or entered anew.
    pub again_first: bool,
    /// Whether the likeliest mend is another answer, in a new attempt.
    pub answer: bool,
    /// Whether we try again by ourselves within minutes: nobody applies a change.
    pub soon: bool,
    /// Whether somebody on the office's side can mend it.
    pub theirs: bool,
    /// Whether somebody has to act and the provider then takes its time: waiting alone does not help.
    pub office_acts: bool,
}

impl CauseWords {
    /// The words of a cause for these names; honest words where this version knows none of that id.
    pub fn of(id: Option<&CauseId>, names: &Names) -> Self {
        match id.and_then(|id| causes::find(id.as_str())) {
            Some(cause) => Self::known(&cause.on(names.own_server), names),
            None => Self::unknown(id),
        }
    }

    /// The same with what is lacking by name, as the steps of the check tell it.
    #[must_use]
    pub fn lacking<'a>(self, steps: impl IntoIterator<Item = (Option<&'a CauseId>, &'a [Fact])>) -> Self {
        let cause = CauseId::from_stored(self.id.clone());
        let names = lacking(Some(&cause), steps);
        if names.is_empty() {
            return self;
        }
        Self { meaning: format!("{} Missing: {}.", self.meaning, names.join(", ")), ..self }
    }

    /// The same while our own people look at it: what only waits, or is ours, needs no steps of the office.
    #[must_use]
    pub fn in_our_hands(self) -> Self {
        if self.theirs { self } else { Self { mend: Vec::new(), ..self } }
    }

    /// The heading as our own people read it: it speaks of the office, and not to it.
    pub fn told_to_us(&self) -> String {
        let theirs = self.title.strip_prefix("Your ").map(|rest| format!("Its {rest}"));
        theirs
            .unwrap_or_else(|| self.title.clone())
            .replace(" your ", " its ")
            .replace(" you ", " the office ")
    }

    fn known(cause: &Cause, names: &Names) -> Self {
        let mut told = shell::Told::default();
        let mend = |step: &Mend| MendWords {
            text: fill(step.text, names),
            command: step
                .command
                .map(|command| told.before(command, names.own_server) + &fill_command(command, names)),
            copy: step.copy.map(|value| fill(value, names)),
        };
        Self {
            id: cause.id.to_owned(),
            title: fill(cause.title, names),
            meaning: fill(cause.meaning, names),
            mend: cause.steps(names).map(mend).collect(),
            who: cause.who.words(),
            waits: cause.waits,
            renewal: Renewal::after(cause),
            again: may_check_again(cause),
            again_first: again_comes_first(cause),
            answer: cause.answer,
            soon: cause.remedy == Remedy::Retry,
            theirs: matches!(cause.who, Who::Admin | Who::HostingProvider) && !cause.mend.is_empty(),
            office_acts: cause.remedy == Remedy::ActThenWait,
        }
    }

    fn unknown(id: Option<&CauseId>) -> Self {
        Self {
            id: id.map_or_else(|| "unknown".to_owned(), ToString::to_string),
            title: "The check could not be finished".to_owned(),
            meaning: "Something on our side kept us from a result. Our people have been told and look at it."
                .to_owned(),
            mend: Vec::new(),
            who: "MoxiWorks",
            waits: None,
            renewal: Renewal::Nothing,
            again: true,
            again_first: true,
            answer: false,
            soon: false,
            theirs: false,
            office_acts: false,
        }
    }

    /// The mend as mails say it.
    pub fn mend_lines(&self) -> Vec<MendLine> {
        let line = |step: &MendWords| {
            MendLine::new(step.text.clone(), step.command.as_deref().or(step.copy.as_deref()))
        };
        self.mend.iter().map(line).collect()
    }
}

/// Whether the same attempt may be checked again: where its names are kept and its secret can be right, and where the
/// provider applies a mend slowly.
pub const fn may_check_again(cause: &Cause) -> bool {
    let kept = !cause.renew && !matches!(cause.secret, SecretFault::Yes);
    kept || cause.waits.is_some()
}

/// Whether the same attempt is checked again before anything is made anew: it is mended in place, and neither its secret
/// nor an answer is in doubt. New names are for when that did not help.
pub const fn again_comes_first(cause: &Cause) -> bool {
    may_check_again(cause) && matches!(cause.secret, SecretFault::No) && !cause.answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_people_are_not_spoken_to_as_if_they_were_the_office() {
        for cause in causes::all().flat_map(|cause| [cause.on(false), cause.on(true)]) {
            let told = CauseWords::known(&cause, &Names::default()).told_to_us();
            let words: Vec<String> = told.to_lowercase().split(' ').map(str::to_owned).collect();
            assert!(!words.iter().any(|word| ["you", "your"].contains(&word.as_str())), "{told}");
        }
    }

    #[test]
    fn what_is_mended_in_place_is_checked_again_first() {
        let readings = causes::all().flat_map(|cause| [cause.on(false), cause.on(true)]);
        let mut first = Vec::new();
        for cause in readings {
            let words = CauseWords::known(&cause, &Names::default());
            let texts = cause.mend.iter().map(|step| step.text.to_lowercase());
            let named = texts.filter(|text| text.contains("check again"));
            assert!(
                words.again || named.count() == 0,
                "{}: its mend names a button that is not there",
                cause.id
            );
            let sent_back = cause.mend.last().is_some_and(|step| {
                let text = step.text.to_lowercase();
                text.starts_with("then select \"check again\"") || text.starts_with("then check again")
            });
            let in_doubt = words.renewal == Renewal::Secret;
            assert!(!sent_back || in_doubt || words.again_first, "{}: the button comes second", cause.id);
            assert!(!words.office_acts || words.again, "{}", cause.id);
            if words.again_first {
                first.push(cause.id);
            }
        }
        for id in [
            "graph_permission_missing",
            "exo_ews_app_not_allowed",
            "impersonation_denied_user",
            // What an administrator mends in the app that is there already.
            "consent_missing",
            "consent_needs_admin",
            "app_permissions_misconfigured",
            "app_disabled",
            "app_assignment_required",
            "app_is_public_client",
            "workload_conditional_access",
            "security_policy_blocked",
            "exo_token_rejected",
            "service_account_deleted",
        ] {
            assert!(first.contains(&id), "{id}");
        }
        // Where the last thing to do is to enter something else, that comes first.
        for cause in causes::all() {
            let last = cause.mend.last().map_or("", |step| step.text);
            let aside = ["Or ", "If ", "Until "].iter().any(|word| last.starts_with(word));
            let enters = last.contains(" in a new attempt") && !aside && cause.remedy == Remedy::Act;
            if enters && Renewal::after(cause) == Renewal::Nothing {
                assert!(cause.answer, "{}: the same answers are checked again", cause.id);
            }
            assert!(!cause.answer || !again_comes_first(cause), "{}", cause.id);
        }
        // What is mistyped is entered anew; an app that is only fresh is checked again, second. A refused secret is gone.
        assert!(!first.contains(&"app_not_found"));
        assert!(causes::find("app_not_found").is_some_and(may_check_again));
        assert!(causes::find("client_secret_invalid").is_some_and(|cause| !may_check_again(cause)));
    }
}
