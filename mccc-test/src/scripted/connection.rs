//! One connection: HTTP/1.1 requests in, replies out, until somebody closes it.

use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpStream;

use super::reply::{Manner, Reply, write_response};

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// Path and query, as written.
    pub target: String,
    /// The headers in order, as written.
    pub headers: Vec<(String, String)>,
    /// The body, de-chunked.
    pub body: Vec<u8>,
}

impl Request {
    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The first header of that name, upper and lower case alike.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// The body as text; bytes that are no UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The fields of a form body, decoded.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The fields of the query, decoded.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }
}

/// Serves a connection until it ends. `answer` is asked once for each complete request.
pub(super) fn serve(stream: &TcpStream, answer: impl Fn(Request) -> Reply) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader, stream)? {
        let close = request
            .header("connection")
            .is_some_and(|v| v.eq_ignore_ascii_case("close"));
        let reply = answer(request);
        std::thread::sleep(reply.delay);
        match reply.manner {
            Manner::Respond { status, headers, body } => write_response(stream, status, &headers, &body, body.len())?,
            Manner::CutAfter { status, body, sent } => return write_response(stream, status, &[], &body, sent),
            Manner::Raw(bytes) => return io::Write::write_all(&mut &*stream, &bytes),
            Manner::HangUp => return Ok(()),
            // Ends when the client closes, or when the server is dropped and shuts the connection.
            Manner::Silence => return io::copy(&mut reader, &mut io::sink()).map(drop),
        }
        if close {
            return Ok(());
        }
    }
    Ok(())
}

/// The next request, or `None` at the end of the connection.
fn read_request(reader: &mut impl BufRead, mut back: impl io::Write) -> io::Result<Option<Request>> {
    let line = read_line(reader)?;
    if line.is_empty() {
        return Ok(None);
    }
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    if request
        .header("expect")
        .is_some_and(|v| v.eq_ignore_ascii_case("100-continue"))
    {
        back.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    request.body = if request
        .header("transfer-encoding")
        .is_some_and(|v| v.eq_ignore_ascii_case("chunked"))
    {
        read_chunks(reader)?
    } else {
        let length = request.header("content-length").map_or(Ok(0), str::parse);
        read_exactly(reader, length.map_err(|_| io::ErrorKind::InvalidData)?)?
    };
    Ok(Some(request))
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).map_err(|_| io::ErrorKind::InvalidData)?;
        body.extend(read_exactly(reader, size)?);
        // After data its line end, after the last chunk the empty trailer.
        read_line(reader)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn read_exactly(reader: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &str) -> io::Result<Option<Request>> {
        read_request(&mut BufReader::new(bytes.as_bytes()), io::sink())
    }

    #[test]
    fn a_chunked_body_is_put_together() {
        let request =
            read("POST /a?b=c%20d HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                .unwrap()
                .unwrap();
        assert_eq!((request.path(), request.text().as_str()), ("/a", "abcde"));
        assert_eq!(request.query(), [("b".to_owned(), "c d".to_owned())]);
    }

    #[test]
    fn an_incomplete_request_is_not_a_request() {
        assert!(read("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").is_err());
        assert!(read("").unwrap().is_none());
    }
}
