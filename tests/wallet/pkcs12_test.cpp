// PKCS#12 as pki/pkcs12.hpp makes and reads it, and as OpenSSL's own functions make what must be refused.
#include "pki/pkcs12.hpp"

#include <openssl/pkcs12.h>

#include <array>
#include <cstdio>

#include "base/file.hpp"
#include "crypto/handles.hpp"
#include "tests/wallet/world.hpp"

namespace tf::wallet::test {
namespace {

using Pkcs12Handle = crypto::Handle<PKCS12, PKCS12_free>;

class Pkcs12 : public testing::Test {
 protected:
  static SecretBytes secret(std::string_view text) { return SecretBytes(as_bytes(text)); }
  Bytes made(int iterations = kFewIterations) { return must(pki::make_pkcs12(key, certificate, {encryption, mac}, iterations)); }
  Result<pki::Pkcs12Content> open(ByteView der) { return pki::open_pkcs12(der, {encryption, mac}, kFewIterations); }
  // As `openssl pkcs12 -export` with other options: one password for both.
  Bytes foreign(int key_scheme, int certificate_scheme, int iterations, int mac_iterations) {
    const Pkcs12Handle file(PKCS12_create("foreign password", "user", key.native(), certificate.native(), nullptr, key_scheme, certificate_scheme, iterations,
                                          mac_iterations, 0));
    std::uint8_t* der = nullptr;
    const int size = i2d_PKCS12(file.get(), &der);
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
  }
  Result<pki::Pkcs12Content> open_foreign(ByteView der) {
    const SecretBytes password = secret("foreign password");
    return pki::open_pkcs12(der, {password, password}, kFewIterations);
  }

