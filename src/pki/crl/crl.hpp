// A complete certificate revocation list (RFC 5280 §5) of one issuer: version 2, numbered, with a next update.
// Parsed strictly and never changed; copies share it. Delta, indirect and partial lists are refused; a list kept in
// shards is of another type (shard.hpp), so that a part is never taken for the whole.
#pragma once
#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pki/issuer.hpp"

namespace tf::pki {

// RFC 5280 §5.3.1, those a complete list may hold.
enum class RevocationReason : std::uint8_t {
  unspecified = 0,
  key_compromise = 1,
  ca_compromise = 2,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  certificate_hold = 6,
  privilege_withdrawn = 9,
};

struct Revoked {
  std::string serial_hex;  // as Certificate::serial_hex() gives it
  RevocationReason reason;
  std::int64_t at_ms;
  friend bool operator==(const Revoked&, const Revoked&) = default;
};

class Crl {
 public:
  // DER, all of the input, at most 4 MiB. Code::malformed "pki.crl".
  static Result<Crl> from_der(ByteView der);
  static Result<Crl> from_pem(std::string_view pem);
  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] std::string to_pem() const;

  [[nodiscard]] std::uint64_t number() const;  // grows from list to list; an older one than known may be refused
  [[nodiscard]] std::int64_t this_update_ms() const;
  [[nodiscard]] std::int64_t next_update_ms() const;
  [[nodiscard]] std::string issuer_text() const;
  [[nodiscard]] std::vector<Revoked> revoked() const;

  // The list is this issuer's and signed by it, else Code::refused "pki.crl_untrusted"; it holds at this time, else
  // Code::refused "pki.crl_expired".
  [[nodiscard]] Status verify(const Certificate& issuer, std::int64_t at_ms) const;
  // Only of certificates by the list's issuer.
  [[nodiscard]] bool is_revoked(const Certificate& certificate) const;

 private:
  friend class CrlShard;
  struct Body;
  static Result<Crl> read(ByteView der, bool shard);
  [[nodiscard]] const std::string& distribution_point() const;  // of a shard
  explicit Crl(std::shared_ptr<const Body> body) : body_(std::move(body)) {}
  std::shared_ptr<const Body> body_;
};

// Code::invalid: "pki.crl_times" when the next update is not after this one, "pki.crl_twice" for a serial number named
// twice, "pki.serial", "pki.issuer_key"; Code::refused "pki.wrong_usage" when the issuer may not sign lists.
Result<Crl> issue_crl(const Issuer& issuer, std::uint64_t number, const std::vector<Revoked>& revoked,
                      std::int64_t this_update_ms, std::int64_t next_update_ms);

}  // namespace tf::pki
