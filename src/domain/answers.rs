//! What an admin types for a Microsoft 365 client secret, and the rules that read it before any network is asked.
//!
//! The typed text is kept as it was, so that a refused form shows it again. The secret is not among it: it is
//! sealed by itself and never kept as text.

use jiff::civil::Date;

use super::{
    address::{MailAddress, MailDomain},
    brokerage::Brokerage,
    credential::{ExpiryProblem, GraphSecretSettings, TenantName, expiry_fits},
    dates::{self, DateProblem},
    guid::Guid,
    naming::{self, AppNames, UsedIn, UsedNames},
    refused::FieldError,
    text::{ObjectName, is_hidden},
};

/// The fields of the form in the order of the page; errors are told in this order.
pub const FIELDS: &[&str] = &[
    "app_name",
    "tenant",
    "client_id",
    "secret_name",
    "client_secret",
    "ends_month",
    "ends_day",
    "ends_year",
    "ends_sure",
    "test_mailbox",
];

/// Puts errors into the order of the page.
pub fn in_page_order(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    errors.sort_by_key(|error| FIELDS.iter().position(|field| *field == error.field));
    errors
}

/// The typed answers, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct GraphSecretAnswers {
    /// What the app is called.
    pub app_name: String,
    /// The tenant's id or one of its domains.
    pub tenant: String,
    /// The application (client) id.
    pub client_id: String,
    /// The description of the client secret.
    pub secret_name: String,
    /// The month the secret ends in: a number or a name.
    pub ends_month: String,
    /// The day it ends on.
    pub ends_day: String,
    /// The year it ends in.
    pub ends_year: String,
    /// `yes` when the admin says that a day more than 24 months ahead is right.
    pub ends_sure: String,
    /// The mailbox the check acts as.
    pub test_mailbox: String,
}

/// What the rules look at besides the answers.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Today in UTC.
    pub today: Date,
    /// Whose answers they are.
    pub brokerage: &'a Brokerage,
    /// What earlier attempts of the connection used.
    pub earlier: &'a [UsedNames],
    /// The number of the attempt that the answers are for.
    pub attempt: i64,
}

impl GraphSecretAnswers {
    /// Empty answers with the names that attempt `n` proposes.
    pub fn proposed(attempt: i64) -> Self {
        Self {
            app_name: naming::app_name(attempt),
            secret_name: naming::secret_name(attempt),
            ..Self::default()
        }
    }

    /// The answers of a new attempt after a failed one. The tenant and the test mailbox are kept. A fresh start
    /// has a new app, so its name is proposed anew and its client id is asked again; otherwise both are kept. The
    /// client secret is a new one in any case, so its description is new and its last day is asked again.
    pub fn after(earlier: &GraphSecretSettings, attempt: i64, fresh_start: bool) -> Self {
        let mut answers = Self::proposed(attempt);
        earlier.tenant.as_str().clone_into(&mut answers.tenant);
        earlier.test_mailbox.as_str().clone_into(&mut answers.test_mailbox);
        if !fresh_start {
            earlier.names.app.as_str().clone_into(&mut answers.app_name);
            earlier.client_id.as_str().clone_into(&mut answers.client_id);
        }
        answers
    }

    /// Reads the answers; errs with everything that is wrong, in the order of the page.
    pub fn read(&self, rules: &Rules<'_>) -> Result<GraphSecretSettings, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut noted = |field: &'static str, sentence: String| errors.push(FieldError { field, sentence });
        let tenant = self.read_tenant(rules).map_err(|sentence| noted("tenant", sentence));
        let client_id = self.read_client_id().map_err(|sentence| noted("client_id", sentence));
        let ends = self.read_end(rules).map_err(|(field, sentence)| noted(field, sentence));
        let mailbox = self.read_mailbox(rules).map_err(|sentence| noted("test_mailbox", sentence));
        let app = self
            .read_app_name(rules, client_id.as_ref().ok())
            .map_err(|(field, sentence)| noted(field, sentence));
        let secret = self.read_secret_name(rules).map_err(|sentence| noted("secret_name", sentence));
        match (tenant, client_id, ends, mailbox, app, secret) {
            (Ok(tenant), Ok(client_id), Ok(ends), Ok(test_mailbox), Ok(app), Ok(secret)) => {
                let names = AppNames { app, secret };
                Ok(GraphSecretSettings { tenant, client_id, secret_expires_on: ends, test_mailbox, names })
            }
            _ => Err(in_page_order(errors)),
        }
    }

