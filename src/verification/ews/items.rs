//! What a check writes over EWS.

use jiff::{ToSpan, civil::Date};

use crate::{
    domain::test_item::TestThing,
    verification::{step::StepId, writing::Item},
};

use super::requests::{create, delete, mark};

/// How people recognise what a check wrote, should it ever stay behind.
const NAME: &str = "MoxiEngage connection test - safe to delete";

/// Something a check writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// The test contact.
    Contact,
    /// The test calendar entry.
    Event,
    /// The draft that is never sent.
    Draft,
}

impl Item for Thing {
    fn of(thing: TestThing) -> Option<Self> {
        Some(match thing {
            TestThing::Contact => Self::Contact,
            TestThing::Event => Self::Event,
            TestThing::Draft => Self::Draft,
        })
    }

    fn thing(self) -> TestThing {
        match self {
            Self::Contact => TestThing::Contact,
            Self::Event => TestThing::Event,
            Self::Draft => TestThing::Draft,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Contact => "contact \"MoxiEngage Connection test\"",
            Self::Event => "calendar entry \"MoxiEngage connection test - safe to delete\"",
            Self::Draft => "draft \"MoxiEngage connection test - safe to delete\"",
        }
    }

    fn write_step(self) -> StepId {
        match self {
            Self::Contact => StepId::ContactWrite,
            Self::Event => StepId::EventWrite,
            Self::Draft => StepId::SendRight,
        }
    }

    fn remove_step(self) -> StepId {
        match self {
            Self::Contact => StepId::ContactRemove,
            Self::Event => StepId::EventRemove,
            Self::Draft => StepId::SendRight,
        }
    }
}

impl Thing {
    /// The well-known folder it is written to.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Event => "calendar",
            Self::Draft => "drafts",
        }
    }

    /// The question that writes it.
    pub fn creation(self, today: Date, marked: &str) -> String {
        let own = mark(marked);
        match self {
            Self::Contact => {
                let item = format!(
                    "<t:Contact>{own}<t:FileAs>{NAME}</t:FileAs><t:GivenName>MoxiEngage</t:GivenName>\
                     <t:Surname>Connection test</t:Surname></t:Contact>"
                );
                create("", self.folder(), &item)
            }
            // No attendees, no reminder, shown as free: nobody is disturbed by it.
            Self::Event => {
                let tomorrow = today.saturating_add(1.days());
                let item = format!(
                    "<t:CalendarItem><t:Subject>{NAME}</t:Subject><t:ReminderIsSet>false</t:ReminderIsSet>{own}\
                     <t:Start>{tomorrow}T09:00:00Z</t:Start><t:End>{tomorrow}T09:01:00Z</t:End>\
                     <t:LegacyFreeBusyStatus>Free</t:LegacyFreeBusyStatus></t:CalendarItem>"
                );
                create(" SendMeetingInvitations=\"SendToNone\"", self.folder(), &item)
            }
            Self::Draft => {
                let item = format!("<t:Message><t:Subject>{NAME}</t:Subject>{own}</t:Message>");
                create(" MessageDisposition=\"SaveOnly\"", self.folder(), &item)
            }
        }
    }

    /// The question that removes it.
    pub fn removal(self, id: &str) -> String {
        let extra = if self == Self::Event { " SendMeetingCancellations=\"SendToNone\"" } else { "" };
        delete(extra, id)
    }
}
