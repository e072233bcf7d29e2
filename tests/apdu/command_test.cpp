// Commands and answers as octets (ISO/IEC 7816-4 §5).
#include <gtest/gtest.h>

#include "apdu/command.hpp"
#include "apdu/response.hpp"
#include "tests/apdu/octets.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::apdu {
namespace {

using test::must;


TEST(Command, is_read_and_written_in_all_short_cases) {
  const struct {
    const char* octets;
    std::size_t data;
    std::optional<std::uint32_t> le;
  } cases[] = {{"00A40400", 0, {}}, {"00C0000000", 0, 256}, {"00C0000010", 0, 16}, {"0020008002AABB", 2, {}}, {"00CB3FFF01AA00", 1, 256}, {"00CB3FFF01AA08", 1, 8}};
  for (const auto& each : cases) {
    const CommandApdu command = must(CommandApdu::parse(hex(each.octets)));
    EXPECT_EQ(command.data.size(), each.data) << each.octets;
    EXPECT_EQ(command.le, each.le) << each.octets;
    EXPECT_FALSE(command.extended);
    EXPECT_EQ(wire::hex_upper(must(command.encode())), each.octets);
  }
}

TEST(Command, is_read_and_written_in_all_extended_cases) {
  for (const char* octets : {"00C00000000000", "00C00000000100", "00200080000002AABB", "00CB3FFF000001AA0000", "00CB3FFF000001AA0008"}) {
    const CommandApdu command = must(CommandApdu::parse(hex(octets)));
    EXPECT_TRUE(command.extended) << octets;
    EXPECT_EQ(wire::hex_upper(must(command.encode())), octets);
  }
  EXPECT_EQ(must(CommandApdu::parse(hex("00C00000000000"))).le, 65536u);
}

TEST(Command, goes_extended_by_itself_when_short_is_too_short) {
  CommandApdu command{.ins = 0xDB, .data = Bytes(256, 0xAA), .le = 256};
  const Bytes octets = must(command.encode());
  EXPECT_EQ(octets.size(), 4u + 3 + 256 + 2);
  EXPECT_EQ(must(CommandApdu::parse(octets)).data, command.data);
  command.data.resize(255);
  EXPECT_EQ(must(command.encode()).size(), 4u + 1 + 255 + 1);
  command.le = 257;
  EXPECT_EQ(must(command.encode()).size(), 4u + 3 + 255 + 2);
  command.data.resize(65536);
  EXPECT_REFUSED(command.encode(), Code::invalid, "apdu.too_long");
  EXPECT_REFUSED((CommandApdu{.le = 0}.encode()), Code::invalid, "apdu.too_long");
  EXPECT_REFUSED((CommandApdu{.le = 65537}.encode()), Code::invalid, "apdu.too_long");
}

// Every length but the right one of every command above, and every cut of it.
TEST(Command, is_refused_when_its_length_does_not_fit) {
  for (const char* text : {"0020008002AABB", "00CB3FFF01AA00", "00200080000002AABB", "00CB3FFF000001AA0000"}) {
    const Bytes whole = hex(text);
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      const auto parsed = CommandApdu::parse(ByteView(whole).first(cut));
      if (!parsed) continue;
      EXPECT_EQ(must(parsed->encode()), to_bytes(ByteView(whole).first(cut))) << "cut at " << cut << " it is read as something else";
    }
    Bytes longer = whole;
    for (int i = 0; i < 3; ++i) longer.push_back(0);
    EXPECT_FALSE(CommandApdu::parse(longer).has_value()) << text;
  }
  for (const char* text : {"", "00", "00A404", "00A4040003AA", "00A404000000", "00A40400000000AA", "00A404000003AABB", "FFA40400"})
    EXPECT_REFUSED(CommandApdu::parse(hex(text)), Code::malformed, "apdu.command");
}

TEST(Command, tells_class_channel_chaining_and_secure_messaging) {
  const auto of = [](std::uint8_t cla) { return CommandApdu{.cla = cla}; };
  EXPECT_EQ(of(0x03).channel(), 3u);
  EXPECT_EQ(of(0x82).channel(), 2u);
  EXPECT_EQ(of(0x41).channel(), 5u);
  EXPECT_TRUE(of(0x10).chained());
  EXPECT_FALSE(of(0x00).chained());
  EXPECT_TRUE(of(0x0C).secured());
  EXPECT_TRUE(of(0x84).secured());
  EXPECT_FALSE(of(0x80).secured());
  EXPECT_EQ(of(0x84).base_class(), 0x80);
}

TEST(Response, has_at_least_a_status_word) {
  EXPECT_REFUSED(ResponseApdu::parse(hex("90")), Code::malformed, "apdu.response");
  const ResponseApdu answer = must(ResponseApdu::parse(hex("AABB9000")));
  EXPECT_TRUE(answer.ok());
  EXPECT_EQ(answer.data, hex("AABB"));
  EXPECT_EQ(answer.encode(), hex("AABB9000"));
  EXPECT_EQ(describe(tries_left(2)), "63C2 (wrong, tries left)");
  EXPECT_EQ(tries_of(tries_left(2)), 2);
  EXPECT_EQ(number_of(more_data(256)), 0x6100);
}

}  // namespace
}  // namespace tf::apdu
