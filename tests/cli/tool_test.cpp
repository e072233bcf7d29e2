// The calculators, through the real program.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf {
namespace {

using test::Finished;
using test::json_of;
using test::trustferry;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kKbpk = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6";
const std::string kKey = "3F419E1CB7079442AA37474C2EFBF8B8";
const std::string kBlock =
    "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7425509593D03A457DC34";

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) { std::ofstream(path_, std::ios::binary) << content; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  test::TemporaryDirectory directory_;
  std::string path_ = directory_.file("content");
};

std::string member(const Finished& run, const char* name) { return json_of(run.out).text(name, 9999).value(); }

TEST(ToolKcv, gives_check_values_of_both_algorithms) {
  EXPECT_EQ(member(trustferry({"tool", "kcv", "--alg", "tdes", "--key", kKey, "--json"}), "kcv"), "57C409");
  const auto aes = trustferry({"tool", "kcv", "--alg", "aes", "--key", kKey, "--json"});
  EXPECT_EQ(member(aes, "kcv"), "08793E");
  EXPECT_EQ(member(aes, "kcv5"), "08793E25AB");
  EXPECT_THAT(trustferry({"tool", "kcv", "--alg", "tdes", "--key", kKey}).out, HasSubstr("57C409"));
}

TEST(ToolKcv, refuses_bad_hexadecimal_and_wrong_lengths) {
  for (const char* key : {"3F4", "XY", "3F 41", "0x3F", "3F419E1CB7079442", "3F419E1CB7079442AA37474C2EFBF8B800"}) {
    const auto run = trustferry({"tool", "kcv", "--alg", "tdes", "--key", key});
    EXPECT_EQ(run.exit_code, 3) << key;
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_THAT(run.err, testing::Not(HasSubstr("3F419E1C"))) << "a key in an error message";
  }
}

TEST(ToolSecrets, come_from_a_file_or_from_standard_input_too) {
  const TemporaryFile file(kKey + "\r\n");
  EXPECT_EQ(member(trustferry({"tool", "kcv", "--alg", "tdes", "--key", "@" + file.path(), "--json"}), "kcv"), "57C409");
  EXPECT_EQ(member(trustferry({"tool", "kcv", "--alg", "tdes", "--key", "-", "--json"}, kKey + " \n"), "kcv"), "57C409");
}

TEST(ToolSecrets, white_space_counts_but_at_the_end) {
  for (const std::string& input : {" " + kKey, "\n" + kKey, kKey.substr(0, 4) + "\n" + kKey.substr(4), std::string(), std::string("\n")})
    EXPECT_EQ(trustferry({"tool", "kcv", "--alg", "tdes", "--key", "-"}, input).exit_code, 3);
}

