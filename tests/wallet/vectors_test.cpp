// Derivations against vectors that Node made from the page alone (vectors/make_wallet.mjs).
#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "protocols/wallet/certificate_file.hpp"
#include "tests/wallet/world.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::wallet::test {
namespace {

constexpr std::string_view kRegistration = "AAAAAAAAAAAAAAAAAAAAAA";
constexpr std::string_view kSession = "BBBBBBBBBBBBBBBBBBBBBB";
constexpr std::string_view kNonce = "bm9uY2U";
const Subscriber kSubscriber{"8613800000001", "490154203237518", "89860000000000000019"};

template <std::size_t N>
ByteArray<N> row(unsigned n) {
  ByteArray<N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::uint8_t>(n * 31 + i * 7);
  return out;
}
Secret<32> secret_row(unsigned n) {
  const auto bytes = row<32>(n);
  return Secret<32>(std::span<const std::uint8_t, 32>(bytes));
}

class WalletVectors : public testing::Test {
 protected:
  void SetUp() override {
    const Bytes file = must(read_file(std::string(TRUSTFERRY_SOURCE_DIR) + "/vectors/wallet/derivations.json", 64 * 1024));
    auto object = must(wire::JsonObject::parse(as_text(file)));
    for (const char* name : {"codes", "verifier", "info3", "file_encryption", "file_mac_own", "file_mac", "activate_request", "activate_answer",
                             "session_seal", "session_digest", "pay_mac", "classic_login", "classic_pay", "classic_inquiry"})
      expected[name] = must(object.text(name));
  }
  static std::string text(const SecretBytes& secret) { return std::string(as_text(secret.reveal())); }
  static Secret<32> codes() {
    return must(codes_key(kPlatform, kRegistration, SecretBytes(as_bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), SecretBytes(as_bytes("12345678")), kPasswordCost));
  }
  std::map<std::string, std::string> expected;
};

TEST_F(WalletVectors, of_codes_passwords_and_files_agree) {
  const SecretBytes password(as_bytes("correct horse"));
  EXPECT_EQ(wire::hex_lower(codes().reveal()), expected["codes"]);
  const auto salt = row<16>(9);
  EXPECT_EQ(wire::hex_lower(must(crypto::scrypt(password, salt, kPasswordCost)).reveal()), expected["verifier"]);
  const Secret<32> info3 = info3_key(kSubscriber, password);
  EXPECT_EQ(wire::hex_lower(info3.reveal()), expected["info3"]);
  const FilePasswords own = own_passwords(info3, kSubscriber.number);
  EXPECT_EQ(text(own.encryption), expected["file_encryption"]);
  EXPECT_EQ(text(own.mac), expected["file_mac_own"]);
  EXPECT_EQ(text(codes_mac_password(codes(), kRegistration)), expected["file_mac"]);
}

TEST_F(WalletVectors, of_activation_agree) {
  const auto thumbprint = row<32>(1);
  const Activating what{kPlatform, kRegistration, kSubscriber.number, thumbprint, kNonce};
  const auto mac = [&](std::string_view label, std::string_view answer) {
    return wire::hex_lower(crypto::hmac_sha256(derive(codes(), kRegistration, label).reveal(), activating_fields(label, what, as_bytes(answer))));
  };
  EXPECT_EQ(mac(label::activate_request, ""), expected["activate_request"]);
  EXPECT_EQ(mac(label::activate_answer, "certificate"), expected["activate_answer"]);
}

TEST_F(WalletVectors, of_sessions_agree) {
  const auto thumbprint = row<32>(2);
  const auto phone = row<65>(3);
  const auto platform = row<65>(4);
  const SessionBinding binding{kPlatform, kSubscriber.number, thumbprint, kNonce, phone, platform};
  EXPECT_EQ(wire::hex_lower(session_seal_key(secret_row(5), secret_row(6), binding).reveal()), expected["session_seal"]);
  EXPECT_EQ(wire::hex_lower(session_digest(secret_row(5), binding, kSession, row<32>(7), row<32>(8))), expected["session_digest"]);
  EXPECT_EQ(wire::hex_lower(crypto::hmac_sha256(derive(secret_row(7), kSession, label::pay_mac).reveal(), as_bytes("a.b.c"))), expected["pay_mac"]);
}

TEST_F(WalletVectors, of_what_classic_signs_agree) {
  const auto hash = [](const Bytes& fields) { return wire::hex_lower(crypto::sha256(fields)); };
  EXPECT_EQ(hash(classic_login_fields(secret_row(5), kPlatform, kSubscriber.number, SecretBytes(as_bytes("correct horse")), 1'793'491'200'000)),
            expected["classic_login"]);
  const ClassicPayment payment{std::string(kSession), "A-1", kSubscriber.number, "{}", row<16>(10), {}};
  EXPECT_EQ(hash(classic_pay_fields(payment)), expected["classic_pay"]);
  const ClassicInquiry inquiry{std::string(kSession), kSubscriber.number, "A-1", "R-1", 400, 1'793'491'200'000, row<16>(11), {}};
  EXPECT_EQ(hash(classic_inquiry_fields(inquiry)), expected["classic_inquiry"]);
}

}  // namespace
}  // namespace tf::wallet::test
