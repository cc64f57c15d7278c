//! Which machines may be asked. An address comes from a person, and a server stands in networks that they do not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Where calendars may be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// From machines that everybody can reach, encrypted.
    #[default]
    Public,
    /// From anywhere, for tests and installations of one's own network.
    Anywhere,
}

/// Whether everybody could reach this address: not one of a network of its own, of this machine, of several machines, or
/// kept for another use (IANA special-purpose address registries, read 2026-11).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let kept = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !kept
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let last = |address: Ipv6Addr| {
        let [.., w, x, y, z] = address.octets();
        Ipv4Addr::new(w, x, y, z)
    };
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    // 64:ff9b::/96 leads to the address of version 4 at its end.
    if address.segments().starts_with(&[0x64, 0xff9b, 0, 0, 0, 0]) {
        return is_public_v4(last(address));
    }
    // Global unicast is 2000::/3; of that, what is kept for protocols, documentation and tunnels is none.
    let global = (a & 0xe000) == 0x2000;
    let kept = match a {
        0x2001 => b < 0x200 || b == 0xdb8,
        0x2002 => true,
        0x3fff => b < 0x1000,
        _ => false,
    };
    global && !kept
}

/// A name led to no machine that may be asked.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the name leads into a private network")]
pub(super) struct Unreachable;

/// Looks names up and keeps only what may be asked. The connection goes to what was looked up here, so that a name cannot
/// mean one machine when it is judged and another when it is used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge(pub(super) Reach);

impl Resolve for Judge {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let may: Vec<SocketAddr> = match reach {
                Reach::Anywhere => found.collect(),
                Reach::Public => found.filter(|found| is_public(found.ip())).collect(),
            };
            if may.is_empty() {
                return Err(Unreachable.into());
            }
            Ok(Box::new(may.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_everybody_can_reach_is_asked() {
        let public = |text: &str| is_public(text.parse().unwrap());
        for address in [
            "8.8.8.8",
            "142.250.72.14",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "198.20.0.0",
            "2607:f8b0:4009:80b::200e",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ] {
            assert!(public(address), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_judged_by_where_it_leads() {
        let name = || "localhost".parse().unwrap();
        assert!(Judge(Reach::Public).resolve(name()).await.is_err());
        assert!(Judge(Reach::Anywhere).resolve(name()).await.is_ok());
    }
}
