//! What is asked. Places for values are filled through [`escape`]; the order of elements is that of the schema.

use jiff::{ToSpan, civil::Date};

use super::xml::escape;

/// Changes asked for at once: the most a server gives.
const CHANGES: usize = 512;

/// The set of properties under which what we write is marked. Made once for this product; it never changes.
const PROPERTY_SET: &str = "8d2f6c1e-53b7-4b0a-9c64-1f7e0a9b3d52";

/// Asks for one time zone: needs a sign-in and no mailbox.
pub const ZONES: &str = "<m:GetServerTimeZones ReturnFullTimeZoneData=\"false\"><m:Ids><t:Id>UTC</t:Id></m:Ids>\
                         </m:GetServerTimeZones>";

/// Asks when the password of a mailbox's account ends.
pub fn password_expiry(address: &str) -> String {
    format!(
        "<m:GetPasswordExpirationDate><m:MailboxSmtpAddress>{}</m:MailboxSmtpAddress>\
         </m:GetPasswordExpirationDate>",
        escape(address)
    )
}

/// Asks for the folders of these well-known names and what may be done in them.
pub fn folders(names: &[&str]) -> String {
    let ids: String =
        names.iter().map(|name| format!("<t:DistinguishedFolderId Id=\"{}\"/>", escape(name))).collect();
    format!(
        "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>\
         <t:FieldURI FieldURI=\"folder:DisplayName\"/><t:FieldURI FieldURI=\"folder:FolderClass\"/>\
         <t:FieldURI FieldURI=\"folder:TotalCount\"/><t:FieldURI FieldURI=\"folder:EffectiveRights\"/>\
         </t:AdditionalProperties></m:FolderShape><m:FolderIds>{ids}</m:FolderIds></m:GetFolder>"
    )
}

/// Asks for the changes of the contacts since a state, or from the beginning.
pub fn changes(state: Option<&str>) -> String {
    let state =
        state.map_or_else(String::new, |state| format!("<m:SyncState>{}</m:SyncState>", escape(state)));
    format!(
        "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>\
         <m:SyncFolderId><t:DistinguishedFolderId Id=\"contacts\"/></m:SyncFolderId>{state}\
         <m:MaxChangesReturned>{CHANGES}</m:MaxChangesReturned></m:SyncFolderItems>"
    )
}

/// Asks for an entry of the calendar between yesterday and a week from today.
pub fn week(today: Date) -> String {
    let (start, end) = (today.saturating_sub(1.days()), today.saturating_add(7.days()));
    format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>\
         <m:CalendarView MaxEntriesReturned=\"1\" StartDate=\"{start}T00:00:00Z\" EndDate=\"{end}T00:00:00Z\"/>\
         <m:ParentFolderIds><t:DistinguishedFolderId Id=\"calendar\"/></m:ParentFolderIds></m:FindItem>"
    )
}

/// Writes an item, given as XML, to a folder. `extra` holds the attributes that the kind of item demands.
pub fn create(extra: &str, folder: &str, item: &str) -> String {
    format!(
        "<m:CreateItem{extra}><m:SavedItemFolderId><t:DistinguishedFolderId Id=\"{folder}\"/>\
         </m:SavedItemFolderId><m:Items>{item}</m:Items></m:CreateItem>"
    )
}

/// Removes an item for good.
pub fn delete(extra: &str, id: &str) -> String {
    format!(
        "<m:DeleteItem DeleteType=\"HardDelete\"{extra}><m:ItemIds><t:ItemId Id=\"{}\"/></m:ItemIds>\
         </m:DeleteItem>",
        escape(id)
    )
}

/// Finds what bears our mark in a folder.
pub fn marked(folder: &str, mark: &str) -> String {
    format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>\
         <m:IndexedPageItemView MaxEntriesReturned=\"50\" Offset=\"0\" BasePoint=\"Beginning\"/>\
         <m:Restriction><t:IsEqualTo>{}<t:FieldURIOrConstant><t:Constant Value=\"{}\"/></t:FieldURIOrConstant>\
         </t:IsEqualTo></m:Restriction>\
         <m:ParentFolderIds><t:DistinguishedFolderId Id=\"{folder}\"/></m:ParentFolderIds></m:FindItem>",
        property(),
        escape(mark)
    )
}

/// The mark on what we write: which check wrote it.
pub fn mark(mark: &str) -> String {
    format!("<t:ExtendedProperty>{}<t:Value>{}</t:Value></t:ExtendedProperty>", property(), escape(mark))
}

fn property() -> String {
    format!(
        "<t:ExtendedFieldURI PropertySetId=\"{PROPERTY_SET}\" PropertyName=\"MoxiProbe\" PropertyType=\"String\"/>"
    )
}
