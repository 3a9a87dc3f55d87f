//! A panic's message may quote what was being worked on, a secret included. So the log gets the place, not the words.

use std::panic::PanicHookInfo;

pub(super) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let place = place(info);
        tracing::error!(place, "a part of the program stopped in the middle (panic)");
    }));
}

fn place(info: &PanicHookInfo<'_>) -> String {
    info.location()
        .map_or_else(|| "unknown".to_owned(), |location| format!("{}:{}", location.file(), location.line()))
}
