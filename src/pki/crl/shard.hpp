// A revocation list in a fixed number of shards, so that none grows large: a certificate names the URL of its shard from the
// day it is issued (cRLDistributionPoints), and the shard bears the same URL in a critical issuingDistributionPoint
// (RFC 5280 §5.2.5).
#pragma once
#include "pki/crl/crl.hpp"

namespace tf::pki {

struct Shard {
  std::uint32_t index = 0;
  std::uint32_t count = 1;
  std::string url;
};

// The shard of a serial number, below shards, which is at least 1. It depends on nothing else: an issuer keeps its number
// of shards as long as its certificates live.
std::uint32_t shard_of(std::string_view serial_hex, std::uint32_t shards);
// "http://crl.example.org/devices/{shard}.crl" and 7 give "http://crl.example.org/devices/7.crl". Code::invalid "pki.url" unless
// "{shard}" stands in it once and an http URL comes out.
Result<std::string> shard_url(std::string_view pattern, std::uint32_t shard);
// Where this serial number's shard is found.
Result<Shard> shard_for(std::string_view serial_hex, std::string_view pattern, std::uint32_t shards);

class CrlShard {
 public:
  // As Crl::from_der(), but with a critical issuingDistributionPoint of one URL.
  static Result<CrlShard> from_der(ByteView der);
  [[nodiscard]] const Bytes& der() const { return list_.der(); }
  [[nodiscard]] std::string to_pem() const { return list_.to_pem(); }

  [[nodiscard]] const std::string& url() const { return list_.distribution_point(); }
  [[nodiscard]] std::uint64_t number() const { return list_.number(); }
  [[nodiscard]] std::int64_t this_update_ms() const { return list_.this_update_ms(); }
  [[nodiscard]] std::int64_t next_update_ms() const { return list_.next_update_ms(); }
  [[nodiscard]] std::vector<Revoked> revoked() const { return list_.revoked(); }
  // As Crl::verify().
  [[nodiscard]] Status verify(const Certificate& issuer, std::int64_t at_ms) const { return list_.verify(issuer, at_ms); }

  // The certificate is of the list's issuer and names this shard's URL.
  [[nodiscard]] bool covers(const Certificate& certificate) const;
  // Code::refused "pki.crl_wrong_shard" for a certificate that it does not cover: its absence here would say nothing.
  [[nodiscard]] Result<bool> is_revoked(const Certificate& certificate) const;

 private:
  explicit CrlShard(Crl list) : list_(std::move(list)) {}
  Crl list_;
};

// As issue_crl(); also Code::invalid "pki.shard" for an index that is not below the count, or no http URL, and
// "pki.crl_wrong_shard" for a serial number of another shard.
Result<CrlShard> issue_crl_shard(const Issuer& issuer, const Shard& shard, std::uint64_t number,
                                 const std::vector<Revoked>& revoked, std::int64_t this_update_ms,
                                 std::int64_t next_update_ms);

}  // namespace tf::pki
