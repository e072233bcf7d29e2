// device.json, and what the factory makes.
#include <gmock/gmock.h>

#include "tests/support/local.hpp"
#include "tests/terminal_onboard/scene.hpp"

namespace tf::terminal::test {
namespace {

using testing::HasSubstr;

const OnboardProfile kFull{.dsim_id = "M2M-0001",
                           .registration = {{"reg-1", "https://reg.example:8450"}, {"reg-2", "https://reg.example"}},
                           .phlr = OnboardProfile::Aka{"https://phlr.example", "onboard"},
                           .ocsp = {"http://ocsp.example:8080/ocsp"},
                           .operators = {"op-1"},
                           .authenticate = OnboardProfile::Aka{"https://hss.example", "hss"},
                           .module = ModuleKind::tpm,
                           .tcti = "device:/dev/tpmrm0"};

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Profile, is_read_as_it_was_written) {
  EXPECT_EQ(tf::test::must(decode_onboard_profile(encode(kFull))), kFull);
  const OnboardProfile least{.dsim_id = "A", .registration = {{"r", "https://r"}}, .ocsp = {"http://o/"}};
  EXPECT_EQ(tf::test::must(decode_onboard_profile(encode(least))), least);
  OnboardProfile uicc = least;
  uicc.module = ModuleKind::uicc;
  EXPECT_EQ(tf::test::must(decode_onboard_profile(encode(uicc))), uicc);
  uicc.reader = "Virtual PCD 00 00";
  EXPECT_EQ(tf::test::must(decode_onboard_profile(encode(uicc))), uicc);
  uicc.reader.clear();
  uicc.card = "card";
  uicc.card_root = "card-root.crt";
  EXPECT_EQ(tf::test::must(decode_onboard_profile(encode(uicc))), uicc);
  const std::string good = encode(uicc);
  EXPECT_REFUSED(decode_onboard_profile(with(good, "\"card\":\"card\"", "\"card\":\"card\",\"reader\":\"r\"")), Code::invalid, "terminal.profile");
  EXPECT_REFUSED(decode_onboard_profile(with(good, "\"card\":\"card\",", "")), Code::invalid, "terminal.profile");
  EXPECT_REFUSED(decode_onboard_profile(with(good, "\"uicc\"", "\"sim\"")), Code::invalid, "terminal.profile");
}

TEST(Profile, that_says_anything_unknown_or_wrong_is_refused) {
  const std::string good = encode(kFull);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"\"dsim_id\"", "\"more\":1,\"dsim_id\""},
                                                                                 {"M2M-0001", "M2M_0001"},
                                                                                 {"https://reg.example:8450", "http://reg.example:8450"},
                                                                                 {"https://reg.example:8450", "https://reg.example:8450/path"},
                                                                                 {"https://phlr.example", "phlr.example"},
                                                                                 {"\"realm\":\"onboard\"", "\"realm\":\"on\\\"board\""},
                                                                                 {"[\"http://ocsp.example:8080/ocsp\"]", "[]"},
                                                                                 {"\"kind\":\"tpm\"", "\"kind\":\"uicc\""},
                                                                                 {"\"op-1\"", "\"\""},
                                                                                 {"\"root.crt\"", "\"\""}})
    EXPECT_REFUSED(decode_onboard_profile(with(good, from, to)), Code::invalid, "terminal.profile");
}

TEST(Profile, that_is_not_there_or_broken_is_told_with_its_path) {
  const tf::test::TemporaryDirectory place;
  EXPECT_REFUSED(read_onboard_profile(place.file("none")), Code::not_found, "terminal.no_device");
  tf::test::write_text(place.file("device.json"), "{");
  const auto broken = read_onboard_profile(place.file("."));
  EXPECT_REFUSED(broken, Code::invalid, "terminal.profile");
  EXPECT_THAT(broken.error().detail, HasSubstr("device.json"));
}

TEST(Preliminary, credentials_are_three_members_of_a_file) {
  const std::string text = R"({"pimsi": "999990000000001", "k": "465b5ce8b199b49faa5f0a2ee238a6bc", "opc": "cd63cb71954a9f4e48a5994e37a02baf"})";
  EXPECT_EQ(tf::test::must(decode_preliminary(SecretBytes(as_bytes(text)))).imsi, "999990000000001");
  for (const char* wrong : {"465b", "zz5b5ce8b199b49faa5f0a2ee238a6bc"})
    EXPECT_REFUSED(decode_preliminary(SecretBytes(as_bytes(with(text, "465b5ce8b199b49faa5f0a2ee238a6bc", wrong)))), Code::malformed, "terminal.preliminary");
}

using Factory = Scene;

TEST_F(Factory, makes_a_device_once) {
  make_device(profile());
  EXPECT_REFUSED(make_onboard_device(directory, profile(), pki.root.certificate, storage_key.clone(), random), Code::conflict, "terminal.exists");
  const auto made = facts();
  EXPECT_TRUE(made.certified);
  EXPECT_EQ(made.stage, onboard::Stage::preliminary);
  EXPECT_EQ(made.pimsi, "999990000000001");
}

TEST_F(Factory, that_was_interrupted_goes_on_with_the_same_keys) {
  const auto first = tf::test::must(make_onboard_device(directory, profile(), pki.root.certificate, storage_key.clone(), random));
  ASSERT_EQ(::unlink((directory + "/device.json").c_str()), 0);
  const auto second = tf::test::must(make_onboard_device(directory, profile(), pki.root.certificate, storage_key.clone(), random));
  EXPECT_EQ(first.signing.public_key().spki(), second.signing.public_key().spki());
  EXPECT_EQ(first.decryption.public_key().spki(), second.decryption.public_key().spki());
}

TEST_F(Factory, takes_only_certificates_of_this_module_under_its_root) {
  const auto made = tf::test::must(make_onboard_device(directory, profile(), pki.root.certificate, storage_key.clone(), random));
  auto device = tf::test::must(OnboardDevice::open(directory, storage_key.clone(), {.clock = clock, .random = random}));
  const auto certify = [&](std::vector<pki::Certificate> signing, std::vector<pki::Certificate> decryption) {
    return certify_onboard_device(directory, device.module(), {std::move(signing), std::move(decryption)},
                                  {.imsi = "999990000000001", .key = preliminary.key().clone()}, clock);
  };
  const auto signing = pki.module("onboard-module", kDevice, made.signing.public_key());
  const auto decryption = pki.module("onboard-module-decryption", kDevice, made.decryption.public_key());
  EXPECT_REFUSED(certify(pki.module("onboard-module", "M2M-0002", made.signing.public_key()), decryption), Code::refused, "onboard.other_module");
  EXPECT_REFUSED(certify(pki.module("onboard-module", kDevice, crypto::PrivateKey::generate_p256().public_key()), decryption), Code::invalid, "module.certificate");
  EXPECT_REFUSED(certify(Certificates("Another root").module("onboard-module", kDevice, made.signing.public_key()), decryption), Code::refused, "pki.untrusted");
  EXPECT_REFUSED(certify(decryption, decryption), Code::refused, "pki.wrong_usage");
  EXPECT_OK(certify(signing, decryption));
}

}  // namespace
}  // namespace tf::terminal::test
