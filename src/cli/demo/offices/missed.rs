//! Why an office could not be played.

use crate::{actions::staff_sign_in::NotIn, domain::refused::Refused, store::StoreError};

/// A sentence for the terminal. It holds nothing that was typed.
#[derive(Debug)]
pub(super) struct Missed(pub(super) String);

impl From<Refused> for Missed {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Fields(errors) => {
                let fields: Vec<String> =
                    errors.iter().map(|error| format!("{}: {}", error.field, error.sentence)).collect();
                Self(fields.join("; "))
            }
            other => Self(other.to_string()),
        }
    }
}

impl From<StoreError> for Missed {
    fn from(error: StoreError) -> Self {
        Refused::from(error).into()
    }
}

impl From<NotIn> for Missed {
    fn from(not_in: NotIn) -> Self {
        Self(format!("the company's sign-in let nobody in: {:?}", not_in.case()))
    }
}
