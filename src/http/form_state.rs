//! What was typed into a form and what is wrong with it: a refused form is shown again with both.

use std::collections::BTreeMap;

use crate::domain::{
    refused::{FieldError, Refused},
    secret_shape::without_secrets,
};

/// Values by field name, and errors in the order of the page. Secrets are never in it.
#[derive(Debug, Clone, Default)]
pub struct FormState {
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl FormState {
    /// A form nobody has typed into.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same form with a value filled in.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// The same form with errors beside its fields.
    pub fn refused(mut self, errors: Vec<FieldError>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// Takes a refusal's field errors into the form; any other refusal is handed back for the error page.
    pub fn absorb(self, refused: Refused) -> Result<Self, Refused> {
        match refused {
            Refused::Fields(errors) => Ok(self.refused(errors)),
            other => Err(other),
        }
    }

    /// The same form without what looks like a secret, wherever it was typed.
    pub fn without_secrets(mut self) -> Self {
        for value in self.values.values_mut() {
            *value = without_secrets(value);
        }
        self
    }

    /// What was typed, or nothing.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// The first sentence beside a field.
    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == name).map(|error| error.sentence.as_str())
    }

    /// Every error, for the list on top.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Whether the form was refused.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// What was typed, by field.
    pub const fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// The attributes by which assistive technology finds a field's hint and error.
    pub fn described(&self, name: &str, hint: &str) -> askama::filters::Safe<String> {
        let bad = self.error(name).is_some();
        let mut by = Vec::with_capacity(2);
        if !hint.is_empty() {
            by.push(format!("{name}-hint"));
        }
        if bad {
            by.push(format!("{name}-error"));
        }
        let mut out = String::new();
        if bad {
            out.push_str(" aria-invalid=\"true\"");
        }
        if !by.is_empty() {
            out.push_str(&format!(" aria-describedby=\"{}\"", by.join(" ")));
        }
        askama::filters::Safe(out)
    }
}
