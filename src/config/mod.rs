//! Settings: one TOML file, one struct per section, and `MOXI_SECTION__KEY` variables over it.
//!
//! Every mistake is told at once, with its line or variable, the reason and what is allowed. A secret can stand
//! in the setting itself or, with `_file` behind its name, in a file of its own; none is ever shown.

mod checks;
mod mail;
mod openid;
mod problem;
mod product;
mod public_url;
mod section;
mod site;
mod source;
mod staff_hours;

use std::path::Path;

pub use checks::{About, Checks, Kinds, Network};
pub use mail::{Mail, Smtp, SmtpSecurity, SmtpSignIn, Transport};
pub use openid::OpenId;
pub use problem::{Place, Problem, Problems};
pub use product::{Database, Google, Guides, Log, LogFormat, Product, Vault, Worker};
pub use public_url::{AddressRange, PublicUrl};
pub use site::{Site, TlsFiles};
pub use staff_hours::StaffHours;

use section::Section;

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which installation this is.
    pub product: Product,
    /// The site for brokerages.
    pub portal: Site,
    /// The site for staff.
    pub staff: Site,
    /// When our own people work.
    pub staff_hours: StaffHours,
    /// The company's sign-in for the staff site; without it nobody can sign in there.
    pub openid: Option<OpenId>,
    /// The worker.
    pub worker: Worker,
    /// The database.
    pub database: Database,
    /// Key files.
    pub vault: Vault,
    /// How notices leave.
    pub mail: Mail,
    /// Our own service account at Google.
    pub google: Google,
    /// What a check may do.
    pub checks: Checks,
    /// Where connections go in tests and the demo.
    pub network: Network,
    /// Who may choose an access kind.
    pub kinds: Kinds,
    /// What pages and mails say of us.
    pub about: About,
    /// Guides from outside the binary.
    pub guides: Guides,
    /// Log lines.
    pub log: Log,
}

const SECTIONS: [&str; 15] = [
    "product",
    "portal",
    "staff",
    "staff.openid",
    "worker",
    "database",
    "vault",
    "mail",
    "google",
    "checks",
    "network",
    "kinds",
    "about",
    "guides",
    "log",
];

impl Settings {
    /// Reads the file, when one is given, and the variables over it; errs with every mistake there is.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        let Some(path) = file else { return Self::read("settings", "", variables) };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let place = Place::Setting(name.clone());
            Problems(vec![Problem { place, sentence: format!("the settings file cannot be read: {error}") }])
        })?;
        Self::read(&name, &text, variables)
    }

    /// Reads settings from text; `name` is what problems call it.
    pub fn read(
        name: &str,
        text: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut sections = source::from_file(name, text, &mut problems);
        source::lay_over(&mut sections, variables);
        let found = &mut problems;
        let product = Product::read(Section::open(&mut sections, "product", found));
        let portal = Site::read(Section::open(&mut sections, "portal", found), 8080);
        let mut section = Section::open(&mut sections, "staff", found);
        let staff_hours = StaffHours::read(&mut section);
        let staff = Site::read(section, 8081);
        let openid = OpenId::read(Section::open(&mut sections, "staff.openid", found), staff.as_ref());
        let worker = Worker::read(Section::open(&mut sections, "worker", found));
        let database = Database::read(Section::open(&mut sections, "database", found));
        let vault = Vault::read(Section::open(&mut sections, "vault", found));
        let mail = Mail::read(Section::open(&mut sections, "mail", found));
        let google = Google::read(Section::open(&mut sections, "google", found));
        let checks = Checks::read(Section::open(&mut sections, "checks", found));
        let network = Network::read(Section::open(&mut sections, "network", found));
        let kinds = Kinds::read(Section::open(&mut sections, "kinds", found));
        let about = About::read(Section::open(&mut sections, "about", found));
        let guides = Guides::read(Section::open(&mut sections, "guides", found));
        let log = Log::read(Section::open(&mut sections, "log", found));
        strangers(sections, &mut problems);
        match (product, portal, staff, mail) {
            (Some(product), Some(portal), Some(staff), Some(mail)) if problems.is_empty() => Ok(Self {
                product,
                portal,
                staff,
                staff_hours,
                openid,
                worker,
                database,
                vault,
                mail,
                google,
                checks,
                network,
                kinds,
                about,
                guides,
                log,
            }),
            _ => Err(Problems(problems)),
        }
    }
}

/// Sections nobody asked for.
fn strangers(sections: source::Sections, problems: &mut Vec<Problem>) {
    for (section, entries) in sections {
        let ending = match problem::nearest(&section, SECTIONS) {
            Some(name) => format!("did you mean [{name}]?"),
            None => format!("there are {}", SECTIONS.join(", ")),
        };
        let place = entries.into_values().next().map(|entry| entry.place);
        problems.push(Problem {
            place: place.unwrap_or_else(|| Place::Setting(section.clone())),
            sentence: format!("[{section}] is not a section; {ending}"),
        });
    }
}

#[cfg(test)]
mod tests;
