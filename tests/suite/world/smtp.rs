//! An SMTP server as mail servers are: it takes messages, and it can be away. What it takes lies in the same folder
//! that mails as files are written to, so that people read both alike.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A server on an address of this machine; it may come and go as often as wanted.
pub struct SmtpServer {
    address: SocketAddr,
    folder: PathBuf,
    taken: Arc<AtomicUsize>,
    task: Option<JoinHandle<()>>,
}

impl SmtpServer {
    /// A server that is not there yet.
    pub fn away_at(address: SocketAddr, folder: &Path) -> SmtpServer {
        SmtpServer { address, folder: folder.to_owned(), taken: Arc::default(), task: None }
    }

    pub async fn comes(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the port is free");
        let (folder, taken) = (self.folder.clone(), Arc::clone(&self.taken));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, folder.clone(), Arc::clone(&taken)));
            }
        });
        self.task = Some(task);
    }

    /// The port is closed once this is over.
    pub async fn goes(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            drop(task.await);
        }
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

async fn serve(stream: TcpStream, folder: PathBuf, taken: Arc<AtomicUsize>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    write.write_all(b"220 mail.moxiengage.example ESMTP\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if read.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer = match line.trim().to_ascii_uppercase().as_str() {
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut bytes = Vec::new();
                while !bytes.ends_with(b"\r\n.\r\n") {
                    bytes.push(read.read_u8().await?);
                }
                bytes.truncate(bytes.len() - 3);
                let number = taken.fetch_add(1, Ordering::SeqCst);
                let part = folder.join(format!("taken-{number:04}.part"));
                std::fs::write(&part, &bytes)?;
                std::fs::rename(&part, part.with_extension("eml"))?;
                "250 taken\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            word if word.starts_with("EHLO") => "250-mail.moxiengage.example\r\n250 8BITMIME\r\n",
            _ => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await?;
    }
}
