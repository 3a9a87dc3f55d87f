//! A line between the portal and its database that a test can cut.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::settings::free_port;

/// Carries connections to `target` while it is whole.
pub struct Line {
    pub address: SocketAddr,
    whole: Arc<watch::Sender<bool>>,
}

impl Line {
    /// A whole line to an address of this machine.
    pub async fn to(target: SocketAddr) -> Line {
        let address = free_port();
        let listener = TcpListener::bind(address).await.expect("the port is free");
        let whole = Arc::new(watch::Sender::new(true));
        let state = Arc::clone(&whole);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(stream, target, state.subscribe()));
            }
        });
        Line { address, whole }
    }

    /// Ends every connection and lets no new one through.
    pub fn is_cut(&self) {
        self.whole.send_replace(false);
    }

    pub fn is_mended(&self) {
        self.whole.send_replace(true);
    }
}

async fn carry(mut here: TcpStream, target: SocketAddr, mut whole: watch::Receiver<bool>) {
    if !*whole.borrow_and_update() {
        return;
    }
    let Ok(mut there) = TcpStream::connect(target).await else { return };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut here, &mut there) => {}
        _ = whole.wait_for(|whole| !whole) => {}
    }
}
