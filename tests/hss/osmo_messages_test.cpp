// GSUP and the control interface as octets.
#include "hss/osmo/control.hpp"
#include "hss/osmo/gsup.hpp"
#include "tests/hss/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::hss::osmo {
namespace {

using hss::test::imsi_number;

// What osmo-hlr 1.5.0 answered, cut to one vector.
const std::string kTuple =
    "2010971105bbf44142429559bbe614730a782104467f34d72208177d5660e2d9e0442310d5c2c31fff18e8aaad37c0ded7e5fee924105cea6d5e7b988624336238ffb1bc7023"
    "2510a7e6fb17a88f0000db81d0c041f3794d27081ed29def58ada938";

Bytes hex(std::string text) {
  std::erase(text, ' ');
  return wire::from_hex(text).value();
}
std::string element(const std::string& tag, const std::string& content) {
  const Bytes size{static_cast<std::uint8_t>(hex(content).size())};
  return tag + wire::hex_lower(size) + content;
}

TEST(Gsup, asks_as_osmo_hlr_understands) {
  EXPECT_EQ(wire::hex_lower(encode_auth_info(imsi_number(1), {})), "08010800010100000000f1");
  Resynchronisation resync;
  resync.auts.fill(0xaa);
  resync.rand.fill(0xbb);
  EXPECT_EQ(wire::hex_lower(encode_auth_info(hss::test::must(Imsi::parse("123456")), resync)),
            "080103214365" "260eaaaaaaaaaaaaaaaaaaaaaaaaaaaa" "2010bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
}

TEST(Gsup, reads_vectors_and_causes) {
  const auto good = decode_auth_info(hex("0a010800010100000000f1" + element("03", kTuple) + element("03", kTuple) + "0a0101")).value();
  EXPECT_EQ(good.imsi, imsi_number(1));
  ASSERT_EQ(good.vectors.size(), 2U);
  EXPECT_EQ(wire::hex_lower(good.vectors[0].rand), "971105bbf44142429559bbe614730a78");
  EXPECT_EQ(wire::hex_lower(good.vectors[0].autn), "a7e6fb17a88f0000db81d0c041f3794d");
  EXPECT_EQ(wire::hex_lower(good.vectors[0].ik.reveal()), "d5c2c31fff18e8aaad37c0ded7e5fee9");
  EXPECT_EQ(wire::hex_lower(good.vectors[0].ck.reveal()), "5cea6d5e7b988624336238ffb1bc7023");
  EXPECT_EQ(wire::hex_lower(good.vectors[0].res.reveal()), "1ed29def58ada938");
  EXPECT_EQ(decode_auth_info(hex("09010800010100000000f90201020a0101")).value().cause, kCauseImsiUnknown);
}

TEST(Gsup, refuses_what_is_cut_off_doubled_or_of_another_size) {
  const std::string imsi = "010800010100000000f1";
  const std::string tuple = element("03", kTuple);
  for (const std::string& bad :
       {std::string(), std::string("0a"), "0a" + imsi, "0a" + tuple, "08" + imsi + tuple, "0a" + imsi + tuple + "0201", "0a" + imsi + imsi + tuple,
        "0a" + imsi + tuple + "020102", "09" + imsi, "09" + imsi + "02020000", "09" + imsi + tuple + "020102", "0a" + imsi + element("03", "2010" + std::string(32, '0')),
        "0a" + imsi + element("03", kTuple + "2010" + std::string(32, '0')), "0a" + imsi + element("03", kTuple.substr(0, kTuple.size() - 2)),
        "0a" + imsi + tuple + tuple + tuple + tuple + tuple + tuple, std::string("0a0102fa00") + tuple, std::string("0a01020af0") + tuple,
        std::string("0a0103f12143") + tuple, std::string("0a010121") + tuple}) {
    SCOPED_TRACE(bad);
    EXPECT_REFUSED(decode_auth_info(hex(bad)), Code::malformed, "hss.gsup");
  }
}

TEST(Control, numbers_its_commands_and_reads_the_replies) {
  EXPECT_EQ(as_text(encode({"SET", SecretBytes(as_bytes("subscriber.create 001010000000001"))}, 17).reveal()), "SET 17 subscriber.create 001010000000001");
  const auto set = parse_control(as_bytes("SET_REPLY 1 subscriber.create 1")).value();
  EXPECT_TRUE(set.done);
  EXPECT_EQ(set.number, 1U);
  EXPECT_EQ(as_text(set.value.reveal()), "1");
  EXPECT_EQ(as_text(parse_control(as_bytes("GET_REPLY 4 x.info \nid\t1\nimsi\t2")).value().value.reveal()), "\nid\t1\nimsi\t2");
  const auto error = parse_control(as_bytes("ERROR 2 Subscriber already exists.")).value();
  EXPECT_FALSE(error.done);
  EXPECT_EQ(as_text(error.value.reveal()), "Subscriber already exists.");
}

TEST(Control, refuses_what_is_no_reply) {
  for (const char* bad : {"", "ERROR", "ERROR err Request type unknown", "TRAP 0 x y", "SET 1 x y", "SET_REPLY", "SET_REPLY 1", "SET_REPLY -1 x y", "SET_REPLY 4294967296 x y",
                          "GET_REPLY 1x x y"}) {
    SCOPED_TRACE(bad);
    EXPECT_REFUSED(parse_control(as_bytes(bad)), Code::malformed, "hss.control");
  }
}

}  // namespace
}  // namespace tf::hss::osmo
