//! A name server that tells the same services of every name.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UdpSocket},
};

/// Priority, weight, port and host.
pub type Told = (u16, u16, u16, &'static str);

/// Starts it, on one port for both protocols.
pub async fn told(services: Vec<Told>) -> SocketAddr {
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().expect("an address")).await {
            break (udp, tcp);
        }
    };
    let local = udp.local_addr().expect("an address");
    let long = services.clone();
    tokio::spawn(async move {
        let mut asked = [0; 1024];
        while let Ok((size, from)) = udp.recv_from(&mut asked).await {
            let _ = udp.send_to(&answer(&asked[..size], &services, 500), from).await;
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let size = stream.read_u16().await.unwrap_or(0);
            let mut asked = vec![0; size.into()];
            if stream.read_exact(&mut asked).await.is_ok() {
                let answer = answer(&asked, &long, usize::MAX);
                let size = u16::try_from(answer.len()).expect("short");
                let _ = stream.write_all(&[&size.to_be_bytes()[..], &answer].concat()).await;
            }
        }
    });
    local
}

fn answer(asked: &[u8], services: &[Told], most: usize) -> Vec<u8> {
    let end = 12 + asked[12..].iter().position(|byte| *byte == 0).expect("a name") + 5;
    let question = &asked[12..end];
    let count = u16::try_from(services.len()).expect("few");
    let mut records = Vec::new();
    for (priority, weight, port, host) in services {
        let labels = host.split('.').filter(|label| !label.is_empty());
        let mut data: Vec<u8> = [priority, weight, port].iter().flat_map(|word| word.to_be_bytes()).collect();
        for label in labels {
            data.push(u8::try_from(label.len()).expect("short"));
            data.extend_from_slice(label.as_bytes());
        }
        data.push(0);
        let size = u16::try_from(data.len()).expect("short").to_be_bytes();
        records.extend_from_slice(&[0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 0]);
        records.extend_from_slice(&size);
        records.extend_from_slice(&data);
    }
    let cut = records.len() > most;
    let (flags, count) = if cut { ([0x87, 0x80], 0) } else { ([0x85, 0x80], count) };
    let head = [&asked[..2], &flags, &[0, 1], &count.to_be_bytes(), &[0, 0, 0, 0]].concat();
    if cut { [&head, question].concat() } else { [&head, question, &records].concat() }
}
