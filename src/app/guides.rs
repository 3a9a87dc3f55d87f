//! The guides: those inside the binary, and those of a folder that replace them.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::domain::{guide::Guide, kind::AccessKind};

/// The file of a guide within the folder of its kind.
const FILE: &str = "guide.md";

const fn built_in(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::ExchangeBasic => include_str!("../../templates/guides/exchange_basic/guide.md"),
        AccessKind::GraphSecret => include_str!("../../templates/guides/graph_secret/guide.md"),
        AccessKind::GraphCertificate => include_str!("../../templates/guides/graph_certificate/guide.md"),
        AccessKind::EwsSecret => include_str!("../../templates/guides/ews_secret/guide.md"),
        AccessKind::GoogleDelegated => include_str!("../../templates/guides/google_delegated/guide.md"),
        AccessKind::GoogleKey => include_str!("../../templates/guides/google_key/guide.md"),
        AccessKind::Microsoft365Password => {
            include_str!("../../templates/guides/microsoft365_password/guide.md")
        }
    }
}

/// Why guides cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GuideProblem {
    /// A folder or file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// It.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder has the name of no access kind.
    #[error("{path}: this is the name of no access kind; there are {known}")]
    Stranger {
        /// The folder.
        path: PathBuf,
        /// The kinds.
        known: String,
    },
    /// A line of a guide.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what is allowed.
        reason: String,
    },
}

/// One guide for each access kind.
#[derive(Debug, Clone)]
pub struct Guides(BTreeMap<AccessKind, Guide>);

impl Guides {
    /// Those inside the binary.
    pub fn built_in() -> Self {
        let read = |kind: &AccessKind| {
            let guide = Guide::parse(built_in(*kind)).expect("a test reads each guide of the binary");
            (*kind, guide)
        };
        Self(AccessKind::ALL.iter().map(read).collect())
    }

    /// Those inside the binary, replaced by the files `KIND/guide.md` of a folder where there are such.
    ///
    /// Errs when the folder cannot be read, holds a folder that is no kind, or when a line of a guide is wrong.
    pub fn read(folder: Option<&Path>) -> Result<Self, GuideProblem> {
        let mut guides = Self::built_in();
        let Some(folder) = folder else { return Ok(guides) };
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| GuideProblem::Unreadable { path, source }
        };
        for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
            let path = entry.map_err(unreadable(folder))?.path();
            if !path.is_dir() {
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(kind) = AccessKind::from_id(&name) else {
                let known = AccessKind::ALL.iter().map(|kind| kind.id()).collect::<Vec<_>>().join(", ");
                return Err(GuideProblem::Stranger { path, known });
            };
            let file = path.join(FILE);
            let text = fs::read_to_string(&file).map_err(unreadable(&file))?;
            let guide = Guide::parse(&text).map_err(|mistake| GuideProblem::Line {
                path: file,
                line: mistake.line,
                reason: mistake.reason,
            })?;
            guides.0.insert(kind, guide);
        }
        Ok(guides)
    }

    /// The guide of a kind.
    pub fn of(&self, kind: AccessKind) -> Option<&Guide> {
        self.0.get(&kind)
    }
}

