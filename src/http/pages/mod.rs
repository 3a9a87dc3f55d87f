//! One file a page: its template struct, and the handler beneath it.
