#include "hss/auc_message.hpp"

#include "tests/hss/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::hss::test {
namespace {

const std::string kAuts = "000102030405060708090a0b0c0d";
const std::string kRand = "101112131415161718191a1b1c1d1e1f";

TEST(AucMessage, reads_what_an_eap_server_sends) {
  EXPECT_EQ(std::get<AucRequest>(parse_auc("AKA-REQ-AUTH 001010000000001").value()).imsi, imsi_number(1));
  const auto auts = std::get<AucResync>(parse_auc("AKA-AUTS 001010000000001 " + kAuts + " " + kRand).value());
  EXPECT_EQ(auts.imsi, imsi_number(1));
  EXPECT_EQ(wire::hex_lower(auts.auts), kAuts);
  EXPECT_EQ(wire::hex_lower(auts.rand), kRand);
}

TEST(AucMessage, refuses_everything_else) {
  for (const std::string& bad :
       {std::string(), std::string("AKA-REQ-AUTH"), std::string("AKA-REQ-AUTH "), std::string("AKA-REQ-AUTH  001010000000001"),
        std::string("AKA-REQ-AUTH 001010000000001 "), std::string("AKA-REQ-AUTH 001010000000001 5"), std::string("AKA-REQ-AUTH 001010000000001\n"),
        std::string("aka-req-auth 001010000000001"), std::string("AKA-REQ-AUTH 12345"), std::string("AKA-REQ-AUTH 0010100000000012"),
        std::string("SIM-REQ-AUTH 001010000000001 3"), "AKA-AUTS 001010000000001 " + kAuts, "AKA-AUTS 001010000000001 " + kRand + " " + kAuts,
        "AKA-AUTS 001010000000001 " + kAuts + " " + kRand + " ", "AKA-AUTS 001010000000001 " + kAuts + " " + kRand + "00",
        "AKA-AUTS 001010000000001 " + kAuts + " " + std::string(32, 'g'), std::string("AKA-REQ-AUTH 00101000000000\0", 28),
        "AKA-REQ-AUTH " + std::string(600, '0')}) {
    SCOPED_TRACE(bad);
    EXPECT_REFUSED(parse_auc(bad), Code::malformed, "hss.auc_message");
  }
}

TEST(AucMessage, answers_with_ik_before_ck) {
  crypto::AkaVector vector;
  vector.rand.fill(0x11);
  vector.autn.fill(0x22);
  for (auto& octet : vector.ik.reveal_mutable()) octet = 0x33;
  for (auto& octet : vector.ck.reveal_mutable()) octet = 0x4f;
  for (auto& octet : vector.res.reveal_mutable()) octet = 0x5a;
  std::string expected = "AKA-RESP-AUTH 001010000000001 ";
  for (const char* octet : {"11", "22", "33", "4f"}) {
    for (int i = 0; i < 16; ++i) expected += octet;
    expected += " ";
  }
  for (int i = 0; i < 8; ++i) expected += "5a";
  EXPECT_EQ(as_text(auc_answer(imsi_number(1), vector).reveal()), expected);
  EXPECT_EQ(auc_failure(imsi_number(1)), "AKA-RESP-AUTH 001010000000001 FAILURE");
}

}  // namespace
}  // namespace tf::hss::test