  tf::test::DeterministicRandom random{"pkcs12"};
  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  Authority authority{random, tf::test::FixedClock::kStart};
  pki::Certificate certificate = authority.issue("8613800000001", key.public_key());
  SecretBytes encryption = secret("encryption password");
  SecretBytes mac = secret("mac password");
};

TEST_F(Pkcs12, opens_with_both_passwords_and_with_no_other) {
  const Bytes file = made();
  const auto opened = open(file);
  ASSERT_OK(opened);
  EXPECT_EQ(opened->certificate, certificate);
  EXPECT_EQ(opened->key.public_key().spki(), key.public_key().spki());
  EXPECT_REFUSED(pki::open_pkcs12(file, {encryption, encryption}, kFewIterations), Code::sealed, "pki.pkcs12_mac");
  EXPECT_REFUSED(pki::open_pkcs12(file, {mac, mac}, kFewIterations), Code::sealed, "pki.passphrase");
  EXPECT_REFUSED(pki::open_pkcs12(file, {encryption, secret("")}, kFewIterations), Code::sealed, "pki.pkcs12_mac");
}

TEST_F(Pkcs12, holds_rsa_keys_too) {
  key = crypto::PrivateKey::generate_rsa(2048);
  certificate = authority.issue("8613800000001", key.public_key());
  EXPECT_OK(open(made()));
}

TEST_F(Pkcs12, its_mac_can_be_replaced_by_who_knows_it) {
  const Bytes file = made();
  const SecretBytes next = secret("another mac password");
  const Bytes replaced = must(pki::replace_pkcs12_mac(file, mac, next, kFewIterations));
  EXPECT_OK(pki::open_pkcs12(replaced, {encryption, next}, kFewIterations));
  EXPECT_REFUSED(open(replaced), Code::sealed, "pki.pkcs12_mac");
  EXPECT_REFUSED(pki::replace_pkcs12_mac(file, next, mac, kFewIterations), Code::sealed, "pki.pkcs12_mac");
  EXPECT_OK(pki::verify_pkcs12_mac(replaced, next, kFewIterations));
}

TEST_F(Pkcs12, every_altered_byte_is_noticed) {
  const Bytes file = made();
  for (std::size_t at = 0; at < file.size(); at += 5) {
    Bytes altered = file;
    altered[at] ^= 0x20;
    const auto opened = open(altered);
    if (opened) EXPECT_EQ(opened->key.public_key().spki(), key.public_key().spki()) << "byte " << at;
  }
  EXPECT_REFUSED(open(ByteView(file).first(file.size() - 1)), Code::malformed, "pki.pkcs12");
  Bytes longer = file;
  longer.push_back(0);
  EXPECT_REFUSED(open(longer), Code::malformed, "pki.pkcs12");
  EXPECT_REFUSED(open({}), Code::malformed, "pki.pkcs12");
}

TEST_F(Pkcs12, weak_files_are_refused_before_anything_is_derived) {
  EXPECT_REFUSED(pki::open_pkcs12(made(kFewIterations - 1), {encryption, mac}, kFewIterations), Code::refused, "pki.weak_pkcs12");
  EXPECT_REFUSED(open_foreign(foreign(NID_pbe_WithSHA1And3_Key_TripleDES_CBC, -1, kFewIterations, kFewIterations)), Code::refused, "pki.weak_pkcs12");
  EXPECT_REFUSED(open_foreign(foreign(NID_aes_128_cbc, -1, kFewIterations, kFewIterations)), Code::refused, "pki.weak_pkcs12");
  EXPECT_REFUSED(open_foreign(foreign(NID_aes_256_cbc, -1, 10, kFewIterations)), Code::refused, "pki.weak_pkcs12");
  EXPECT_REFUSED(open_foreign(foreign(NID_aes_256_cbc, -1, kFewIterations, 10)), Code::refused, "pki.weak_pkcs12");
  EXPECT_REFUSED(open_foreign(foreign(NID_aes_256_cbc, -1, kFewIterations, -1)), Code::refused, "pki.weak_pkcs12");
  EXPECT_REFUSED(open_foreign(foreign(-1, -1, kFewIterations, kFewIterations)), Code::malformed, "pki.pkcs12");
  EXPECT_OK(open_foreign(foreign(NID_aes_256_cbc, -1, kFewIterations, kFewIterations)));
  EXPECT_OK(open_foreign(foreign(NID_aes_256_cbc, NID_aes_256_cbc, kFewIterations, kFewIterations)));
}

TEST_F(Pkcs12, nobody_makes_us_count_for_ever) {
  Bytes file = made(0x010203);
  const Bytes count{0x02, 0x03, 0x01, 0x02, 0x03};
  auto at = std::ranges::search(file, count);  // of the key, then of the MAC
  ASSERT_FALSE(at.empty());
  for (; !at.empty(); at = std::ranges::search(file, count)) std::ranges::copy(Bytes{0x02, 0x03, 0x7F, 0xFF, 0xFF}, at.begin());
  EXPECT_OK(pki::verify_pkcs12_mac(made(1), mac, 1));
  EXPECT_REFUSED(pki::verify_pkcs12_mac(file, mac, 0x800000), Code::refused, "pki.weak_pkcs12");
  EXPECT_REFUSED(pki::make_pkcs12(key, certificate, {encryption, mac}, 10'000'001), Code::invalid, "pki.iterations");
}

TEST_F(Pkcs12, the_stock_openssl_command_reads_it) {
  const tf::test::TemporaryDirectory directory;
  must(write_private_file(directory.file("user.p12"), made()));
  const auto run = [&](const std::string& arguments) {
    const std::string command = "openssl pkcs12 -in " + directory.file("user.p12") + " " + arguments + " 2>&1 < /dev/null";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string text;
    std::array<char, 512> piece{};
    while (pipe != nullptr && std::fgets(piece.data(), piece.size(), pipe) != nullptr) text += piece.data();
    return std::pair{pipe == nullptr ? -1 : ::pclose(pipe), text};
  };
  // It knows one password for both, so the key's it is, without the MAC.
  const auto [opened, content] = run("-nomacver -noenc -passin 'pass:encryption password'");
  EXPECT_EQ(opened, 0) << content;
  EXPECT_NE(content.find("BEGIN PRIVATE KEY"), std::string::npos);
  EXPECT_NE(content.find("BEGIN CERTIFICATE"), std::string::npos);
  const auto [told, info] = run("-nomacver -info -noout -passin 'pass:encryption password'");
  EXPECT_EQ(told, 0) << info;
  EXPECT_NE(info.find("MAC: sha256, Iteration 1000"), std::string::npos) << info;
  EXPECT_NE(info.find("PBES2, PBKDF2, AES-256-CBC, Iteration 1000, PRF hmacWithSHA256"), std::string::npos) << info;
}

TEST_F(Pkcs12, key_and_certificate_belong_together) {
  const auto other = authority.issue("8613800000001", crypto::PrivateKey::generate_p256().public_key());
  EXPECT_REFUSED(pki::make_pkcs12(key, other, {encryption, mac}, kFewIterations), Code::invalid, "pki.key_pair");
  EXPECT_REFUSED(pki::make_pkcs12(key, certificate, {secret(""), mac}, kFewIterations), Code::invalid, "pki.passphrase");
}

}  // namespace
}  // namespace tf::wallet::test
