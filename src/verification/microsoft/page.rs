//! The bodies of good answers. Unknown members are passed over; a member that stands twice is refused.

use serde::{Deserialize, de::IgnoredAny};

use crate::verification::json::{ENTRIES, few};

/// The OpenID configuration of a tenant.
#[derive(Deserialize)]
pub(super) struct Discovery {
    pub(super) issuer: String,
    pub(super) msgraph_host: Option<String>,
    pub(super) cloud_instance_name: Option<String>,
    pub(super) tenant_region_scope: Option<String>,
    pub(super) tenant_region_sub_scope: Option<String>,
}

/// A user of the directory.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) user_principal_name: Option<String>,
    pub(super) account_enabled: Option<bool>,
    pub(super) assigned_licenses: Option<Vec<IgnoredAny>>,
}

/// Settings of a mailbox.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MailboxSettings {
    pub(super) time_zone: Option<String>,
    pub(super) user_purpose: Option<String>,
}

/// Something in a mailbox.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) id: Option<String>,
    pub(super) parent_folder_id: Option<String>,
    pub(super) file_as: Option<String>,
    pub(super) subject: Option<String>,
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(deserialize_with = "few::<_, _, ENTRIES>")]
    pub(super) value: Vec<Item>,
    #[serde(rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    pub(super) delta: Option<String>,
}

impl Page {
    /// Whether it has more entries than an honest page, of which only the first were kept.
    pub(super) const fn is_beyond(&self) -> bool {
        self.value.len() > ENTRIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(entries: usize) -> Page {
        let list = vec![r#"{"id":"x","@odata.etag":"y"}"#; entries].join(",");
        serde_json::from_str(&format!(r#"{{"value":[{list}],"@odata.deltaLink":"z"}}"#)).expect("a page")
    }

    #[test]
    fn of_a_page_with_far_too_many_entries_few_are_kept() {
        for (entries, kept, beyond) in [(0, 0, false), (5_000, 5_000, false), (200_000, 5_001, true)] {
            let page = page(entries);
            assert_eq!((page.value.len(), page.is_beyond()), (kept, beyond), "{entries}");
            assert!(page.value.capacity() <= 8_192 && page.delta.as_deref() == Some("z"), "{entries}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = serde_json::from_slice::<Page>(&bytes);
            let _ = serde_json::from_slice::<Discovery>(&bytes);
            let _ = serde_json::from_slice::<Account>(&bytes);
        }

        #[test]
        fn ids_come_back_as_they_were(ids in proptest::collection::vec("\\PC{0,40}", 0..20)) {
            let list: Vec<_> = ids.iter().map(|id| serde_json::json!({ "id": id, "other": [id] })).collect();
            let page: Page = serde_json::from_value(serde_json::json!({ "value": list })).expect("a page");
            proptest::prop_assert!(page.value.into_iter().filter_map(|item| item.id).eq(ids));
        }
    }
}
