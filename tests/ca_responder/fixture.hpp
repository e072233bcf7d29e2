// An authority, its delegate, and a source that says what the test has it say.
#pragma once
#include <map>
#include <mutex>

#include "ca/responder/responder.hpp"
#include "pki/ocsp/verify.hpp"
#include "tests/pki/ocsp_estate.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"

namespace tf::ca::test {

using pki::test::kDayMs;
using pki::test::kNow;
using pki::test::must;
using tf::test::FixedClock;

constexpr const char* kAuthority = "operations";

class Source final : public StatusSource {
 public:
  Result<Known> known(const std::string& authority, std::string_view serial_hex) const override {
    const std::lock_guard lock(mutex);
    ++asked;
    if (during) during();
    if (failure) return *failure;
    const auto found = says.find(authority + "/" + std::string(serial_hex));
    return found == says.end() ? Known{} : found->second;
  }
  void say(const std::string& serial_hex, Known what, const std::string& authority = kAuthority) {
    const std::lock_guard lock(mutex);
    says[authority + "/" + serial_hex] = what;
  }

  mutable std::mutex mutex;
  mutable int asked = 0;
  std::function<void()> during;
  std::optional<Error> failure;
  std::map<std::string, Known> says;
};

inline Known good() { return {.standing = {.kind = StandingKind::good}}; }
inline Known revoked(pki::RevocationReason reason, std::int64_t at_ms) { return {.standing = {StandingKind::revoked, reason, at_ms}}; }

inline Served served(const pki::test::OcspEstate& estate, std::string authority = kAuthority) {
  return {std::move(authority), estate.issuer.certificate, estate.responder()};
}

class ResponderTest : public testing::Test {
 protected:
  ResponderTest() : responder(source, clock, settings()) {
    source.say(estate.subject.serial_hex(), good());
    const Status served_now = responder.serve({served(estate)});
    if (!served_now) ADD_FAILURE() << describe(served_now.error());
  }
  virtual ResponderSettings settings() const { return {}; }

  [[nodiscard]] Bytes request(std::optional<Bytes> nonce = {}, pki::ocsp::Hash hash = pki::ocsp::Hash::sha256) const {
    return must(pki::ocsp::encode_request({estate.id(hash)}, nonce));
  }
  [[nodiscard]] pki::ocsp::CertId id_of(std::string_view serial_hex) const { return must(pki::ocsp::cert_id(estate.issuer.certificate, serial_hex)); }
  Bytes ask(ByteView der) { return responder.answer(der)->der; }
  [[nodiscard]] Result<pki::ocsp::Verified> judged(const Bytes& response, std::optional<Bytes> nonce = {}) const {
    pki::ocsp::Expected expected = estate.expected(clock.now_ms());
    expected.nonce = std::move(nonce);
    return pki::ocsp::verify(response, expected);
  }
  void forget() { responder.forget(kAuthority, estate.subject.serial_hex()); }

  const pki::test::OcspEstate& estate = pki::test::ocsp_estate();
  Source source;
  FixedClock clock;
  Responder responder;
};

}  // namespace tf::ca::test
