// An estate with one certificate of each kind, and a forger who has its issuers' keys and none of their scruples.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "crypto/handles.hpp"
#include "pki/issue.hpp"
#include "pki/path/path.hpp"

namespace tf::pki::test {

inline constexpr std::int64_t kNow = 1'793'491'200'000;  // 2026-11-01T00:00:00Z
inline constexpr std::int64_t kDayMs = 86'400'000;

template <class T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << describe(result.error());
    std::abort();
  }
  return std::move(*result);
}
inline wire::Dsn dsn(std::string_view text) { return must(wire::Dsn::parse(text)); }
inline wire::DsnRange range(std::string_view text) { return must(wire::DsnRange::parse(text)); }

// "ok", or "code reason".
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : std::string(name_of(result.error().code)) + " " + result.error().reason;
}

struct Estate {
  Issuer root;
  Issuer estate_ca;
  Issuer loader;
  Issuer operations_ca;
  Issuer work;  // "issuer" of nothing: certificate and key
  Issuer rsa_work;
  Issuer device;
  Issuer server;
  Issuer person;

  // With the intermediates this leaf needs.
  [[nodiscard]] PathQuery query(const Certificate& leaf, Usage usage) const;
  [[nodiscard]] std::vector<Certificate> above(const Certificate& leaf) const;
  [[nodiscard]] std::vector<Bytes> device_chain(const Certificate& device_certificate) const;
};

const Estate& rsa_estate();  // an RSA-3072 root
const Estate& p256_estate();
const Estate& foreign_estate();  // the same names under another P-256 root
Random& randomness();

// The certificate altered and signed again with the issuer's key, whatever the rules say.
Certificate forged(const Certificate& original, const Issuer& by, const std::function<void(X509*)>& alter);
// The same DER with one byte changed.
Bytes flipped(Bytes der, std::size_t at);
void add_extension(X509* to, const char* oid, bool critical, ByteView value);
void remove_extension(X509* from, const char* oid);
void replace_ranges(X509* in, const std::vector<wire::DsnRange>& ranges);
void replace_usages(X509* in, const std::vector<int>& nids);
void set_subject(X509* in, int nid, const char* value);

}  // namespace tf::pki::test