TEST(ToolSecrets, a_missing_file_is_not_found_and_a_large_one_refused) {
  EXPECT_EQ(trustferry({"tool", "kcv", "--alg", "tdes", "--key", "@/nonexistent/key"}).exit_code, 4);
  const TemporaryFile file(std::string(70'000, '0'));
  EXPECT_EQ(trustferry({"tool", "kcv", "--alg", "tdes", "--key", "@" + file.path()}).exit_code, 3);
  EXPECT_EQ(trustferry({"tool", "kcv", "--alg", "tdes", "--key", "-"}, std::string(70'000, '0')).exit_code, 3);
}

TEST(ToolKeyblock, decodes_a_block_of_the_standard_and_names_its_fields) {
  const auto run = trustferry({"tool", "keyblock", "decode", "--kbpk", kKbpk, kBlock, "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  auto document = json_of(run.out);
  EXPECT_EQ(document.text("key").value(), kKey);
  EXPECT_EQ(document.text("kcv").value(), "08793E");
  EXPECT_EQ(document.text("kcv5").value(), "08793E25AB");
  auto header = document.object("header").value();
  EXPECT_EQ(header.text("version").value(), "D");
  EXPECT_EQ(header.integer("length", 0, 9999).value(), 112);
  EXPECT_EQ(header.text("usage").value(), "P0");
  EXPECT_EQ(header.text("algorithm").value(), "A");
  EXPECT_EQ(header.text("mode").value(), "E");
  EXPECT_EQ(header.text("key_version").value(), "00");
  EXPECT_EQ(header.text("exportability").value(), "E");
  EXPECT_EQ(header.objects("optional_blocks", 99).value().size(), 0U);
  EXPECT_EQ(header.text("context").value(), "0");
  EXPECT_EQ(header.text("reserved").value(), "0");
  EXPECT_TRUE(header.finish());
  EXPECT_TRUE(document.finish());
}

TEST(ToolKeyblock, shows_optional_blocks) {
  const std::vector<std::string> words{"tool", "keyblock", "decode", "--kbpk", "1D22BF32387C600AD97F9B97A51311AC",
      "B0120B0TX12S0100KS1800604B120F929280000015CEB14B76D551F21EC43A75390FA118A98C6CB049E3B9E864A5F4A8B9A5108A6DB5635C95B042D7"};
  auto with_json = words;
  with_json.push_back("--json");
  auto document = json_of(trustferry(with_json).out);
  EXPECT_EQ(document.text("key").value(), "E8BC63E5479455E26577F715D587FE68");
  auto header = document.object("header").value();
  auto options = header.objects("optional_blocks", 99).value();
  ASSERT_EQ(options.size(), 1U);
  EXPECT_EQ(options[0].text("id").value(), "KS");
  EXPECT_EQ(options[0].text("data").value(), "00604B120F9292800000");
  EXPECT_THAT(trustferry(words).out, HasSubstr("00604B120F9292800000"));
}

TEST(ToolKeyblock, takes_the_block_from_a_file_or_standard_input) {
  const TemporaryFile file(kBlock + "\n");
  EXPECT_EQ(member(trustferry({"tool", "keyblock", "decode", "--kbpk", kKbpk, "@" + file.path(), "--json"}), "key"), kKey);
  EXPECT_EQ(member(trustferry({"tool", "keyblock", "decode", "--kbpk", kKbpk, "-", "--json"}, kBlock + "\n"), "key"), kKey);
}

TEST(ToolKeyblock, a_block_that_does_not_authenticate_is_refused_and_one_that_is_none_is_bad_input) {
  std::string other = kBlock;
  other.back() = '5';
  EXPECT_EQ(trustferry({"tool", "keyblock", "decode", "--kbpk", kKbpk, other}).exit_code, 5);
  EXPECT_EQ(trustferry({"tool", "keyblock", "decode", "--kbpk", std::string(64, '0'), kBlock}).exit_code, 5);
  EXPECT_EQ(trustferry({"tool", "keyblock", "decode", "--kbpk", kKbpk, kBlock.substr(2)}).exit_code, 3);
  EXPECT_EQ(trustferry({"tool", "keyblock", "decode", "--kbpk", kKbpk.substr(2), kBlock}).exit_code, 3);
  EXPECT_EQ(trustferry({"tool", "keyblock", "decode", "--kbpk", kKbpk}).exit_code, 2);
}

TEST(ToolKeyblock, encodes_what_it_decodes_whatever_length_the_header_states) {
  for (const char* header : {"D0000K1AB00N0000", "D9999P0AE12S0000", "D0112D0TB00E0020"}) {
    const auto run = trustferry({"tool", "keyblock", "encode", "--kbpk", kKbpk, "--header", header, "--key", kKey, "--json"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const std::string block = member(run, "block");
    EXPECT_EQ(block.substr(5), std::string(header).substr(5) + block.substr(16));
    EXPECT_EQ(block.size(), header[7] == 'A' ? 144U : 112U);
    const auto back = trustferry({"tool", "keyblock", "decode", "--kbpk", kKbpk, block, "--json"});
    EXPECT_EQ(member(back, "key"), kKey);
    EXPECT_EQ(member(back, "kcv"), header[7] == 'A' ? "08793E" : "57C409");
  }
}

TEST(ToolKeyblock, encodes_no_version_by_variants_and_no_header_that_does_not_exist) {
  const std::string tdes = "DD7515F2BFC17F85CE48F3CA25CB21F6";
  const auto encode = [&](const char* header, const std::string& key) {
    return trustferry({"tool", "keyblock", "encode", "--kbpk", tdes, "--header", header, "--key", key}).exit_code;
  };
  EXPECT_EQ(encode("B0000P0TE00E0000", kKey), 0);
  for (const char* header : {"A0000P0TE00E0000", "C0000P0TE00E0000", "E0000P0TE00E0000", "B0000P0TE00E00", "B0000??TE00E0000", "B0000P0TE00E0100"})
    EXPECT_EQ(encode(header, kKey), 3) << header;
  EXPECT_EQ(encode("B0000P0TE00E0000", kKey.substr(2)), 3);
}

TEST(ToolDik2, follows_the_derivation_of_the_source) {
  // computed with openssl's command line: sha256, des-ede3 encryption and decryption without padding
  const auto run = trustferry({"tool", "dik2", "--dik1", "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123", "--dsn", "any text", "--factor",
                               "000102030405060708090A0B0C0D0E0F", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(member(run, "dik2"), "1A3BFB4D40CF0E454521003C6CC214EE24C989C89605D0FF");
  EXPECT_EQ(member(run, "kcv"), "3D2B84");
}

TEST(ToolDik2, depends_on_each_of_its_inputs) {
  const std::string dik1 = "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123";
  const auto dik2 = [](const std::string& key, const char* dsn, const char* factor) {
    return member(trustferry({"tool", "dik2", "--dik1", key, "--dsn", dsn, "--factor", factor, "--json"}), "dik2");
  };
  const std::string one = dik2(dik1, "TF000001", "0011223344556677");
  EXPECT_EQ(dik2(dik1, "TF000001", "0011223344556677"), one);
  EXPECT_NE(dik2(dik1, "TF000002", "0011223344556677"), one);
  EXPECT_NE(dik2(dik1, "TF000001", "0011223344556678"), one);
  EXPECT_NE(dik2("F" + dik1.substr(1), "TF000001", "0011223344556677"), one);
}

TEST(ToolDik2, refuses_a_dik1_of_another_size) {
  EXPECT_EQ(trustferry({"tool", "dik2", "--dik1", kKey, "--dsn", "TF000001", "--factor", "0011223344556677"}).exit_code, 3);
}

TEST(ToolMilenage, gives_all_outputs_of_a_published_test_set) {
  const std::vector<std::string> rest = {"--rand", "23553cbe9637a89d218ae64dae47bf35", "--sqn", "ff9bb4d0b607", "--amf", "b9b9", "--json"};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"tool", "milenage", "--k", "-"});
    words.insert(words.end(), rest.begin(), rest.end());
    return trustferry(words, "465b5ce8b199b49faa5f0a2ee238a6bc\n");
  };
  const auto run = with({"--op", "cdc202d5123e20f62b6d676ac72cb318"});
  const std::pair<const char*, const char*> expected[] = {
      {"mac_a", "4a9ffac354dfafb3"}, {"mac_s", "01cfaf9ec4e871e9"}, {"res", "a54211d5e3ba50bf"}, {"ck", "b40ba9a3c58b2a05bbf0d987b21bf8cb"},
      {"ik", "f769bcd751044604127672711c6d3441"}, {"ak", "aa689c648370"}, {"ak_s", "451e8beca43b"}, {"opc", "cd63cb71954a9f4e48a5994e37a02baf"},
      {"autn", "55f328b43577b9b94a9ffac354dfafb3"}};
  for (const auto& [name, value] : expected) EXPECT_EQ(member(run, name), value);
  EXPECT_EQ(with({"--opc", "cd63cb71954a9f4e48a5994e37a02baf"}).out, run.out);
  EXPECT_EQ(with({}).exit_code, 3);
  EXPECT_EQ(with({"--op", "cdc202d5123e20f62b6d676ac72cb318", "--opc", "cd63cb71954a9f4e48a5994e37a02baf"}).exit_code, 3);
  EXPECT_EQ(with({"--opc", "cd63"}).exit_code, 3);
}

// 3GPP TS 35.233, test set 1, whose RES has 32 bits, and set 6, with other sizes and two iterations.
TEST(ToolTuak, gives_all_outputs_of_published_test_sets) {
  const auto with = [](std::vector<std::string> words, const std::string& k = "abababababababababababababababab") {
    words.insert(words.begin(), {"tool", "tuak", "--k", "-", "--rand", "42424242424242424242424242424242", "--sqn", "111111111111", "--amf", "ffff", "--json"});
    return trustferry(words, k + "\n");
  };
  const std::string top(64, '5'), topc = "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff";
  const auto run = with({"--top", top, "--res", "32"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::pair<const char*, std::string> expected[] = {
      {"mac_a", "f9a54e6aeaa8618d"}, {"mac_s", "e94b4dc6c7297df3"}, {"res", "657acd64"}, {"ck", "d71a1e5c6caffe986a26f783e5c78be1"},
      {"ik", "be849fa2564f869aecee6f62d4337e72"}, {"ak", "719f1e9b9054"}, {"ak_s", "e7af6b3d0e38"}, {"topc", topc}, {"autn", "608e0f8a8145fffff9a54e6aeaa8618d"}};
  for (const auto& [name, value] : expected) EXPECT_EQ(member(run, name), value);
  EXPECT_EQ(with({"--topc", topc, "--res", "32"}).out, run.out);
  EXPECT_EQ(member(with({"--topc", topc}), "res").size(), 16U) << "64 bits unless others are asked for";
  EXPECT_EQ(with({}).exit_code, 3);
  EXPECT_EQ(with({"--top", top, "--topc", topc}).exit_code, 3);
  EXPECT_EQ(with({"--topc", "bd04"}).exit_code, 3);
  EXPECT_EQ(with({"--topc", topc}, "abab").exit_code, 3);
  for (const auto& [option, value] : {std::pair("--mac", "32"), std::pair("--res", "65"), std::pair("--ck", "64"), std::pair("--ik", "0"), std::pair("--iterations", "0")})
    EXPECT_EQ(with({"--topc", topc, option, value}).exit_code, 3) << option;
  const auto large = trustferry({"tool", "tuak", "--k", "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5", "--top",
                                 "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e", "--rand", "c570aac68cde651fb1e3088322498bef",
                                 "--sqn", "c89bb71f3a41", "--amf", "297d", "--iterations", "2", "--mac", "256", "--res", "256", "--ck", "256", "--ik", "256", "--json"});
  EXPECT_EQ(member(large, "topc"), "b04a66f26c62fcd6c82de22a179ab65506ecf47f56245cd149966cfa9cec7a51");
  EXPECT_EQ(member(large, "mac_s"), "427355dbac30e825063aba61b556e87583abac638e3ab01c4c884ad9d458dc2f");
  EXPECT_EQ(member(large, "res"), "d67e6e64590d22eecba7324afa4af4460c93f01b24506d6e12047d789a94c867");
  EXPECT_EQ(member(large, "ck"), "ede57edfc57cdffe1aae75066a1b7479bbc3837438e88d37a801cccc9f972b89");
  EXPECT_EQ(member(large, "ik"), "48ed9299126e5057402fe01f9201cf25249f9c5c0ed2afcf084755daff1d3999");
  EXPECT_EQ(member(large, "ak_s"), "8c5f33b61f4e");
}

}  // namespace
}  // namespace tf

