// The card in a reader and behind a modem at the same time: a program runs AKA by AT commands on a terminal line while OpenSC signs by pcscd.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "crypto/aka/milenage.hpp"
#include "crypto/aka/usim.hpp"
#include "tests/card_clients/scene.hpp"
#include "tests/support/local.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

// Test set 1 of 3GPP TS 35.208 §4.3.
constexpr const char* kK = "465b5ce8b199b49faa5f0a2ee238a6bc";
constexpr const char* kOpc = "cd63cb71954a9f4e48a5994e37a02baf";
const std::string kSelectUsim = "AT+CSIM=24,\"00A4040C07A0000000871002\"\n";

class Modem : public testing::Test {
 protected:
  void make(const std::vector<std::string>& words) {
    at = scene.in("modem");
    scene.make_card(words);
    scene.remove();
    scene.insert({"--at", at});
  }
  void make_with_usim() {
    write_text(scene.in("k"), kK);
    write_text(scene.in("opc"), kOpc);
    make({"--imsi", "001010000000001", "--iccid", "8988211000000000017", "--k", "@" + scene.in("k"), "--opc", "@" + scene.in("opc")});
  }
  [[nodiscard]] std::vector<std::string> client() const { return {"python3", TRUSTFERRY_SOURCE_DIR "/tests/clients/at_client.py", at}; }
  [[nodiscard]] std::string say(const std::string& commands) const {
    const Finished done = run(client(), commands);
    EXPECT_DONE(done);
    return done.out;
  }
  ReaderScene scene;
  std::string at;
};

template <std::size_t Size>
ByteArray<Size> fixed(const char* hex) {
  ByteArray<Size> out{};
  std::ranges::copy(*wire::from_hex(hex), out.begin());
  return out;
}

// The network's side: RAND and AUTN of that number, and what a right card answers to AUTHENTICATE.
struct Challenge {
  std::string command, answer;
};
Challenge challenge(std::uint64_t seq) {
  crypto::Milenage milenage({Secret<16>(fixed<16>(kK)), Secret<16>(fixed<16>(kOpc))});
  const crypto::Rand rand = fixed<16>("23553cbe9637a89d218ae64dae47bf35");
  const std::uint64_t sqn = seq << crypto::kIndBits;
  crypto::AkaVector vector;
  milenage.vectors(std::span(&rand, 1), std::span(&sqn, 1), crypto::Amf{0x80, 0x00}, std::span(&vector, 1));
  const auto part = [](ByteView octets) { return fmt::format("{:02X}{}", octets.size(), wire::hex_upper(octets)); };
  const std::string apdu = "0088008122" + part(vector.rand) + part(vector.autn) + "00";
  const std::string right = "DB" + part(vector.res.reveal()) + part(vector.ck.reveal()) + part(vector.ik.reveal()) + "9000";
  return {fmt::format("AT+CSIM={},\"{}\"\n", apdu.size(), apdu), fmt::format("+CSIM: {},\"{}\" OK\n", right.size(), right)};
}

TEST_F(Modem, runs_aka_while_opensc_signs_with_the_same_card) {
  make_with_usim();
  scene.make_key("9a", "RSA2048");
  write_text(scene.in("data"), "pay 12.34 EUR to the shop");
  const auto sign = [&] {
    EXPECT_DONE(scene.pkcs11({"-l", "--pin", "123456", "--id", "01", "-s", "-m", "SHA256-RSA-PKCS", "-i", scene.in("data"), "-o", scene.in("signature")}));
    const Finished verified = run({"openssl", "dgst", "-sha256", "-verify", scene.in("9a.pub"), "-signature", scene.in("signature"), scene.in("data")});
    EXPECT_TRUE(verified.out.contains("Verified OK")) << verified.out << verified.err;
  };
  EXPECT_EQ(say("AT\nATE0\nAT+CMEE=1\nAT+CPIN?\nAT+CIMI\n" + kSelectUsim), "OK\nOK\nOK\n+CPIN: READY OK\n001010000000001 OK\n+CSIM: 4,\"9000\" OK\n");
  // The reader's resets and selections are not the modem's: the USIM is selected still.
  sign();
  const Challenge first = challenge(1);
  EXPECT_EQ(say(first.command), first.answer);
  // Both at the same time.
  std::string commands, answers;
  for (std::uint64_t seq = 2; seq < 200; ++seq) {
    const Challenge next = challenge(seq);
    commands += next.command;
    answers += next.answer;
  }
  Process other = Process::start(client(), scene.in("answers"), commands);
  for (int i = 0; i < 3; ++i) sign();
  EXPECT_EQ(other.wait(), 0);
  EXPECT_EQ(read_text(scene.in("answers")), answers);
  // A number that was answered is not answered again: resynchronisation.
  EXPECT_TRUE(say(first.command).starts_with("+CSIM: 36,\"DC0E")) << "AUTS";
  sign();
}

TEST_F(Modem, says_what_is_wrong_with_a_command) {
  make_with_usim();
  EXPECT_EQ(say("AT+CSIM=10,\"00B000000G\"\n"), "ERROR\n") << "as TS 27.007 has it, until AT+CMEE";
  EXPECT_EQ(say("AT+CMEE=1\nAT+CSIM=10,\"00B000000G\"\nAT+CSIM=12,\"00B0000009\"\nAT+CSIM=9,\"00B000000\"\nAT+CGLA=3,10,\"00B0000009\"\nAT+CCHC=2\n"),
            "OK\n+CME ERROR: 50\n+CME ERROR: 50\n+CME ERROR: 50\n+CGLA: 4,\"6881\" OK\n+CME ERROR: 21\n");
  EXPECT_EQ(say("AT+CSIM=" + std::string(140000, '1') + "\nAT+CIMI\n"), "+CME ERROR: 24\n001010000000001 OK\n") << "too long; the next line is whole again";
  EXPECT_EQ(say("AT+CMEE=2\nAT+CCHO=\"A000000099\"\nAT+COPS?\n"), "OK\n+CME ERROR: not found\nERROR\n");
}

TEST_F(Modem, of_a_card_without_a_usim_has_no_sim) {
  make({});
  EXPECT_TRUE(eventually([&] { return read_text(scene.in("card.log")).contains("the card has no USIM"); })) << read_text(scene.in("card.log"));
  EXPECT_EQ(say("AT+CMEE=1\nAT+CPIN?\nAT+CIMI\n" + kSelectUsim), "OK\n+CME ERROR: 10\n+CME ERROR: 10\n+CSIM: 4,\"6A82\" OK\n");
}

TEST_F(Modem, its_line_is_there_as_long_as_the_card_is_served) {
  make_with_usim();
  struct stat seen{};
  ASSERT_EQ(::stat(at.c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777u, 0600u);
  scene.remove();
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(at)));
  write_text(at, "mine");
  const Finished refused = trustferry({"card", "serve", "--directory", scene.in("card"), "--at", at});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_TRUE(refused.err.contains("pcsc.path_exists") && refused.err.contains(at)) << refused.err;
  EXPECT_EQ(read_text(at), "mine");
}

}  // namespace
}  // namespace tf::test
