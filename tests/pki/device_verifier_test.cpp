#include "pki/device/verifier.hpp"

#include <atomic>
#include <thread>

#include "pki/asn1.hpp"
#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

const wire::Dsn kOwnDsn = dsn("TF10000001");

Crl list_of(const std::vector<Certificate>& revoked, std::int64_t next_update_ms = kNow + 30 * kDayMs) {
  std::vector<Revoked> entries;
  for (const Certificate& one : revoked) entries.push_back({one.serial_hex(), RevocationReason::key_compromise, kNow});
  return must(issue_crl(p256_estate().root, 7, entries, kNow - 1000, next_update_ms));
}

DeviceVerifier::Options options() { return {.anchors = {p256_estate().root.certificate}}; }
std::vector<Bytes> chain() { return p256_estate().device_chain(p256_estate().device.certificate); }
// Passes only when the loader is remembered: nothing leads to the root.
std::vector<Bytes> chain_without_root() { return {chain()[0], chain()[1]}; }

TEST(DeviceVerifier, accepts_a_device_and_gives_its_certificate) {
  const DeviceVerifier verifier(options(), list_of({}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(must(verifier.verify(chain(), kOwnDsn, kNow)), p256_estate().device.certificate);
}

TEST(DeviceVerifier, gives_the_same_key_for_a_loader_met_and_remembered) {
  const DeviceVerifier verifier(options(), list_of({}));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(must(verifier.device_key(chain(), kOwnDsn, kNow)).point(), p256_estate().device.key.public_key().point());
}

// The key alone has no other rules than the certificate.
std::string both(const DeviceVerifier& verifier, const std::vector<Bytes>& given, const wire::Dsn& whose, std::int64_t at_ms = kNow) {
  const std::string key = outcome(verifier.device_key(given, whose, at_ms));
  EXPECT_EQ(outcome(verifier.verify(given, whose, at_ms)), key);
  return key;
}

TEST(DeviceVerifier, remembers_a_loader_for_a_minute) {
  const DeviceVerifier verifier(options(), list_of({}));
  EXPECT_EQ(outcome(verifier.verify(chain_without_root(), kOwnDsn, kNow)), "refused pki.untrusted");
  EXPECT_EQ(outcome(verifier.device_key(chain_without_root(), kOwnDsn, kNow)), "refused pki.untrusted");
  EXPECT_EQ(outcome(verifier.verify(chain(), kOwnDsn, kNow)), "ok");
  EXPECT_EQ(outcome(verifier.device_key(chain_without_root(), kOwnDsn, kNow + 59'999)), "ok");
  EXPECT_EQ(outcome(verifier.device_key(chain_without_root(), kOwnDsn, kNow + 60'000)), "refused pki.untrusted");
  EXPECT_EQ(outcome(verifier.verify(chain_without_root(), kOwnDsn, kNow)), "ok");
  EXPECT_EQ(outcome(verifier.verify(chain_without_root(), kOwnDsn, kNow + 59'999)), "ok");
  EXPECT_EQ(outcome(verifier.verify(chain_without_root(), kOwnDsn, kNow + 60'000)), "refused pki.untrusted");
  EXPECT_EQ(outcome(verifier.verify(chain_without_root(), kOwnDsn, kNow - 1)),
            "refused pki.untrusted");  // the clock went back
}

TEST(DeviceVerifier, never_remembers_longer_than_a_minute) {
  auto long_memory = options();
  long_memory.revalidate_after_ms = kDayMs;
  const DeviceVerifier verifier(long_memory, list_of({}));
  EXPECT_EQ(outcome(verifier.verify(chain(), kOwnDsn, kNow)), "ok");
  EXPECT_EQ(outcome(verifier.verify(chain_without_root(), kOwnDsn, kNow + 60'000)), "refused pki.untrusted");
}

TEST(DeviceVerifier, a_new_list_takes_effect_at_once) {
  DeviceVerifier verifier(options(), list_of({}));
  EXPECT_EQ(outcome(verifier.verify(chain(), kOwnDsn, kNow)), "ok");
  verifier.set_crl(list_of({p256_estate().estate_ca.certificate}));
  EXPECT_EQ(outcome(verifier.verify(chain(), kOwnDsn, kNow)), "refused pki.revoked");
  verifier.set_crl(list_of({}));
  EXPECT_EQ(outcome(verifier.verify(chain(), kOwnDsn, kNow)), "ok");
}

TEST(DeviceVerifier, a_list_that_runs_out_ends_the_memory) {
  const DeviceVerifier verifier(options(), list_of({}, kNow + 10'000));
  EXPECT_EQ(outcome(verifier.verify(chain(), kOwnDsn, kNow)), "ok");
  EXPECT_EQ(outcome(verifier.verify(chain(), kOwnDsn, kNow + 9'999)), "ok");
  EXPECT_EQ(outcome(verifier.verify(chain(), kOwnDsn, kNow + 10'000)), "refused pki.crl_expired");
}

TEST(DeviceVerifier, a_certificate_above_that_runs_out_ends_the_memory) {
  const auto ends = [](X509* x) { X509_set1_notAfter(x, asn1_time(kNow + 10'000).get()); };
  auto given = chain();
  given[2] = forged(p256_estate().estate_ca.certificate, p256_estate().root, ends).der();
  const DeviceVerifier verifier(options(), list_of({}));
  EXPECT_EQ(outcome(verifier.verify(given, kOwnDsn, kNow)), "ok");
  EXPECT_EQ(outcome(verifier.verify(given, kOwnDsn, kNow + 10'000)), "refused pki.expired");
}

TEST(DeviceVerifier, wants_a_list_unless_told_otherwise) {
  EXPECT_EQ(outcome(DeviceVerifier(options()).verify(chain(), kOwnDsn, kNow)), "refused pki.crl_missing");
  auto lenient = options();
  lenient.require_crl = false;
  EXPECT_EQ(outcome(DeviceVerifier(lenient).verify(chain(), kOwnDsn, kNow)), "ok");
}

TEST(DeviceVerifier, refuses_other_devices_times_and_estates_though_the_loader_is_known) {
  const DeviceVerifier verifier(options(), list_of({}));
  EXPECT_EQ(both(verifier, chain(), kOwnDsn), "ok");
  EXPECT_EQ(both(verifier, chain(), dsn("TF10000002")), "refused pki.dsn_out_of_range");
  auto given = chain();
  given[0] = foreign_estate().device.certificate.der();
  EXPECT_EQ(both(verifier, given, kOwnDsn), "refused pki.untrusted");
  EXPECT_EQ(both(verifier, foreign_estate().device_chain(foreign_estate().device.certificate), kOwnDsn),
            "refused pki.untrusted");
  given[0] = forged(p256_estate().device.certificate, p256_estate().loader, [](X509* x) {
               X509_set1_notAfter(x, asn1_time(kNow).get());
             }).der();
  EXPECT_EQ(both(verifier, given, kOwnDsn), "refused pki.expired");
  given[0] = forged(p256_estate().device.certificate, p256_estate().loader, [](X509* x) {
               X509_set1_notBefore(x, asn1_time(kNow + 1000).get());
             }).der();
  EXPECT_EQ(both(verifier, given, kOwnDsn), "refused pki.not_yet_valid");
}

TEST(DeviceVerifier, refuses_chains_of_other_shapes) {
  const DeviceVerifier verifier(options(), list_of({}));
  EXPECT_EQ(both(verifier, {}, kOwnDsn), "refused pki.untrusted");
  EXPECT_EQ(both(verifier, {chain()[0]}, kOwnDsn), "refused pki.untrusted");
  EXPECT_EQ(both(verifier, {5, chain()[0]}, kOwnDsn), "refused pki.untrusted");
  EXPECT_EQ(both(verifier, {chain()[0], Bytes{1}}, kOwnDsn), "malformed pki.certificate");
  EXPECT_EQ(both(verifier, {Bytes{1}, chain()[1], chain()[2]}, kOwnDsn), "malformed pki.certificate");
  EXPECT_EQ(both(verifier, {chain()[0], chain()[2]}, kOwnDsn), "refused pki.wrong_usage");
  EXPECT_EQ(both(verifier, {p256_estate().work.certificate.der(), chain()[1], chain()[2]}, kOwnDsn),
            "refused pki.wrong_usage");
}

TEST(DeviceVerifier, forgets_the_oldest_loader_when_full) {
  auto small = options();
  small.max_loaders = 1;
  const DeviceVerifier verifier(small, list_of({}));
  const auto key = crypto::PrivateKey::generate_p256();
  const Issuer second{must(issue_loader_certificate(p256_estate().estate_ca, "Station 2", key.public_key(),
                                                    {range("TF10000001")}, {kNow, 10}, randomness())),
                      key};
  const auto other =
      must(issue_device_certificate(second, kOwnDsn, p256_estate().device.key.public_key(), {kNow, 9}, randomness()));
  EXPECT_EQ(outcome(verifier.verify(chain(), kOwnDsn, kNow)), "ok");
  EXPECT_EQ(outcome(verifier.verify({other.der(), second.certificate.der(), chain()[2]}, kOwnDsn, kNow + 1)), "ok");
  EXPECT_EQ(outcome(verifier.verify({other.der(), second.certificate.der()}, kOwnDsn, kNow + 1)), "ok");
  EXPECT_EQ(outcome(verifier.verify(chain_without_root(), kOwnDsn, kNow + 1)), "refused pki.untrusted");
}

TEST(DeviceVerifier, threads_share_it_while_lists_change) {
  DeviceVerifier verifier(options(), list_of({}));
  const Crl crl = list_of({});
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        if (!verifier.verify(chain(), kOwnDsn, kNow + (i + t) % 3 * 60'000)) ++refused;
      }
    });
  }
  for (int i = 0; i < 50; ++i) verifier.set_crl(crl);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace tf::pki::test
