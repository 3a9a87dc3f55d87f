//! Visitors who take their time: each wait has an end, and others are served meanwhile.

use std::time::Duration;

use moxi_onboard::http::limits::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{interval, timeout},
};

use super::world::{Answer, PATIENCE, World, impatient};

const PORTAL: &str = "public_url = \"http://localhost\"";

async fn closed_by_itself(socket: &mut TcpStream) {
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, socket.read_to_end(&mut rest)).await.expect("the site gives up");
}

#[tokio::test]
async fn a_silent_visitor_is_dropped() {
    let world = World::with(PORTAL, impatient()).await;
    let mut socket = TcpStream::connect(world.address).await.expect("connects");
    closed_by_itself(&mut socket).await;
}

#[tokio::test]
async fn half_a_header_is_dropped_however_it_drips() {
    let world = World::with(PORTAL, impatient()).await;
    let mut socket = TcpStream::connect(world.address).await.expect("connects");
    socket.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n").await.expect("writes");
    closed_by_itself(&mut socket).await;

    let socket = TcpStream::connect(world.address).await.expect("connects");
    let (mut read, mut write) = socket.into_split();
    let drip = tokio::spawn(async move {
        let mut tick = interval(Duration::from_millis(20));
        write.write_all(b"GET / HTTP/1.1\r\nX: ").await.expect("writes");
        while write.write_all(b"y").await.is_ok() {
            tick.tick().await;
        }
    });
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, read.read_to_end(&mut rest)).await.expect("the site gives up");
    timeout(PATIENCE, drip).await.expect("and hears no more").expect("task");
}

#[tokio::test]
async fn an_idle_connection_is_dropped_after_its_answer() {
    let world = World::with(PORTAL, impatient()).await;
    let mut socket = TcpStream::connect(world.address).await.expect("connects");
    socket.write_all(b"GET /help HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("writes");
    let answer = Answer::read(&mut socket).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_proxy_keeps_its_connection_longer_than_a_visitor() {
    let behind_a_proxy = format!("{PORTAL}\ntrusted_proxies = [\"127.0.0.1/32\"]");
    let world = World::with(&behind_a_proxy, Limits { proxy_idle_time: PATIENCE, ..impatient() }).await;
    let mut proxy = TcpStream::connect(world.address).await.expect("connects");
    ask_for_help(&mut proxy).await;
    // A visitor's time is over after the proxy's last answer, and the next request on its connection is answered.
    let visitor = TcpSocket::new_v4().expect("a socket");
    visitor.bind("127.0.0.2:0".parse().expect("an address")).expect("binds");
    let mut visitor = visitor.connect(world.address).await.expect("connects");
    closed_by_itself(&mut visitor).await;
    ask_for_help(&mut proxy).await;

    let short = Limits { proxy_idle_time: impatient().header_time, header_time: PATIENCE, ..impatient() };
    let world = World::with(&behind_a_proxy, short).await;
    let mut proxy = TcpStream::connect(world.address).await.expect("connects");
    ask_for_help(&mut proxy).await;
    closed_by_itself(&mut proxy).await;
}

/// One request on a connection that stays open, and its answer.
async fn ask_for_help(socket: &mut TcpStream) {
    socket.write_all(b"HEAD /help HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("writes");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, socket.read_u8()).await.expect("in time").expect("an answer"));
    }
    assert!(head.starts_with(b"HTTP/1.1 200 OK"), "{}", String::from_utf8_lossy(&head));
}

#[tokio::test]
async fn a_slow_body_ends_with_a_page_that_says_so() {
    let world = World::with(PORTAL, impatient()).await;
    let head = "POST /form HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ncsrf=";
    let answer = world.say(head).await;
    assert_eq!(answer.status, 408, "{answer:?}");
    assert!(answer.body.contains("That took too long"), "{answer:?}");
}

#[tokio::test]
async fn a_visitor_who_does_not_read_is_dropped() {
    let world = World::with(PORTAL, Limits { per_address: 1, ..impatient() }).await;
    let mut socket = TcpStream::connect(world.address).await.expect("connects");
    socket.write_all(b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("writes");
    // The only place is taken; that somebody else gets it shows that the site has given up.
    served_again(&world).await;
    let mut got = Vec::new();
    let _ = timeout(PATIENCE, socket.read_to_end(&mut got)).await.expect("closed");
    assert!(got.len() < 32 * 1024 * 1024, "the whole answer was kept for a visitor who did not read");
}

async fn served_again(world: &World) {
    let served = timeout(PATIENCE, async { while world.get("/help", "").await.status != 200 {} });
    served.await.expect("places are given back");
}

#[tokio::test]
async fn one_address_does_not_take_every_place() {
    let world = World::with(PORTAL, Limits { per_address: 3, header_time: PATIENCE, ..impatient() }).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut socket = TcpStream::connect(world.address).await.expect("connects");
        socket.write_all(b"GET /help HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("writes");
        let mut first = [0; 15];
        socket.read_exact(&mut first).await.expect("answers");
        assert_eq!(&first, b"HTTP/1.1 200 OK");
        held.push(socket);
    }
    let mut fourth = TcpStream::connect(world.address).await.expect("connects");
    closed_by_itself(&mut fourth).await;
    drop(held);
    served_again(&world).await;
}

#[tokio::test]
async fn others_are_served_while_many_are_slow() {
    let world = World::with(PORTAL, Limits { per_address: 400, ..Default::default() }).await;
    let mut slow = Vec::new();
    for number in 0..300 {
        let mut socket = TcpStream::connect(world.address).await.expect("connects");
        let start = [
            "",
            "GET / HTTP/1.1\r\n",
            "POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab",
        ];
        socket.write_all(start[number % 3].as_bytes()).await.expect("writes");
        slow.push(socket);
    }
    for _ in 0..20 {
        let answer = timeout(Duration::from_secs(2), world.get("/help", "")).await.expect("in time");
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn stopping_ends_streams_and_does_not_wait_for_the_stuck() {
    let world = World::with(PORTAL, impatient()).await;
    let mut stream = TcpStream::connect(world.address).await.expect("connects");
    stream
        .write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")
        .await
        .expect("writes");
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("first") {
        let mut buffer = [0; 1024];
        let count = timeout(PATIENCE, stream.read(&mut buffer)).await.expect("in time").expect("reads");
        seen.extend_from_slice(&buffer[..count]);
    }
    let mut stuck = TcpStream::connect(world.address).await.expect("connects");
    stuck.write_all(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("writes");
    world.stop.cancel();
    timeout(PATIENCE, stream.read_to_end(&mut seen)).await.expect("ends").expect("cleanly");
    let seen = String::from_utf8_lossy(&seen);
    assert!(seen.contains("last"), "the stream says its last word: {seen}");
    assert!(!seen.contains("content-encoding"), "a stream is never compressed: {seen}");
    timeout(PATIENCE, world.served).await.expect("stops").expect("task");
    assert!(TcpStream::connect(world.address).await.is_err(), "nobody listens any more");
}