    fn read_tenant(&self, rules: &Rules<'_>) -> Result<TenantName, String> {
        let text = bare(&self.tenant);
        if text.is_empty() {
            return Err("Enter the Directory (tenant) ID".to_owned());
        }
        if ["common", "organizations", "consumers"].contains(&text.to_ascii_lowercase().as_str()) {
            return Err(format!(
                "Enter your own Directory (tenant) ID: with \"{}\" an app cannot sign in",
                text.to_ascii_lowercase()
            ));
        }
        let tenant = TenantName::parse(text).ok_or(
            "Copy the Directory (tenant) ID again from your app's Overview page: it has 32 letters and digits in five groups",
        )?;
        match &tenant {
            TenantName::Domain(domain) if domain.is_consumer() => {
                Err(format!("Enter your office's tenant: {domain} belongs to private mailboxes"))
            }
            TenantName::Domain(domain) if !rules.brokerage.may_check_domain(domain) => {
                Err(outside(rules.brokerage, "Enter the Directory (tenant) ID, or the domain", domain))
            }
            TenantName::Id(_) | TenantName::Domain(_) => Ok(tenant),
        }
    }

    fn read_client_id(&self) -> Result<Guid, String> {
        let text = bare(&self.client_id);
        if text.is_empty() {
            return Err("Enter the Application (client) ID".to_owned());
        }
        let client = Guid::parse(text).ok_or(
            "Copy the Application (client) ID again from your app's Overview page: it has 32 letters and digits in five groups",
        )?;
        if Guid::parse(bare(&self.tenant)).as_ref() == Some(&client) {
            return Err("The Application (client) ID and the Directory (tenant) ID must differ: your app's Overview page shows both".to_owned());
        }
        Ok(client)
    }

    fn read_end(&self, rules: &Rules<'_>) -> Result<Date, (&'static str, String)> {
        let (month, day, year) = (bare(&self.ends_month), bare(&self.ends_day), bare(&self.ends_year));
        let ends = dates::read(month, day, year).map_err(|problem| match problem {
            DateProblem::Empty => ("ends_month", "Enter the day the client secret ends".to_owned()),
            DateProblem::Month | DateProblem::NoSuchDay => ("ends_month", problem.sentence().to_owned()),
            DateProblem::Day => ("ends_day", problem.sentence().to_owned()),
            DateProblem::Year => ("ends_year", problem.sentence().to_owned()),
        })?;
        match expiry_fits(ends, rules.today) {
            Ok(()) => Ok(ends),
            Err(ExpiryProblem::TooFar) if self.ends_sure == "yes" => Ok(ends),
            Err(ExpiryProblem::TooFar) => Err((
                "ends_month",
                format!(
                    "Is {} right? Entra offers at most 24 months. Change the date, or say that it is right",
                    dates::words(ends)
                ),
            )),
            Err(problem) => Err(("ends_month", problem.sentence().to_owned())),
        }
    }

    /// Whether the last day lies so far ahead that the page asks whether it is right.
    pub fn end_is_far(&self, today: Date) -> bool {
        let read = dates::read(bare(&self.ends_month), bare(&self.ends_day), bare(&self.ends_year));
        read.is_ok_and(|ends| expiry_fits(ends, today) == Err(ExpiryProblem::TooFar))
    }

    fn read_mailbox(&self, rules: &Rules<'_>) -> Result<MailAddress, String> {
        let mailbox = MailAddress::parse(bare(&self.test_mailbox))
            .map_err(|problem| problem.sentence("the test mailbox"))?;
        let domain = mailbox.domain();
        if domain.is_consumer() {
            return Err(format!("Enter a mailbox of your office: {domain} belongs to private mailboxes"));
        }
        if !rules.brokerage.may_check(&mailbox) {
            return Err(outside(rules.brokerage, "Enter a mailbox", &domain));
        }
        Ok(mailbox)
    }

