//! Why an action did not do what was asked. The http room alone turns these into pages and status codes.

use super::instant::Instant;

/// One field that keeps a form from being taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the form.
    pub field: &'static str,
    /// The sentence beside it.
    pub sentence: String,
    /// The entry of the catalogue that says more of this slip, where there is one.
    pub cause: Option<&'static str>,
}

impl FieldError {
    /// A sentence beside a field.
    pub fn new(field: &'static str, sentence: impl Into<String>) -> Self {
        Self { field, sentence: sentence.into(), cause: None }
    }

    /// The same as a slip that the catalogue knows.
    #[must_use]
    pub fn of(self, cause: Option<&'static str>) -> Self {
        Self { cause, ..self }
    }
}

/// The refusals that actions return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Fields to mend, all at once.
    Fields(Vec<FieldError>),
    /// Somebody else changed the thing meanwhile, or it is no longer where this can be done; the sentence says which.
    Conflict(&'static str),
    /// No such thing, or not for this person; outsiders cannot tell the two apart.
    NotFound,
    /// The person is known and may not do this; the sentence says why.
    Forbidden(&'static str),
    /// Too often; the time says when it goes on.
    TooMany(Instant),
    /// A part the portal needs is away; nothing was done.
    Unavailable,
    /// The answer of the database got lost at the last moment: done or not, nobody knows until it is looked at again.
    Unsure,
    /// A fault of ours; the cause is in the log under this reference.
    Fault(String),
}

impl Refused {
    /// One field, one sentence.
    pub fn field(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::Fields(vec![FieldError::new(field, sentence)])
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fields(fields) => write!(f, "{} fields to mend", fields.len()),
            Self::Conflict(why) | Self::Forbidden(why) => f.write_str(why),
            Self::NotFound => f.write_str("not found"),
            Self::TooMany(until) => write!(f, "too often, goes on at {}", until.rfc3339()),
            Self::Unavailable => f.write_str("a part the portal needs is away"),
            Self::Unsure => f.write_str("it cannot be told whether it was done"),
            Self::Fault(reference) => write!(f, "a fault of ours, reference {reference}"),
        }
    }
}

impl std::error::Error for Refused {}
