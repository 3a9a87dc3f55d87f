//! What every process of the product does before anything else.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Turns core dumps off and refuses other processes of the same user a look into the memory: a secret that is in
/// memory for a moment shall not reach a disk. Installs the TLS provider.
pub(super) fn this_process() {
    // Both can be refused by a sandbox; the portal runs all the same, and `doctor` tells.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    // A second installation is refused, which is no harm: the first one stays.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