#[cfg(test)]
mod lint;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::{
        causes,
        guide::{Block, Text},
    };

    /// What is read in a guide; commands are no sentences.
    fn texts(guide: &Guide) -> Vec<String> {
        let mut texts = vec![guide.title.clone()];
        let commands: Vec<String> = guide
            .steps
            .iter()
            .flat_map(|step| &step.blocks)
            .filter_map(|block| match block {
                Block::Command { text, .. } => Some(text.plain()),
                _ => None,
            })
            .collect();
        texts.extend(guide.texts().into_iter().map(Text::plain).filter(|text| !commands.contains(text)));
        texts
    }

    #[test]
    fn each_guide_of_the_binary_can_be_read() {
        for kind in AccessKind::ALL {
            if let Err(mistake) = Guide::parse(built_in(*kind)) {
                panic!("{}, line {}: {}", kind.id(), mistake.line, mistake.reason);
            }
        }
    }

    #[test]
    fn each_guide_has_four_to_eight_steps_that_everybody_does() {
        for (kind, guide) in &Guides::built_in().0 {
            let needed = guide.steps.iter().filter(|step| step.optional.is_none()).count();
            assert!((4..=8).contains(&needed), "{}: {needed}", kind.id());
            for step in &guide.steps {
                assert!(step.why.plain().len() > 20, "{}: {} does not say why", kind.id(), step.id);
                let does = |block: &Block| matches!(block, Block::Clicks(_) | Block::Command { .. });
                assert!(step.blocks.iter().any(does), "{}: {} says nothing to do", kind.id(), step.id);
                let sees = |block: &Block| matches!(block, Block::Expect(_) | Block::Note(_));
                assert!(step.blocks.iter().any(sees), "{}: {} does not say what is seen", kind.id(), step.id);
            }
        }
    }

    #[test]
    fn the_steps_name_causes_that_there_are_and_each_cause_once() {
        for (kind, guide) in &Guides::built_in().0 {
            let mut seen = Vec::new();
            for id in guide.steps.iter().flat_map(|step| &step.mends) {
                assert!(causes::find(id).is_some(), "{}: {id} is no cause", kind.id());
                assert!(!seen.contains(&id), "{}: {id} stands in two steps", kind.id());
                seen.push(id);
            }
        }
    }

    #[test]
    fn what_people_tell_is_asked_where_the_catalogue_says() {
        let asked: BTreeSet<(String, &str)> = Guides::built_in()
            .0
            .iter()
            .flat_map(|(kind, guide)| {
                let place = |step: &str| format!("guide:{}/{step}", kind.id());
                guide.steps.iter().flat_map(move |step| step.asks.iter().map(move |id| (place(&step.id), id)))
            })
            .map(|(place, id)| (place, causes::find(id).unwrap_or_else(|| panic!("{id} is no cause")).id))
            .collect();
        let listed = causes::all().filter(|cause| cause.told.is_some());
        let listed: BTreeSet<(String, &str)> = listed
            .flat_map(|cause| cause.scenarios.iter().map(move |place| ((*place).to_owned(), cause.id)))
            .collect();
        assert_eq!(asked, listed);
    }

    #[test]
    fn the_words_are_kind_plain_and_of_today() {
        for (kind, guide) in &Guides::built_in().0 {
            for text in texts(guide) {
                // The one step for computers of old names the old module.
                let old = text.contains("AzureAD");
                assert!(!old || *kind == AccessKind::Microsoft365Password, "{}: {text:?}", kind.id());
                let lower = text.to_lowercase();
                for word in [
                    "please",
                    "invalid",
                    "oops",
                    "simply",
                    "just ",
                    "obviously",
                    "utiliz",
                    "cognito",
                    "msonline",
                    "testconnectivity",
                    "{attempt}2",
                ] {
                    assert!(!lower.contains(word), "{}: {word:?} in {text:?}", kind.id());
                }
                for sentence in text.split(['.', ':', ';', '?', '>']) {
                    let words = sentence.split_whitespace().count();
                    assert!(words <= 32, "{}: {words} words in {sentence:?}", kind.id());
                }
                // A name that an attempt numbers must come from the attempt.
                for fixed in ["MoxiEngage2", "Impersonation2", "MoxiEngage Service", "Engage access"] {
                    assert!(!text.contains(fixed), "{}: {fixed} is written out in {text:?}", kind.id());
                }
            }
        }
    }

    #[test]
    fn a_folder_replaces_what_it_has_and_is_told_of_what_is_wrong() {
        let folder = std::env::temp_dir().join(format!("moxi-guides-{}", std::process::id()));
        let write = |kind: &str, text: &str| {
            fs::create_dir_all(folder.join(kind)).expect("a folder");
            fs::write(folder.join(kind).join(FILE), text).expect("written");
        };
        let own = built_in(AccessKind::GraphSecret).replacen(
            "title: Connect Microsoft 365",
            "title: Our own words",
            1,
        );
        write("graph_secret", &own);
        let guides = Guides::read(Some(&folder)).expect("guides");
        assert_eq!(guides.of(AccessKind::GraphSecret).expect("one").title, "Our own words");
        assert_ne!(guides.of(AccessKind::EwsSecret).expect("one").title, "Our own words");

        write("graph_secret", &own.replacen("{secret_name}", "{secretname}", 1));
        let told = Guides::read(Some(&folder)).expect_err("a mistake").to_string();
        let line = own.lines().position(|line| line.contains("{secret_name}")).expect("a line") + 1;
        assert!(
            told.contains(&format!("graph_secret/{FILE}, line {line}: {{secretname}} is no blank")),
            "{told}"
        );

        write("graph_secret", &own);
        write("graph_secrets", "");
        let told = Guides::read(Some(&folder)).expect_err("a stranger").to_string();
        assert!(told.contains("graph_secrets: this is the name of no access kind"), "{told}");
        assert!(Guides::read(Some(&folder.join("absent"))).is_err());
        fs::remove_dir_all(&folder).expect("removed");
    }
}
