//! Every connection that leaves the process goes through here.