    fn read_app_name(
        &self,
        rules: &Rules<'_>,
        client_id: Option<&Guid>,
    ) -> Result<ObjectName, (&'static str, String)> {
        let name = ObjectName::parse(&self.app_name)
            .map_err(|problem| ("app_name", problem.sentence("the app's name")))?;
        let Some(client_id) = client_id else { return Ok(name) };
        if let Some(used) = rules
            .earlier
            .iter()
            .find(|used| used.client_id == *client_id && used.names.app.key() != name.key())
        {
            return Err((
                "client_id",
                format!(
                    "This Application (client) ID belongs to the app \"{}\" of attempt {}. Enter the one of \"{name}\", or give the app its old name if you keep it",
                    used.names.app, used.attempt
                ),
            ));
        }
        naming::app_is_fresh(client_id, &name, rules.earlier).map_err(|UsedIn(attempt)| {
            ("app_name", used_name(&name, attempt, &naming::app_name(rules.attempt), "app"))
        })?;
        Ok(name)
    }

    fn read_secret_name(&self, rules: &Rules<'_>) -> Result<ObjectName, String> {
        let name = ObjectName::parse(&self.secret_name)
            .map_err(|problem| problem.sentence("the client secret's description"))?;
        naming::secret_is_fresh(&name, rules.earlier).map_err(|UsedIn(attempt)| {
            used_name(&name, attempt, &naming::secret_name(rules.attempt), "client secret")
        })?;
        Ok(name)
    }

    /// Takes a client secret out of the fields it does not belong in, so that it is neither kept nor shown. `given`
    /// is what stands in the secret's own field. Returns an error for each field that was emptied.
    pub fn drop_misplaced_secret(&mut self, given: &str) -> Vec<FieldError> {
        let given = given.trim();
        let mut errors = Vec::new();
        for (field, text) in self.texts() {
            let repeated = given.chars().count() >= 16 && text.contains(given);
            if repeated || looks_like_secret(text) {
                text.clear();
                errors.push(FieldError {
                    field,
                    sentence: "This looked like a client secret, so we did not keep it here. Put it into the field \"Client secret\" only".to_owned(),
                });
            }
        }
        errors
    }

    /// Shortens what nobody types: no answer has more than 1,000 characters, and none holds a NUL.
    pub fn cut(mut self) -> Self {
        for (_, text) in self.texts() {
            *text = text.chars().take(1000).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect();
        }
        self
    }

    fn texts(&mut self) -> [(&'static str, &mut String); 9] {
        [
            ("app_name", &mut self.app_name),
            ("tenant", &mut self.tenant),
            ("client_id", &mut self.client_id),
            ("secret_name", &mut self.secret_name),
            ("ends_month", &mut self.ends_month),
            ("ends_day", &mut self.ends_day),
            ("ends_year", &mut self.ends_year),
            ("ends_sure", &mut self.ends_sure),
            ("test_mailbox", &mut self.test_mailbox),
        ]
    }
}

/// A text without the blanks and the unseen characters around it, which come along when something is copied.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_hidden(c))
}

/// Entra's values have a tilde among their letters; nothing else that belongs into the form is long and has one.
fn looks_like_secret(text: &str) -> bool {
    let text = bare(text);
    text.len() >= 20
        && text.contains('~')
        && !text.contains('@')
        && text.bytes().all(|b| b.is_ascii_graphic())
}

fn used_name(name: &ObjectName, attempt: i64, proposal: &str, what: &str) -> String {
    format!(
        "\"{name}\" was used in attempt {attempt}. Give the {what} another name, such as \"{proposal}\": what is left of an earlier set-up often makes the next one fail"
    )
}

fn outside(brokerage: &Brokerage, start: &str, domain: &MailDomain) -> String {
    format!(
        "{start} of {}: until we have accepted your brokerage we connect only to the domain of your own address, not to {domain}. Ask us if your office has several",
        brokerage.proven_domain
    )
}

#[cfg(test)]
mod tests;
