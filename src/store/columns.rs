//! How the domain's values stand in columns: ids, names and words as TEXT, points in time as BIGINT microseconds.

use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};

use crate::domain::{
    access, address::MailDomain, attempt, brokerage, by_hand, check, check_reason, code, connection, dry_run,
    duty, ids, instant::Instant, invitation, kind::AccessKind, mail, reference::Reference, review, roster,
    staff, staff_mail, test_item, text,
};

/// A value that stands as TEXT: how it is written, and how the text is read back.
macro_rules! text_column {
    ($value:ty, $write:ident, $read:expr) => {
        impl<DB: Database> Type<DB> for $value
        where
            String: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as Type<DB>>::type_info()
            }
            fn compatible(ty: &DB::TypeInfo) -> bool {
                <String as Type<DB>>::compatible(ty)
            }
        }

        impl<'q, DB: Database> Encode<'q, DB> for $value
        where
            String: Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut <DB as Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                self.$write().to_owned().encode_by_ref(buffer)
            }
        }

        impl<'r, DB: Database> Decode<'r, DB> for $value
        where
            String: Decode<'r, DB>,
        {
            fn decode(value: <DB as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let read: fn(String) -> Result<Self, BoxDynError> = $read;
                read(String::decode(value)?)
            }
        }
    };
}

macro_rules! ids {
    ($($id:ty),+ $(,)?) => {$(
        text_column!($id, as_str, |text| Ok(<$id>::try_from(text)?));
    )+};
}

ids!(
    ids::BrokerageId,
    ids::PersonId,
    ids::ConnectionId,
    ids::DecisionId,
    ids::DraftId,
    ids::VerificationId,
    ids::AttemptId,
    ids::SavedViewId,
    ids::SecretId,
    ids::CheckId,
    ids::JobId,
    ids::MailId,
    ids::SignInId,
    ids::AuditId,
    ids::EventId,
    ids::MessageId,
    ids::NoteId,
    ids::InvitationId,
    ids::QuestionId,
    ids::RosterId,
    ids::RecognitionId,
    ids::StaffId,
    ids::AccessId,
    ids::LookId,
);

/// Names are parsed when they come in. A rule that was tightened later must not hide a row.
macro_rules! names {
    ($($name:ty),+ $(,)?) => {$(
        text_column!($name, as_str, |text| Ok(<$name>::from_stored(text)));
    )+};
}

names!(
    text::CompanyName,
    text::PersonName,
    text::Brand,
    text::ConnectionName,
    text::ViewName,
    text::ExternalId,
    Reference,
    check::CauseId,
);

/// Words of a closed list; a word that a newer version wrote is an error and not a guess.
macro_rules! words {
    ($($word:ty),+ $(,)?) => {$(
        text_column!($word, as_str, |text| <$word>::parse(&text).ok_or_else(|| unknown(&text)));
    )+};
}

words!(
    access::AccessWay,
    access::AccessEnd,
    access::Withheld,
    connection::State,
    connection::Phase,
    connection::CloseReason,
    attempt::AttemptEnd,
    check::Outcome,
    check::Verdict,
    check::Origin,
    brokerage::Origin,
    code::End,
    mail::MailKind,
    mail::MailState,
    mail::AgainReason,
    review::NeedRule,
    review::SentFinding,
    check_reason::CheckReason,
    review::NoteKind,
    by_hand::HandEnd,
    invitation::InvitationEnd,
    dry_run::DryRunEnd,
    duty::Duty,
    roster::RosterEnd,
    staff::StaffRole,
    staff_mail::MailChoice,
    test_item::TestThing,
);

text_column!(AccessKind, id, |text| AccessKind::from_id(&text).ok_or_else(|| unknown(&text)));
text_column!(MailDomain, as_str, |text| MailDomain::parse(&text).map_err(|_| unknown(&text)));

fn unknown(word: &str) -> BoxDynError {
    format!("this version does not know the word {word:?}").into()
}

impl<DB: Database> Type<DB> for Instant
where
    i64: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <i64 as Type<DB>>::type_info()
    }
    fn compatible(ty: &DB::TypeInfo) -> bool {
        <i64 as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Instant
where
    i64: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut <DB as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.as_micros().encode_by_ref(buffer)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Instant
where
    i64: Decode<'r, DB>,
{
    fn decode(value: <DB as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self::from_micros(i64::decode(value)?))
    }
}
