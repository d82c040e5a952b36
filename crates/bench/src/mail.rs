//! A mail server that keeps nothing but the code of each mail, for the guest who waits for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// The newest code of each address.
#[derive(Clone, Default)]
pub(crate) struct Mailboxes {
    codes: Arc<Mutex<HashMap<String, String>>>,
    came: Arc<Notify>,
}

impl Mailboxes {
    /// Takes mail at a port of this machine, which it returns, for as long as the program runs.
    pub(crate) async fn open(&self) -> Result<u16> {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = socket.local_addr()?.port();
        let boxes = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let boxes = boxes.clone();
                // A conversation that breaks off is the server's to repeat.
                tokio::spawn(async move { boxes.talk(stream).await });
            }
        });
        Ok(port)
    }

    /// The next code for an address: waited for, and handed out once.
    pub(crate) async fn code(&self, address: &str) -> String {
        loop {
            let came = self.came.notified();
            let code = self.lock().remove(address);
            match code {
                Some(code) => return code,
                None => came.await,
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One conversation (RFC 5321), as far as a client that means well goes.
    async fn talk(&self, stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 bench\r\n").await?;
        let (mut line, mut to) = (String::new(), String::new());
        loop {
            line.clear();
            acknowledge(&stream);
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let answer: &[u8] = match word.as_str() {
                "RCPT" => {
                    let address = line.split(['<', '>']).nth(1);
                    address.unwrap_or_default().clone_into(&mut to);
                    b"250 ok\r\n"
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let code = read_code(&mut stream).await?;
                    self.lock().insert(to.clone(), code);
                    self.came.notify_waiters();
                    b"250 ok\r\n"
                }
                "QUIT" => b"221 bye\r\n",
                _ => b"250 ok\r\n",
            };
            stream.write_all(answer).await?;
        }
    }
}

/// What comes is acknowledged at once (tcp(7), `TCP_QUICKACK`), or every mail would wait 40 ms for it. The kernel forgets this again.
fn acknowledge(stream: &BufReader<TcpStream>) {
    // Without it mails are slower, and nothing else.
    let _ = rustix::net::sockopt::set_tcp_quickack(stream.get_ref(), true);
}

/// Reads a mail to its end; the code that its subject begins with.
async fn read_code(stream: &mut BufReader<TcpStream>) -> Result<String> {
    let (mut line, mut code) = (String::new(), String::new());
    loop {
        line.clear();
        acknowledge(stream);
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(code);
        }
        if let Some(subject) = line.strip_prefix("Subject: ") {
            subject
                .split(' ')
                .next()
                .unwrap_or_default()
                .clone_into(&mut code);
        }
    }
}
