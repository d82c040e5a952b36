//! A small HTTP/1.1 client over one kept connection: it must cost far less than what it measures.

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// The name that every server here is reached by, as through a proxy.
pub(crate) const HOST: &str = "login.bench.test";

/// One request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HttpAsk<'a> {
    pub(crate) path: &'a str,
    /// Header lines, each with its line end.
    pub(crate) headers: &'a str,
    /// A form to post; without one it is a GET.
    pub(crate) form: Option<&'a str>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    /// `name=value` of each cookie that was set.
    pub(crate) cookies: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl HttpAnswer {
    /// A text of a JSON answer.
    pub(crate) fn text(&self, name: &str) -> Result<String> {
        let json: serde_json::Value = serde_json::from_slice(&self.body)
            .with_context(|| format!("{}: {}", self.status, String::from_utf8_lossy(&self.body)))?;
        let text = json[name].as_str();
        Ok(text.with_context(|| format!("no {name} in {json}"))?.to_owned())
    }
}

/// A connection to a server on this machine, opened when it is needed.
pub(crate) struct BenchConnection {
    port: u16,
    stream: Option<BufReader<TcpStream>>,
}

impl BenchConnection {
    pub(crate) fn new(port: u16) -> Self {
        Self { port, stream: None }
    }

    /// Sends a request and reads the whole answer. A connection that the server has closed meanwhile is opened once more.
    pub(crate) async fn ask(&mut self, ask: HttpAsk<'_>) -> Result<HttpAnswer> {
        if self.stream.is_some()
            && let Ok(answer) = self.try_once(ask).await
        {
            return Ok(answer);
        }
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.set_nodelay(true)?;
        self.stream = Some(BufReader::new(stream));
        self.try_once(ask).await
    }

    async fn try_once(&mut self, ask: HttpAsk<'_>) -> Result<HttpAnswer> {
        let stream = self.stream.as_mut().context("no connection")?;
        let (path, headers) = (ask.path, ask.headers);
        let request = match ask.form {
            None => format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n{headers}\r\n"),
            Some(form) => format!(
                "POST {path} HTTP/1.1\r\nhost: {HOST}\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n{headers}\r\n{form}",
                form.len()
            ),
        };
        stream.get_mut().write_all(request.as_bytes()).await?;
        let answer = read(stream).await;
        if !matches!(&answer, Ok((_, true))) {
            self.stream = None;
        }
        Ok(answer?.0)
    }
}

/// Reads an answer; also whether the connection can be used again.
async fn read(stream: &mut BufReader<TcpStream>) -> Result<(HttpAnswer, bool)> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        bail!("the server closed the connection");
    }
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("no status in {line:?}"))?;
    let (mut length, mut location, mut is_chunked, mut is_kept) = (0, None, false, true);
    let mut cookies = Vec::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            bail!("the answer ends in its headers");
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse()?,
            "transfer-encoding" => is_chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => is_kept = !value.eq_ignore_ascii_case("close"),
            "location" => location = Some(value.to_owned()),
            "set-cookie" => cookies.extend(value.split(';').next().map(str::to_owned)),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if is_chunked {
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            let size = usize::from_str_radix(line.trim(), 16)?;
            let start = body.len();
            body.resize(start + size, 0);
            stream.read_exact(&mut body[start..]).await?;
            line.clear();
            stream.read_line(&mut line).await?;
            if size == 0 {
                break;
            }
        }
    } else {
        body.resize(length, 0);
        stream.read_exact(&mut body).await?;
    }
    let answer = HttpAnswer {
        status,
        location,
        cookies,
        body,
    };
    Ok((answer, is_kept))
}
