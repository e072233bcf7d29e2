#include "pki/crl/shard.hpp"

#include "pki/extensions.hpp"
#include "tests/pki/openssl_command.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::pki::test {
namespace {

constexpr const char* kPattern = "http://crl.example.org/ops/{shard}.crl";
const Issuer& issuer() { return p256_estate().operations_ca; }

// The server's certificate with this URL.
Certificate naming(const std::string& url) {
  return forged(p256_estate().server.certificate, issuer(), [&](X509* it) { EXPECT_OK(add_crl_distribution_point(it, url)); });
}

struct Placed {
  Shard shard;
  Certificate certificate;
};
Placed placed(std::uint32_t shards = 16) {
  const Shard shard = must(shard_for(p256_estate().server.certificate.serial_hex(), kPattern, shards));
  return {shard, naming(shard.url)};
}

CrlShard list(const Shard& shard, const std::vector<Revoked>& revoked) {
  return must(issue_crl_shard(issuer(), shard, 9, revoked, kNow - 1000, kNow + kDayMs));
}

TEST(CrlShards, a_serial_number_belongs_to_one_shard_for_good) {
  EXPECT_EQ(shard_of("0A", 1), 0U);
  EXPECT_EQ(shard_of("0A", 128), shard_of("0A", 128));
  EXPECT_EQ(shard_of("642E250F015517CAB08838A4DBFE9FA9", 64), 21U);  // by sha256sum: bd9184c133d9a555…
}

TEST(CrlShards, numbers_are_spread_evenly) {
  std::map<std::uint32_t, int> sizes;
  for (std::uint32_t i = 0; i < 16'000; ++i) ++sizes[shard_of(wire::hex_upper(Bytes{1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}), 16)];
  EXPECT_EQ(sizes.size(), 16U);
  for (const auto& [shard, size] : sizes) EXPECT_LT(std::abs(size - 1000), 160) << shard;
}

TEST(CrlShards, a_url_has_the_number_in_it) {
  EXPECT_EQ(must(shard_url(kPattern, 7)), "http://crl.example.org/ops/7.crl");
  for (const char* bad : {"", "{shard}", "http://crl.example.org/1.crl", "https://crl.example.org/{shard}", "ldap://a/{shard}", "http:///{shard}",
                          "http://a/{shard}/{shard}", "http://a/{shard} b", "http://a/{shard}\n"})
    EXPECT_REFUSED(shard_url(bad, 1), Code::invalid, "pki.url");
  EXPECT_REFUSED(shard_url("http://a/{shard}" + std::string(250, 'x'), 1), Code::invalid, "pki.url");
  EXPECT_REFUSED(shard_for("0A", kPattern, 0), Code::invalid, "pki.shard");
}

TEST(CrlShards, a_shard_says_what_was_put_in) {
  const auto [shard, certificate] = placed();
  const Revoked entry{certificate.serial_hex(), RevocationReason::superseded, kNow - 5000};
  const CrlShard again = must(CrlShard::from_der(list(shard, {entry}).der()));
  EXPECT_EQ(again.url(), shard.url);
  EXPECT_EQ(again.number(), 9U);
  EXPECT_EQ(again.this_update_ms(), kNow - 1000);
  EXPECT_EQ(again.next_update_ms(), kNow + kDayMs);
  EXPECT_EQ(again.revoked(), std::vector{entry});
  EXPECT_OK(again.verify(issuer().certificate, kNow));
  EXPECT_REFUSED(again.verify(issuer().certificate, kNow + kDayMs), Code::refused, "pki.crl_expired");
  EXPECT_REFUSED(again.verify(foreign_estate().operations_ca.certificate, kNow), Code::refused, "pki.crl_untrusted");
  EXPECT_TRUE(must(again.is_revoked(certificate)));
  EXPECT_FALSE(must(list(shard, {}).is_revoked(certificate)));
}

TEST(CrlShards, a_shard_says_nothing_about_certificates_of_another) {
  const auto [shard, certificate] = placed();
  const CrlShard empty = list(shard, {});
  EXPECT_TRUE(empty.covers(certificate));
  EXPECT_REFUSED(empty.is_revoked(p256_estate().server.certificate), Code::refused, "pki.crl_wrong_shard");  // it names no list
  EXPECT_REFUSED(empty.is_revoked(naming(must(shard_url(kPattern, (shard.index + 1) % 16)))), Code::refused, "pki.crl_wrong_shard");
  const Certificate elsewhere =
      forged(p256_estate().person.certificate, p256_estate().root, [&](X509* it) { EXPECT_OK(add_crl_distribution_point(it, shard.url)); });
  EXPECT_REFUSED(empty.is_revoked(elsewhere), Code::refused, "pki.crl_wrong_shard");
}

TEST(CrlShards, a_part_is_never_taken_for_the_whole_nor_the_whole_for_a_part) {
  const auto [shard, certificate] = placed();
  EXPECT_REFUSED(Crl::from_der(list(shard, {}).der()), Code::malformed, "pki.crl");
  const Crl whole = must(issue_crl(issuer(), 1, {}, kNow, kNow + kDayMs));
  EXPECT_REFUSED(CrlShard::from_der(whole.der()), Code::malformed, "pki.crl");
}

TEST(CrlShards, only_strict_der_of_one_url_is_read) {
  const Shard shard = placed().shard;
  const Bytes der = list(shard, {}).der();
  for (std::size_t size = 0; size < der.size(); ++size) EXPECT_REFUSED(CrlShard::from_der(ByteView(der).first(size)), Code::malformed, "pki.crl");
  for (std::size_t at = 0; at < der.size(); ++at) {
    const auto altered = CrlShard::from_der(flipped(der, at));
    if (altered) ASSERT_FALSE(altered->verify(issuer().certificate, kNow).has_value()) << at;
  }
}

TEST(CrlShards, issuing_refuses_what_makes_no_sense) {
  const auto [shard, certificate] = placed();
  const auto issue = [&](const Shard& to, const std::string& serial) {
    return issue_crl_shard(issuer(), to, 1, {{serial, RevocationReason::superseded, kNow}}, kNow, kNow + kDayMs);
  };
  EXPECT_OK(issue(shard, certificate.serial_hex()));
  EXPECT_REFUSED(issue({(shard.index + 1) % 16, 16, shard.url}, certificate.serial_hex()), Code::invalid, "pki.crl_wrong_shard");
  EXPECT_REFUSED(issue({16, 16, shard.url}, certificate.serial_hex()), Code::invalid, "pki.shard");
  EXPECT_REFUSED(issue({0, 0, shard.url}, certificate.serial_hex()), Code::invalid, "pki.shard");
  EXPECT_REFUSED(issue({shard.index, 16, "/1.crl"}, certificate.serial_hex()), Code::invalid, "pki.shard");
  EXPECT_REFUSED(issue_crl_shard(p256_estate().server, shard, 1, {}, kNow, kNow + kDayMs), Code::refused, "pki.wrong_usage");
}

using CrlShardsOpenSsl = OpenSslDirectory;

TEST_F(CrlShardsOpenSsl, the_openssl_command_finds_the_shard_and_what_is_revoked) {
  const auto [shard, certificate] = placed();
  write("anchors.pem", p256_estate().root.certificate.to_pem());
  write("issuer.pem", issuer().certificate.to_pem());
  write("server.pem", certificate.to_pem());
  const std::string verify = "verify -attime 1793491200 -extended_crl -crl_check -CAfile anchors.pem -untrusted issuer.pem -CRLfile crl.pem server.pem";
  write("crl.pem", list(shard, {}).to_pem());
  const Outcome good = run(verify);
  EXPECT_EQ(good.exit_code, 0) << good.text;
  write("crl.pem", list(shard, {{certificate.serial_hex(), RevocationReason::superseded, kNow - 2000}}).to_pem());
  EXPECT_THAT(run(verify).text, testing::HasSubstr("certificate revoked"));
  write("crl.pem", list({(shard.index + 1) % 16, 16, must(shard_url(kPattern, (shard.index + 1) % 16))}, {}).to_pem());
  EXPECT_THAT(run(verify).text, testing::HasSubstr("ifferent CRL scope"));
  const Outcome text = run("crl -in crl.pem -noout -text");
  EXPECT_THAT(text.text, testing::HasSubstr("X509v3 Issuing Distribution Point: critical"));
}

}  // namespace
}  // namespace tf::pki::test
